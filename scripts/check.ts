import { spawn } from 'node:child_process';

/**
 * Every gate of the project, one after the other, and one true total at the end: `N passed, N failed, N skipped`.
 * A gate that counts for itself (jest, the workflow linters) counts as it says; any other is one. Further commands on the
 * command line are further gates: `npm run check -- "npx -p node@24 node node_modules/jest/bin/jest.js"`.
 */
const GATES = [
  'npx prettier --check .',
  'npx eslint .',
  'npm run --silent lint:workflows',
  'npm run --silent lint:image',
  'npm run --silent typecheck',
  'npm run --silent synth',
  'npm test --silent',
  'npm run --silent rehearse',
];

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `…: 3 passed, 0 failed, 1 skipped`, as the project's own scripts end. */
const OWN_TOTAL = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/m;
/** `Tests: 1 failed, 2 skipped, 300 passed, 303 total`, as jest ends. */
const JEST_TOTAL = /^Tests:.*total/m;

function countOf(output: string, code: number): Count {
  const own = OWN_TOTAL.exec(output);
  const jest = JEST_TOTAL.exec(output)?.[0];
  const number = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(jest ?? '')?.[1] ?? 0);
  const count = jest
    ? { passed: number('passed'), failed: number('failed'), skipped: number('skipped') + number('todo') }
    : {
        passed: Number(own?.[1] ?? (code === 0 ? 1 : 0)),
        failed: Number(own?.[2] ?? 0),
        skipped: Number(own?.[3] ?? 0),
      };
  // A gate that failed has failed, whatever it counted.
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

async function run(command: string): Promise<Count> {
  process.stdout.write(`\n==> ${command}\n`);
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const [stream, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      to.write(text);
    });
  }
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  const count = countOf(output.replace(/\x1b\[[0-9;]*m/g, ''), code);
  process.stdout.write(`==> ${code === 0 ? 'ok' : `FAILED (exit code ${code})`}: ${command}\n`);
  return count;
}

async function main(): Promise<void> {
  const counts: Count[] = [];
  for (const command of [...GATES, ...process.argv.slice(2)]) counts.push(await run(command));
  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

void main();
