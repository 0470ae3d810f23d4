import { bench as cli } from './bench/cli';
import { bench as ocr } from './bench/ocr';
import { bench as synth } from './bench/synth';
import { bench as tests } from './bench/tests';
import { runSections, type Section } from './runSections';

/**
 * `npm run bench`: what the project claims to cost, measured beside what it is compared with. Every file in scripts/bench/
 * is a section; `npm run bench -- synth` runs that one. Limits are ratios of two measurements made one after the other on this
 * machine: a slow machine passes too. Exit code 1 when a section misses its limit.
 */
const SECTIONS: Readonly<Record<string, Section>> = { cli, ocr, synth, tests };
/** Minutes, all the tests twice among them: only when it is named. */
const NAMED_ONLY = ['tests'];

export async function main([, , ...wanted]: readonly string[]): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const names = Object.keys(SECTIONS);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    print(`there is no section ${unknown.join(', ')}; there are: ${names.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const chosen = Object.entries(SECTIONS).filter(([name]) =>
    wanted.length === 0 ? !NAMED_ONLY.includes(name) : wanted.includes(name),
  );
  process.exitCode = await runSections(Object.fromEntries(chosen), print);
}
