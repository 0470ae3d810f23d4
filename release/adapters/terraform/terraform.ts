import { spawn } from 'node:child_process';
import { Failure } from '../../../domain/failure';
import type { TerraformPlan } from '../../../domain/plan/plan';
import { type Engine, sourcesOfOther } from '../../../domain/terraform/engine';
import { assertEngine, assertOwnState, newerStateFailure, otherEngineFailure } from './terraformEngine';
import { readPlanJson } from './planJson';
import { lockedProviders, refuseForeignProviders } from './terraformProviders';

/** The calls of Terraform's CLI that a release makes, in a stack's folder. */
export interface Terraform {
  /**
   * `backend` when the folder was used with another one: `reconfigure` forgets it, `migrate` copies its state. Failure
   * `FOREIGN_PROVIDER` (3) where the state brings a provider of its own, `OTHER_ENGINE` (3) where the other of Terraform and
   * OpenTofu wrote it, `STATE_NEWER` (3) where a newer one did; `UNKNOWN_ENGINE`, `ENGINE_TOO_OLD`, `ENGINE_NOT_WANTED` (2).
   */
  init(directory: string, backend?: 'reconfigure' | 'migrate'): Promise<void>;
  /**
   * Writes the plan file; says whether there is something to do. `lock: false` for readers that may not lock the state,
   * `destroy` for taking the stack away.
   */
  plan(directory: string, file: string, options?: PlanOptions): Promise<{ changes: boolean }>;
  /** Failure `PLAN_UNREADABLE` (3) for what is no plan. */
  show(directory: string, file: string): Promise<TerraformPlan>;
  /**
   * Failure `TERRAFORM_FAILED` (1) with Terraform's own last lines, `STATE_LOCKED` (3) when the state's lock could not be had.
   * @param options `lockSeconds`: how long to wait for that lock, default `LOCK_SECONDS`.
   */
  apply(directory: string, file: string, options?: { lockSeconds?: number }): Promise<void>;
  untaint(directory: string, address: string): Promise<void>;
  /** Provider source and version, from the lock file that `init` wrote. */
  providers(directory: string): Promise<Record<string, string>>;
}

export interface PlanOptions {
  readonly lock?: boolean;
  readonly destroy?: boolean;
  /** Default true; false compares with the state alone. */
  readonly refresh?: boolean;
}

/** How `init` takes another backend; `-force-copy` answers the question that nobody is there to answer. */
const BACKEND_FLAGS = { reconfigure: ['-reconfigure'], migrate: ['-migrate-state', '-force-copy'] } as const;

/**
 * How long a command waits for the state's lock: two merges plan at the same time, and a plan meets an apply, which holds the
 * lock for as long as a revision may start.
 */
export const LOCK_SECONDS = 900;
const lockTimeout = (seconds: number) => `-lock-timeout=${seconds}s`;

/** Lines of Terraform's output that an error repeats. */
const TAIL_LINES = 15;
/** `ID:        1698…` in what Terraform says of a lock. */
const LOCK_ID = /Error acquiring the state lock[\s\S]*?\bID:\s+(\S+)/;

/** What Terraform and OpenTofu say of a state's format that they do not know. */
const NEWER_STATE = /Unsupported\s+state\s+file\s+format[\s\S]*?created\s+by\s+\w+\s+(\d+\.\d+\.\d+)/;
/** A provider in what `init` says; the source of one that is named in a state alone, too. */
const SOURCE = /registry\.(?:terraform\.io|opentofu\.org)\/[\w-]+\/[\w-]+/g;

