import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant, mutantName, type Outcome, outcomeOf } from './mutants/mutant';
import MUTANTS from './mutants/mutants.json';

const ROOT = join(__dirname, '..');

/** A copy of the working copy, in which files can be spoilt. */
function scratchCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'lightonocr-mutants-'));
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of list.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path))))
    cpSync(join(ROOT, file), join(copy, file));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Whether the suites pass. */
async function pass(copy: string, suites: readonly string[]): Promise<boolean> {
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, '--runInBand', '--bail', '--silent', ...suites], {
    cwd: copy,
    stdio: 'ignore',
  });
  return (await new Promise((resolve) => child.on('close', resolve))) === 0;
}

/**
 * `npm run mutants`: breaks the program in one place after another, in a copy, and runs the suites that should see it. Words
 * choose by the start of the file's path: `npm run mutants -- domain/releases`. A mutant survives when its suites still pass;
 * one whose text is not in its file exactly once does not apply. Either is named, and the exit code is 1.
 * Ends with `mutants: N passed, N failed`, where a killed mutant has passed.
 */
export async function main([, , ...wanted]: readonly string[]): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const mutants: readonly Mutant[] = MUTANTS.filter(
    ({ file }) => wanted.length === 0 || wanted.some((start) => file.startsWith(start)),
  );
  const copy = scratchCopy();
  try {
    const suites = [...new Set(mutants.flatMap((mutant) => mutant.suites))];
    if (!(await pass(copy, suites))) {
      print('failed: the suites do not pass as things are, so that no mutant can be judged');
      process.exitCode = 1;
      return;
    }
    const count: Record<Outcome, number> = { killed: 0, survived: 0, 'does not apply': 0 };
    for (const mutant of mutants) {
      const outcome = await outcomeOf(mutant, {
        read: (file) => (existsSync(join(copy, file)) ? readFileSync(join(copy, file), 'utf8') : ''),
        write: (file, text) => writeFileSync(join(copy, file), text),
        pass: (some) => pass(copy, some),
      });
      count[outcome]++;
      if (outcome !== 'killed') print(`failed: ${outcome}: ${mutantName(mutant)}`);
    }
    const failed = count.survived + count['does not apply'];
    print(`mutants: ${count.killed} passed, ${failed} failed`);
    process.exitCode = failed > 0 || mutants.length === 0 ? 1 : 0;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
