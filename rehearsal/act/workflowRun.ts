import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killTree } from './processTree';

/** A step that came to an end, as act tells of it. */
export interface EndedStep {
  readonly job: string;
  readonly step: string;
  readonly result: 'success' | 'failure' | 'skipped';
}

export interface WorkflowResult {
  readonly code: number;
  readonly steps: readonly EndedStep[];
  /** What the steps printed, line by line. */
  readonly lines: readonly string[];
}

export interface WorkflowRunOptions {
  /** Program, or path of one. */
  readonly act: string;
  /** A working copy; each job gets a copy of it. */
  readonly repository: string;
  /** File in `.github/workflows`. */
  readonly workflow: string;
  readonly event: 'push' | 'workflow_dispatch';
  readonly inputs?: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** `GITHUB_…` that act would make up itself. */
  readonly github: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** When it fires the runner dies: act and everything that it has started. */
  readonly signal?: AbortSignal;
}

const STAND_INS = join(__dirname, 'actions');

/** A workflow from an event to its end, on this machine, without a container. */
export async function runWorkflow(options: WorkflowRunOptions): Promise<WorkflowResult> {
  const { act, repository, workflow, event, inputs = {}, variables, github, signal } = options;
  signal?.throwIfAborted();
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const args = [
    event,
    '--json',
    '--workflows',
    join('.github/workflows', workflow),
    '--platform',
    'ubuntu-24.04=-self-hosted',
    '--no-skip-checkout',
    ...standIns(join(repository, '.github')).flatMap((each) => ['--local-repository', each]),
    ...pairs('--input', inputs),
    ...pairs('--var', variables),
    ...pairs('--env', github),
    '--secret',
    'GITHUB_TOKEN=of-the-rehearsal',
  ];
  const child = spawn(act, args, {
    cwd: repository,
    env: { ...ownEnvironment(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const die = () => killTree(child.pid!);
  signal?.addEventListener('abort', die, { once: true });
  const steps: EndedStep[] = [];
  const lines: string[] = [];
  let rest = '';
  const read = (text: string) => {
    const all = (rest + text).split('\n');
    rest = all.pop() ?? '';
    for (const line of all) {
      const { step, message } = readLine(line);
      if (step) steps.push(step);
      lines.push(message);
      options.onLine(message);
    }
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  }).finally(() => signal?.removeEventListener('abort', die));
  return { code, steps, lines };
}

/** Without what a runner sets: this may itself be a step of a workflow, whose commit and summary are not the play's. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !/^(GITHUB|RUNNER|ACTIONS)_/.test(name)));
}

/** One of act's JSON lines. */
function readLine(line: string): { readonly step?: EndedStep; readonly message: string } {
  try {
    const { msg = '', job = '', step = '', stage, stepResult } = JSON.parse(line) as Record<string, string>;
    const message = `${job}: ${msg.trimEnd()}`;
    if (stepResult === undefined || stage !== 'Main') return { message };
    return { message, step: { job, step, result: stepResult as EndedStep['result'] } };
  } catch {
    return { message: line };
  }
}

/** `owner/name@ref=FOLDER` of every remote action that the workflows use. @throws Error for one without a stand-in. */
function standIns(folder: string): string[] {
  const there = readdirSync(STAND_INS);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yml'),
  );
  const used = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/uses: ([\w-]+\/([\w-]+)@\w+)/g)].map(
      ([, action = '', name = '']) => ({ action, name }),
    ),
  );
  const strangers = used.filter(({ name }) => !there.includes(name)).map(({ action }) => action);
  if (strangers.length > 0) throw new Error(`no stand-in below ${STAND_INS} for ${strangers.join(', ')}`);
  return [...new Set(used.map(({ action, name }) => `${action}=${join(STAND_INS, name)}`))];
}
