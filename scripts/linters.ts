import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A linter that is no npm package. */
export interface Linter {
  readonly command: string;
  readonly args: readonly string[];
  /** The command that installs it. */
  readonly install: string;
  /** What is wrong, read from its output; default: its exit code decides, and its output is shown as it is. */
  readonly judge?: (stdout: string) => readonly string[];
}

type Outcome = 'passed' | 'failed' | 'skipped';

/** `go install` puts programs here, often outside the PATH. */
const PATH = [process.env.PATH, join(homedir(), 'go', 'bin')].join(delimiter);

function lint({ command, args, install, judge }: Linter): Outcome {
  const { error, status, stdout } = spawnSync(command, args, {
    stdio: ['ignore', judge ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PATH },
  });
  if (error && 'code' in error && error.code === 'ENOENT') {
    process.stdout.write(`skipped: ${command} is not installed (${install})\n`);
    return 'skipped';
  }
  if (error) throw error;
  const problems = judge?.(stdout) ?? [];
  for (const problem of problems) process.stdout.write(`${command}: ${problem}\n`);
  const passed = judge ? problems.length === 0 : status === 0;
  process.stdout.write(`${passed ? 'passed' : 'failed'}: ${command}\n`);
  return passed ? 'passed' : 'failed';
}

/**
 * Runs the linters that are installed and ends with `WHAT: N passed, N failed, N skipped`: a linter that is not there is
 * counted as skipped, not as passed. Sets the exit code to 1 when one has found something.
 */
export function runLinters(what: string, linters: readonly Linter[]): void {
  const outcomes = linters.map(lint);
  const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
  process.stdout.write(
    `${what}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`,
  );
  process.exitCode = count('failed') > 0 ? 1 : 0;
}
