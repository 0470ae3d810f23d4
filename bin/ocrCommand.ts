import { once } from 'node:events';
import { fstatSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { Failure } from '../domain/failure';
import { counted } from '../domain/words';
import type { Input } from '../ocr/inputs';
import { writing } from '../ocr/outputFile';
import type { PageResult } from '../ocr/pageResult';
import type { ReleaseContext } from '../release/ports/context';
import { keepImages } from './keepImages';
import type { OutputOptions } from './ocrOutput';
import { pagesByWay, problemOf, summaryText } from './ocrSummary';
import { positive } from './positive';
import { type ProgressBar, progressBar } from './progressBar';
import { openStoppable, untilStopped } from './stoppable';

interface OcrOptions extends OutputOptions {
  readonly endpoint?: string;
  readonly keepImages?: string;
  readonly window?: number;
  readonly warmUp: boolean;
  readonly grounding?: boolean;
}

export function addOcrCommand(root: Command): void {
  root
    .command('ocr <deployment> <files...>')
    .description('Reads PDFs and images: text layers where they are usable, the service for the rest.')
    .option('--endpoint <url>', 'root of every Google API instead of the public ones')
    .addOption(
      new Option('--format <format>', 'of the output')
        .choices(['markdown', 'json', 'jsonl'])
        .default('markdown'),
    )
    .option('--out <path>', 'a file; for Markdown a folder; default: standard output')
    .option('--per-page', 'Markdown in a file a page')
    .option('--resume', 'go on with the JSON Lines in --out: pages in it are not read again')
    .option('--force-ocr', 'take no text layer for the text')
    .option('--keep-images <folder>', 'write the pictures that are sent, byte for byte')
    .option(
      '--grounding',
      'layout blocks with their boxes in JSON, and Markdown without headers and footers; reads every page',
    )
    .option(
      '--window <requests>',
      'requests at a time; default vllm.maxNumSeqs × scaling.maxInstances',
      positive,
    )
    .option('--no-warm-up', 'do not wait for the service first')
    .addHelpText(
      'after',
      '\nExamples:\n  $ bin/lightonocr ocr production scan.pdf\n  $ bin/lightonocr ocr production a.pdf b.tif --format jsonl --out pages.jsonl --resume',
    )
    .action(async (name: string, named: string[], given: OcrOptions) => {
      // A text layer has no blocks.
      const options = given.grounding ? { ...given, forceOcr: true } : given;
      const paths = [...new Set(named.map((file) => (file === '-' ? '/dev/stdin' : file)))];
      for (const path of paths) await assertExists(path);
      const { findInputs } = await import('../ocr/inputs');
      const inputs = await findInputs(paths);
      const bar = progressBar(process.stderr, () => performance.now());
      const context = await openStoppable(name, options.endpoint, bar.line);
      await untilStopped(context, () => read(context, inputs, options, bar), {
        message: 'Stopped before everything was read and written.',
        where: options.out ?? 'standard output',
        remedy: remedyOfStop(options),
      });
    });
}

async function read(
  context: ReleaseContext,
  inputs: readonly Input[],
  options: OcrOptions,
  bar: ProgressBar,
): Promise<void> {
  const files = inputs.map(({ name }) => name);
  const [{ readDocuments }, { createSummary }, { createPageReader }, { waitUntilReady }, service, outputs] =
    await Promise.all([
      import('../ocr/batch'),
      import('../ocr/pageResult'),
      import('../ocr/reader'),
      import('../ocr/warmUp'),
      import('../release/checks/ocrService'),
      import('./ocrOutput'),
    ]);
  const { vllm, scaling, page, release } = context.deployment;
  const output = outputs.ocrOutput(options, files, print);
  const there = output.kept().pages;
  if (there > 0) bar.line(`${there} pages are there already`);
  const client = await service.ocrService(context);
  const reader = createPageReader(client, {
    ...context.clock,
    warmUpBudgetSeconds: release.smoke.coldStartSeconds,
    warm: options.warmUp,
    grounding: options.grounding,
  });
  const waiting = service.warmUpOptions(context);
  const onWait = bar.waitOf(waiting.budgetSeconds);
  if (options.warmUp) await waitUntilReady(client, { ...waiting, onWait }).finally(bar.end);
  const summary = createSummary();
  const ways = pagesByWay();
  let known = 0;
  let skipped = 0;
  /** Done, and behind a page that is not: what a stop must not lose. */
  const behind = new Set<PageResult>();
  const batch = {
    reader,
    window: options.window ?? vllm.maxNumSeqs * scaling.maxInstances,
    longestSidePixels: page.longestSidePixels,
    forceOcr: options.forceOcr,
    signal: context.signal,
    onPicture: options.keepImages === undefined ? undefined : keepImages(options.keepImages, files),
    skip(document: { readonly name: string; readonly sha256: string }, number: number) {
      const there = output.skip(document, number);
      skipped += Number(there);
      return there;
    },
    onDocument({ pageCount }: { pageCount: number }) {
      known += pageCount;
      bar.draw(summary.current().pages + skipped, known, 'pages');
    },
    onPage(result: PageResult) {
      output.done(result);
      behind.add(result);
      summary.add(result);
      ways.add(result);
      if (result.status !== 'whole') bar.line(problemOf(result));
      bar.draw(summary.current().pages + skipped, known, 'pages');
    },
  };
  try {
    for await (const result of readDocuments(sourcesOf(inputs), batch)) {
      behind.delete(result);
      output.next(result);
      if (output.refused()) break;
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain', { signal: context.signal });
    }
  } finally {
    bar.end();
    // The other formats say it of each page.
    if (options.format === 'markdown') ways.lines(files).forEach(bar.line);
    bar.line(summaryText(summary.current()));
    const place = ({ document }: PageResult) => files.indexOf(document);
    const inOrder = [...behind].sort((a, b) => place(a) - place(b) || a.page - b.page);
    inOrder.forEach(output.next);
    output.finish();
  }
  await printed(context.signal);
  const { whole, pages } = summary.current();
  const kept = output.kept();
  if (kept.outdated > 0)
    bar.line(`${counted(kept.outdated, 'page')} dropped: of documents that have changed since`);
  const wrong = pages - whole + kept.notWhole;
  if (wrong > 0) throw notWhole(wrong, pages + kept.pages, options);
}

/** Node writes to a file once, and does not look how much of a text went: a full disk would cut the output silently. */
function print(text: string): void {
  const { fd } = process.stdout;
  if (fstatSync(fd).isFile()) writing('standard output', () => writeFileSync(fd, text));
  else process.stdout.write(text);
}

/** A pipe or a device says only after a while that it did not take what was printed. */
async function printed(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => process.stdout.write('', () => setImmediate(resolve)));
  signal.throwIfAborted();
}

