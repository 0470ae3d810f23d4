import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const ROOT = join(__dirname, '../..');

export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `bin/lightonocr` as a person's shell or a workflow's starts it, with any credentials. */
export function startProgram(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    [join(ROOT, 'bin/lightonocr'), ...args],
    {
      cwd: ROOT,
      env: { ...process.env, GOOGLE_OAUTH_ACCESS_TOKEN: 'x', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended, out: () => out, err: () => err };
}

export const runProgram = (args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ran> =>
  startProgram(args, environment).ended;
