import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { table } from '../bin/table';
import { filesIn } from '../ocr/inputs/folder';
import { disagreements } from './corpus/disagreements';
import { examine, type FileRow } from './corpus/examine';
import { disagreementPage } from './corpus/page';
import { installed, OTHERS } from './corpus/secondOpinion';

interface Options {
  readonly out: string;
  readonly pages: string;
}

/** What `npm run corpus --` takes. */
export const corpusCommand = (): Command =>
  new Command('npm run corpus --')
    .description(
      'Reads every document of a folder as the client does, without a service, and beside it poppler, qpdf and MuPDF where they are installed: where they disagree, somebody should look.',
    )
    .argument('<folder>', 'documents of any kind, fetched by whoever runs it')
    .option('--out <folder>', 'disagreements.html and files.jsonl go there', '.lightonocr/corpus')
    .option('--pages <count>', 'of each document, from the first', '5');

/** Documents at a time: the threads that draw are bounded by themselves. */
const AT_A_TIME = 2;

/** What a run has found is there although somebody ends it. */
const KEPT_EVERY = 25;

export async function main(argv: readonly string[]): Promise<void> {
  const command = corpusCommand().parse(argv);
  const [folder = ''] = command.args;
  const { out, pages } = command.opts<Options>();
  const have = installed();
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const missing = OTHERS.filter((program) => !have.has(program));
  if (missing.length > 0) print(`not installed, and not asked: ${missing.join(', ')}`);
  const files = await filesIn(folder);
  const rows: FileRow[] = [];
  const next = files.values();
  const loop = async () => {
    for (const file of next) {
      rows.push(await examine(file, Number(pages), have, () => performance.now()));
      if (rows.length % KEPT_EVERY === 0) write(out, rows);
      if (process.stderr.isTTY) process.stderr.write(`\r${rows.length}/${files.length}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, loop));
  rows.sort((one, other) => files.indexOf(one.file) - files.indexOf(other.file));
  write(out, rows);
  summary(rows).forEach(print);
  print(`${disagreements(rows).length} disagreements to look at: ${join(out, 'disagreements.html')}`);
}

function write(out: string, rows: readonly FileRow[]): void {
  mkdirSync(out, { recursive: true });
  const withoutPictures = (key: string, value: unknown) =>
    key === 'picture' || key === 'other' ? undefined : value;
  const lines = rows.map((row) => `${JSON.stringify(row, withoutPictures)}\n`);
  writeFileSync(join(out, 'files.jsonl'), lines.join(''));
  writeFileSync(join(out, 'disagreements.html'), disagreementPage(disagreements(rows)));
}

/** Files by what became of them, pages by what decided, disagreements by kind. */
function summary(rows: readonly FileRow[]): string[] {
  const pages = rows.flatMap((row) => row.rows);
  const blocks = [
    ['documents', rows.map(({ failed }) => failed?.split(' ')[0] ?? 'opened')],
    ['pages', pages.map(({ decision }) => decision.split(' ')[0]!)],
    ['warnings', pages.flatMap(({ warnings }) => warnings.map((warning) => warning.split(':')[0]!))],
    ['disagreements', disagreements(rows).map(({ kind }) => kind)],
  ] as const;
  return blocks.flatMap(([title, names]) => table(title, [title, 'count'], countsOf(names)));
}

function countsOf(names: readonly string[]): [string, string][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]).map(([name, count]) => [name, String(count)]);
}