/** Each document as its turn comes: a file of an archive is unpacked then, and not kept. */
function* sourcesOf(inputs: readonly Input[]) {
  for (const { source } of inputs) yield source();
}

/** A pipe may stand for a file, as `<(…)` or /dev/stdin does. */
async function assertExists(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  throw new Failure({
    code: 'NO_SUCH_FILE',
    message: 'There is no such file or folder.',
    where: path,
    remedy: 'name a PDF, an image, a ZIP or a folder; - or /dev/stdin is standard input',
    exitCode: 2,
  });
}

function remedyOfStop(options: OcrOptions): string {
  if (resumable(options)) return 'what was read is kept; the same command with --resume goes on';
  return options.out === undefined
    ? 'only what was printed is there; --format jsonl --out FILE keeps every page'
    : 'what was read is kept';
}

const resumable = ({ format, out }: OcrOptions) => format === 'jsonl' && out !== undefined;

function notWhole(wrong: number, pages: number, options: OcrOptions): Failure {
  return new Failure({
    code: 'PAGES_NOT_WHOLE',
    message: `${wrong} of ${pages} pages could not be read whole.`,
    where: options.out ?? 'standard output',
    remedy: resumable(options)
      ? 'mend what the lines above say, then the same command with --resume reads the failed pages again'
      : 'mend what the lines above say; the pages say it too',
    exitCode: 1,
  });
}
