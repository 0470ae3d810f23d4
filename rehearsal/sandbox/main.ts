import { fork } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { Failure } from '../../domain/failure';
import { DEPLOYMENT } from '../stage';
import type { SandboxMessage } from './cloud';

const ROOT = join(__dirname, '../..');
/** Who runs: its process and address. */
const RECORD = join(ROOT, '.lightonocr', 'sandbox.json');
const STOP_SECONDS = 10;

interface Sandbox {
  readonly pid: number;
  readonly url: string;
}

/** What can be typed next; each works against the sandbox without an option or a variable. */
export const TRY_IT: readonly string[] = [
  `bin/lightonocr status ${DEPLOYMENT}`,
  `bin/lightonocr ocr ${DEPLOYMENT} release/golden/page.png`,
  `bin/lightonocr plan ${DEPLOYMENT} --sha HEAD`,
  `bin/lightonocr restart ${DEPLOYMENT} --reason "watch a canary"`,
  `bin/lightonocr rollback ${DEPLOYMENT} --reason "try it"`,
];

/** What `npm run sandbox --` takes. */
export const sandboxCommand = (): Command =>
  new Command('npm run sandbox --')
    .description('Leaves a local Google Cloud running, with a service on it that two releases have served.')
    .option('--stop', 'end it, and take its files away')
    .exitOverride();

export async function main(argv: readonly string[]): Promise<void> {
  try {
    const { stop: isStop } = sandboxCommand().parse(argv).opts<{ stop?: boolean }>();
    const running = await runningSandbox();
    if (isStop) process.stdout.write(await stop(running));
    else process.stdout.write(readyText(running ?? (await start())));
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (error instanceof Failure) {
      process.stderr.write(`${error.toString()}\n`);
      process.exitCode = error.exitCode;
    } else throw error;
  }
}

/** Starts it in a process of its own, which stays when this one ends. */
async function start(): Promise<Sandbox> {
  const child = fork(join(ROOT, 'bin/start.js'), ['rehearsal/sandbox/cloud'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const interrupt = () => child.kill();
  process.once('SIGINT', interrupt);
  const sandbox = await sandboxOf(child, (line) => void process.stderr.write(`  ${line}\n`));
  process.removeListener('SIGINT', interrupt);
  child.unref();
  await mkdir(join(ROOT, '.lightonocr'), { recursive: true });
  await writeFile(RECORD, JSON.stringify({ pid: sandbox.pid, url: sandbox.url }));
  return sandbox;
}

/**
 * What the process says of the sandbox, once there is one; of its progress the first lines.
 * @throws Failure `SANDBOX_NOT_STARTED` (3), with what it said or how it ended.
 */
export function sandboxOf(child: EventEmitter, progress: (line: string) => void): Promise<Sandbox> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: SandboxMessage) => {
      if (message.kind === 'progress') progress(message.line.split('\n', 1)[0]!);
      else if (message.kind === 'ready') resolve(message);
      else reject(notStarted(message.text));
    });
    child.on('exit', (code: number | null, signal: string | null) =>
      reject(notStarted(`it ended with ${signal ?? code}`)),
    );
  });
}

function notStarted(got: string): Failure {
  return new Failure({
    code: 'SANDBOX_NOT_STARTED',
    message: 'The sandbox could not be started.',
    where: 'npm run sandbox',
    got,
    remedy: 'mend what it says, then run it again',
    exitCode: 3,
  });
}

async function stop(running: Sandbox | undefined): Promise<string> {
  await rm(RECORD, { force: true });
  if (running === undefined) return 'no sandbox is running\n';
  process.kill(running.pid, 'SIGTERM');
  for (let waited = 0; waited < STOP_SECONDS && isAlive(running.pid); waited += 0.1) await wait(100);
  return `the sandbox at ${running.url} is ended\n`;
}

/** The one that was started last, if it still answers. */
async function runningSandbox(): Promise<Sandbox | undefined> {
  try {
    const sandbox = JSON.parse(await readFile(RECORD, 'utf8')) as Sandbox;
    await fetch(sandbox.url);
    return isAlive(sandbox.pid) ? sandbox : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const readyText = ({ url }: Sandbox) =>
  [
    `The sandbox runs at ${url}; deployments/${DEPLOYMENT}.yaml is the deployment on it. Try:`,
    ...TRY_IT.map((line) => `  ${line}`),
    'npm run sandbox -- --stop ends it.',
    '',
  ].join('\n');
