import { once } from 'node:events';
import { fstatSync, writeFileSync } from 'node:fs';
import { Failure } from '../domain/failure';
import { counted } from '../domain/words';
import type { Input } from '../ocr/inputs/input';
import { writing } from '../ocr/outputFile';
import type { PageResult } from '../ocr/pageResult';
import { keepImages } from './keepImages';
import type { OutputOptions } from './ocrOutput';
import { pagesByWay, problemOf, summaryText } from './ocrSummary';
import type { OcrTarget } from './ocrTarget';
import type { ProgressBar } from './progressBar';

export interface OcrBatchOptions extends OutputOptions {
  readonly keepImages?: string;
  readonly window?: number;
  readonly warmUp: boolean;
  readonly grounding?: boolean;
  readonly attachments?: boolean;
  /** Of PDFs that ask for one. */
  readonly secret?: string;
}

/** Reads all inputs into the output. @throws Failure PAGES_NOT_WHOLE; what ends a batch; OUTPUT_NOT_WRITABLE. */
export async function readBatch(
  target: OcrTarget,
  inputs: readonly Input[],
  options: OcrBatchOptions,
  bar: ProgressBar,
  signal: AbortSignal,
): Promise<void> {
  const files = inputs.map(({ name }) => name);
  const [{ readDocuments }, { createSummary }, { createPageReader }, outputs] = await Promise.all([
    import('../ocr/batch'),
    import('../ocr/pageResult'),
    import('../ocr/reader'),
    import('./ocrOutput'),
  ]);
  const output = outputs.ocrOutput(options, files, print);
  const there = output.kept().pages;
  if (there > 0) bar.line(`${there} pages are there already`);
  const { budgetSeconds, clock } = target;
  const waiting = { ...clock, budgetSeconds, signal, onWait: bar.waitOf(budgetSeconds) };
  const client = await target.client(waiting, options.warmUp).finally(bar.end);
  const reader = createPageReader(client, {
    ...clock,
    warmUpBudgetSeconds: budgetSeconds,
    warm: options.warmUp,
    grounding: options.grounding,
  });
  const summary = createSummary();
  const ways = pagesByWay();
  const documents = documentOrder(files);
  let known = 0;
  let skipped = 0;
  /** Done, and behind a page that is not: what a stop must not lose. */
  const behind = new Set<PageResult>();
  const batch = {
    reader,
    window: options.window ?? target.window,
    longestSidePixels: target.longestSidePixels ?? client.ocrModel.grid.longestSidePixels,
    forceOcr: options.forceOcr,
    attachments: options.attachments,
    password: options.secret,
    signal,
    onPicture: options.keepImages === undefined ? undefined : keepImages(options.keepImages, files),
    skip(document: { readonly name: string; readonly sha256: string }, number: number) {
      const there = output.skip(document, number);
      skipped += Number(there);
      return there;
    },
    onDocument({ name, pageCount }: { name: string; pageCount: number }) {
      documents.add(name);
      known += pageCount;
      bar.draw(summary.current().pages + skipped, known, 'pages');
    },
    onPage(result: PageResult) {
      documents.add(result.document);
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
      bar.end(); // A page does not begin on the bar's line.
      behind.delete(result);
      output.next(result);
      if (output.refused()) break;
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain', { signal });
    }
  } finally {
    bar.end();
    const order = documents.inOrder();
    // The other formats say it of each page.
    if (options.format === 'markdown') ways.lines(order).forEach(bar.line);
    bar.line(summaryText(summary.current()));
    const place = new Map(order.map((name, at) => [name, at]));
    const placeOf = ({ document }: PageResult) => place.get(document) ?? order.length;
    const inOrder = [...behind].sort((a, b) => placeOf(a) - placeOf(b) || a.page - b.page);
    inOrder.forEach(output.next);
    output.finish(order);
  }
  await printed(signal);
  const { whole, pages } = summary.current();
  const kept = output.kept();
  if (kept.outdated > 0)
    bar.line(`${counted(kept.outdated, 'page')} dropped: of documents that have changed since`);
  const wrong = pages - whole + kept.notWhole;
  if (wrong > 0) throw notWhole(wrong, pages + kept.pages, options);
}

/** The files in their order, each followed by the documents that were found in it. */
function documentOrder(files: readonly string[]) {
  const found = new Map<string, string[]>(files.map((file) => [file, []]));
  let last = files[0] ?? '';
  return {
    add(name: string) {
      if (found.has(name)) last = name;
      else if (found.get(last)?.includes(name) === false) found.get(last)!.push(name);
    },
    inOrder: () => [...found].flatMap(([file, within]) => [file, ...within]),
  };
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

/** What a run can go on with. */
export const isResumable = ({ format, out }: OutputOptions) => format === 'jsonl' && out !== undefined;

function notWhole(wrong: number, pages: number, options: OutputOptions): Failure {
  return new Failure({
    code: 'PAGES_NOT_WHOLE',
    message: `${wrong} of ${pages} pages could not be read whole.`,
    where: options.out ?? 'standard output',
    remedy: isResumable(options)
      ? 'mend what the lines above say, then the same command with --resume reads the failed pages again'
      : 'mend what the lines above say; the pages say it too',
    exitCode: 1,
  });
}
