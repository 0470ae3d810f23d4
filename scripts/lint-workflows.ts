import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

interface Linter {
  readonly command: string;
  readonly args: readonly string[];
  readonly install: string;
}

const LINTERS: readonly Linter[] = [
  {
    command: 'actionlint',
    args: [],
    install: 'go install github.com/rhysd/actionlint/cmd/actionlint@latest',
  },
  {
    command: 'zizmor',
    // Offline: the findings of two runs of one commit agree. Pedantic: each exception is written where it is made.
    args: ['--offline', '--persona=pedantic', '--no-progress', '--quiet', '.github'],
    install: 'pip install zizmor',
  },
];

type Outcome = 'passed' | 'failed' | 'skipped';

/** `go install` puts programs here, often outside the PATH. */
const PATH = [process.env.PATH, join(homedir(), 'go', 'bin')].join(delimiter);

function lint({ command, args, install }: Linter): Outcome {
  const { error, status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, PATH } });
  if (error && 'code' in error && error.code === 'ENOENT') {
    process.stdout.write(`skipped: ${command} is not installed (${install})\n`);
    return 'skipped';
  }
  if (error) throw error;
  process.stdout.write(`${status === 0 ? 'passed' : 'failed'}: ${command}\n`);
  return status === 0 ? 'passed' : 'failed';
}

/** Runs the linters of .github/ that are installed; a linter that is not there is counted as skipped, not as passed. */
const outcomes = LINTERS.map(lint);
const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
process.stdout.write(
  `workflows: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`,
);
process.exitCode = count('failed') > 0 ? 1 : 0;
