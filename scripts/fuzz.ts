import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { attempt } from './fuzz/attempt';
import { mutated } from './fuzz/mutate';

interface Options {
  readonly mutations: string;
  readonly first: string;
  readonly child?: boolean;
}

/** What `npm run fuzz --` takes. */
export const fuzzCommand = (): Command =>
  new Command('npm run fuzz --')
    .description(
      'Reads mutations of small valid files: each must give a page or a Failure. A process of its own for each file, so that one that dies or hangs is found.',
    )
    .argument('<files...>', 'pictures and PDFs, a few kilobytes each')
    .option('--mutations <count>', 'of each file', '10000')
    .option('--first <number>', 'of the mutations; a number is always the same mutation', '0')
    .option('--child', 'read one file in this process, and print a line for each mutation');

/** Twice as long as a page may take. */
const SILENCE_MILLISECONDS = 120_000;

export async function main(argv: readonly string[]): Promise<void> {
  const command = fuzzCommand().parse(argv);
  const { mutations, first, child } = command.opts<Options>();
  for (const file of command.args) {
    if (child) await readMutations(file, Number(first), Number(mutations));
    else if (!(await watch(file, first, mutations))) process.exitCode = 1;
  }
  // Threads that are idle do not keep it.
  if (child) process.exit();
}

async function readMutations(file: string, first: number, count: number): Promise<void> {
  const bytes = readFileSync(file);
  for (let number = first; number < first + count; number++)
    process.stdout.write(`${number} ${await attempt(mutated(bytes, number))}\n`);
}

/** Counts what a child says; false for one that died, or said nothing for long. */
async function watch(file: string, first: string, mutations: string): Promise<boolean> {
  const args = [join(__dirname, '..', 'bin', 'start.js'), 'scripts/fuzz', file, '--child'];
  const child = spawn(process.execPath, [...args, '--first', first, '--mutations', mutations], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const counts = new Map<string, number>();
  let [rest, last] = ['', 'none'];
  let silence = setTimeout(() => child.kill('SIGKILL'), SILENCE_MILLISECONDS);
  child.stdout.on('data', (chunk: Buffer) => {
    clearTimeout(silence);
    silence = setTimeout(() => child.kill('SIGKILL'), SILENCE_MILLISECONDS);
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [number = '', outcome = ''] = line.split(' ');
      last = number;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(silence);
  const outcomes = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const end = code === 0 ? '' : `; ended with ${String(code)} after mutation ${last}`;
  process.stdout.write(`${file}: ${outcomes || 'nothing'}${end}\n`);
  return code === 0;
}