/** Runs a program to its end. */
export type Execute = (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;

/**
 * @param program path or name of the executable.
 * @param environment what the providers read besides the process's own, such as custom endpoints.
 * @param execute default: as a child process.
 * @param signal when it fires, Terraform is interrupted: it saves its state and gives back its lock.
 * @param wanted which of the two it has to be; default: either.
 */
export function terraform(
  program: string,
  environment: Readonly<Record<string, string>> = {},
  execute: Execute = spawnProgram,
  signal?: AbortSignal,
  wanted?: Engine,
): Terraform {
  let found: ReturnType<typeof assertEngine> | undefined;
  const engineAt = async (directory: string) => {
    if (found !== undefined) return found;
    const { stdout } = await run(directory, ['version']);
    return (found = assertEngine(program, stdout, wanted));
  };
  const run = async (directory: string, args: string[], allowed: number[] = [0]) => {
    const { code, stdout, stderr } = await execute(
      program,
      [`-chdir=${directory}`, ...args],
      environment,
      signal,
    );
    if (allowed.includes(code)) return { code, stdout };
    const [, lock] = LOCK_ID.exec(stderr) ?? [];
    if (lock !== undefined) throw stateLocked(program, directory, args[0]!, lock, stderr);
    if (found !== undefined) {
      const { engine, version } = found;
      const [, wrote] = NEWER_STATE.exec(stderr) ?? [];
      if (wrote !== undefined) throw newerStateFailure(directory, engine, version, wrote);
      const others = [...new Set(sourcesOfOther(stderr.match(SOURCE) ?? [], engine))];
      if (args[0] === 'init' && others.length > 0)
        throw otherEngineFailure(program, directory, engine, others);
    }
    const tail = (stderr.trim() || stdout.trim()).split('\n').slice(-TAIL_LINES).join('\n');
    throw new Failure({
      code: 'TERRAFORM_FAILED',
      message: `terraform ${args[0]} failed:\n${tail}`,
      where: directory,
      got: `exit code ${code}`,
      remedy: `mend what Terraform says; to see it all: terraform -chdir=${directory} ${args.join(' ')}`,
      exitCode: 1,
    });
  };

  return {
    async init(directory, backend) {
      const flags = backend === undefined ? [] : BACKEND_FLAGS[backend];
      const own = await engineAt(directory);
      await run(directory, ['init', '-input=false', '-no-color', ...flags]);
      const others = sourcesOfOther(Object.keys(await lockedProviders(directory)), own.engine);
      if (others.length > 0) throw otherEngineFailure(program, directory, own.engine, others);
      await refuseForeignProviders(directory, own.engine);
      // Terraform asks for the other's provider too, as seen above; OpenTofu takes Terraform's for its own.
      if (own.engine === 'tofu')
        assertOwnState(program, directory, own, (await run(directory, ['state', 'pull'])).stdout);
    },
    async plan(directory, file, { lock = true, destroy = false, refresh = true } = {}) {
      const args = [
        'plan',
        '-input=false',
        '-no-color',
        '-detailed-exitcode',
        ...(lock ? [lockTimeout(LOCK_SECONDS)] : ['-lock=false']),
        ...(destroy ? ['-destroy'] : []),
        ...(refresh ? [] : ['-refresh=false']),
        `-out=${file}`,
      ];
      return { changes: (await run(directory, args, [0, 2])).code === 2 };
    },
    async show(directory, file) {
      const read = readPlanJson((await run(directory, ['show', '-json', file])).stdout);
      if ('plan' in read) return read.plan;
      throw new Failure({
        code: 'PLAN_UNREADABLE',
        message: 'Terraform shows a plan that is none that this version reads.',
        where: directory,
        got: read.problem,
        remedy: `look at it: ${program} -chdir=${directory} show -json ${file}; then plan again`,
        exitCode: 3,
      });
    },
    async apply(directory, file, { lockSeconds = LOCK_SECONDS } = {}) {
      await run(directory, ['apply', '-input=false', '-no-color', lockTimeout(lockSeconds), file]);
    },
    async untaint(directory, address) {
      await run(directory, ['untaint', lockTimeout(LOCK_SECONDS), address]);
    },
    providers: lockedProviders,
  };
}

/** Releases take turns under the lease, so a lock that outlasts the wait is a person's, or of a process that was killed. */
function stateLocked(
  program: string,
  directory: string,
  verb: string,
  lock: string,
  stderr: string,
): Failure {
  const info = /Lock Info:[\s\S]*?(?=\n\s*\n|$)/.exec(stderr)?.[0] ?? lock;
  return new Failure({
    code: 'STATE_LOCKED',
    message: `terraform ${verb} could not get the state's lock; nothing was changed.`,
    where: directory,
    got: info.trim(),
    remedy: `if whoever holds it is still at work, run the same command again afterwards; if it was killed: ${program} -chdir=${directory} force-unlock ${lock}`,
    exitCode: 3,
  });
}

const spawnProgram: Execute = async (program, args, environment, signal) => {
  const child = spawn(program, args, {
    env: { ...process.env, TF_IN_AUTOMATION: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const interrupt = () => child.kill('SIGINT');
  signal?.addEventListener('abort', interrupt, { once: true });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', (error) =>
      reject(
        new Failure(
          {
            code: 'NO_TERRAFORM',
            message: `Terraform does not start: ${error.message}`,
            where: program,
            remedy: 'install Terraform 1.11 or newer, or name it: --terraform PATH',
            exitCode: 2,
          },
          { cause: error },
        ),
      ),
    );
    child.on('close', (status) => resolve(status ?? 1));
  }).finally(() => signal?.removeEventListener('abort', interrupt));
  return { code, stdout, stderr };
};
