import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Section } from '../runSections';
import { scratchClone } from '../scratchClone';
import { treeCpu } from '../treeCpu';

const ROOT = join(__dirname, '..', '..');
/** CPU of `npm test` and of `npm run test:fast`, at most these shares of what `npm test` took. */
const MOST_ALL = 1 / 4;
const MOST_FAST = 1 / 10;

/** What misses a limit. */
export function misses(before: number, all: number, fast: number): string[] {
  const over = (name: string, share: number, most: number) =>
    share > most ? [`${name}: ${share.toFixed(3)} of what it was, not ${most}`] : [];
  return [...over('npm test', all / before, MOST_ALL), ...over('test:fast', fast / before, MOST_FAST)];
}

export const bench: Section = {
  title: 'the tests, beside those of an earlier commit: CPU of all their processes',
  async run(print) {
    const base = scratchClone(ROOT);
    if (base === undefined) return ['the earlier commit is not in this clone'];
    const { folder, commit } = base;
    try {
      const before = await treeCpu(['npm', 'test'], { cwd: folder });
      const all = await treeCpu(['npm', 'test'], { cwd: ROOT });
      const fast = await treeCpu(['npm', 'run', 'test:fast'], { cwd: ROOT });
      print(`at ${commit}  ${before.toFixed(0)} CPU-s`);
      print(`npm test    ${all.toFixed(0)} CPU-s, ${(all / before).toFixed(2)} of that`);
      print(`test:fast   ${fast.toFixed(0)} CPU-s, ${(fast / before).toFixed(2)} of that`);
      return misses(before, all, fast);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
