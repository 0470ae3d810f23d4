import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runSections, type Section } from './runSections';

/**
 * `npm run bench`: what the project claims to cost, measured beside what it is compared with. Every file in scripts/bench/
 * is a section and exports `bench`; `npm run bench -- synth` runs that one. Limits are ratios of two measurements made one
 * after the other on this machine: a slow machine passes too. Exit code 1 when a section misses its limit.
 */
const FOLDER = join(__dirname, 'bench');

async function main(wanted: readonly string[]): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const names = readdirSync(FOLDER).flatMap((file) => /^(\w+)\.ts$/.exec(file)?.[1] ?? []);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    print(`there is no section ${unknown.join(', ')}; there are: ${names.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const sections: Record<string, Section> = {};
  for (const name of wanted.length > 0 ? wanted : names) {
    sections[name] = ((await import(join(FOLDER, name))) as { bench: Section }).bench;
  }
  process.exitCode = await runSections(sections, print);
}

void main(process.argv.slice(2));
