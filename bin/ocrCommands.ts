import { once } from 'node:events';
import { fstatSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Failure, type FailureDetails } from '../domain/failure';
import { counted } from '../domain/words';
import { writing } from '../ocr/outputFile';
import type { BatchSummary, PageResult } from '../ocr/pageResult';
import type { ReleaseContext } from '../release/context';
import type { OutputOptions } from './ocrOutput';
import { type ProgressBar, progressBar } from './progressBar';

interface OcrOptions extends OutputOptions {
  readonly endpoint?: string;
  readonly window?: number;
  readonly warmUp: boolean;
}

interface WarmUpCommandOptions {
  readonly endpoint?: string;
  readonly instances: number;
  readonly budget?: number;
  readonly json?: boolean;
}

/** Commands that read documents. */
export function addOcrCommands(root: Command): void {
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
    .action(async (name: string, named: string[], options: OcrOptions) => {
      const files = [...new Set(named.map((file) => (file === '-' ? '/dev/stdin' : file)))];
      for (const file of files) await needFile(file);
      const bar = progressBar(process.stderr, () => performance.now());
      const context = await open(name, options.endpoint, bar.line);
      await untilStopped(context, () => read(context, files, options, bar), {
        message: 'Stopped before everything was read and written.',
        where: options.out ?? 'standard output',
        remedy: remedyOfStop(options),
      });
    });

  root
    .command('warmup <deployment>')
    .description('Waits until the service is ready, and starts more instances if asked.')
    .option('--endpoint <url>', 'root of every Google API instead of the public ones')
    .option('--instances <number>', 'instances that shall run', positive, 1)
    .option('--budget <seconds>', 'for the start; default release.smoke.coldStartSeconds', positive)
    .addHelpText('after', '\nExample:\n  $ bin/lightonocr warmup production --instances 2')
    .option('--json', 'print data')
    .action(async (name: string, options: WarmUpCommandOptions) => {
      const bar = progressBar(process.stderr, () => performance.now());
      const context = await open(name, options.endpoint, bar.line);
      await untilStopped(context, () => warmUp(context, options, bar), {
        message: 'Stopped before the service was ready.',
        where: context.deployment.service,
        remedy: 'nothing has to be put back; an instance that was started goes by itself when it is idle',
      });
    });
}

async function warmUp(
  context: ReleaseContext,
  { instances, budget, json }: WarmUpCommandOptions,
  bar: ProgressBar,
): Promise<void> {
  const [{ warmInstances }, { ocrService, warmUpOptions }] = await Promise.all([
    import('../ocr/warmInstances'),
    import('../release/ocrService'),
  ]);
  const { concurrency } = context.deployment.scaling;
  const { budgetSeconds, ...waiting } = warmUpOptions(context, budget);
  const onWait = (seconds: number, answer: string) => bar.drawWait(seconds, budgetSeconds, answer);
  const warmed = await warmInstances(await ocrService(context), {
    ...waiting,
    budgetSeconds,
    instances,
    concurrency,
    onWait: process.stderr.isTTY ? onWait : waiting.onWait,
  });
  bar.end();
  const { seconds, answered, sent, failures } = warmed;
  const text = `ready after ${seconds.toFixed(1)} s; ${answered} of ${sent} requests answered`;
  process.stdout.write(`${json ? JSON.stringify(warmed) : text}\n`);
  if (answered < sent) throw notAllAnswered(failures, instances);
}

async function open(name: string, endpoint: string | undefined, progress: (line: string) => void) {
  const [{ openRelease }, { loadDeployment }] = await Promise.all([
    import('../release/open'),
    import('../deployments/load'),
  ]);
  const abort = new AbortController();
  const stop = (why: string) => abort.abort(new DOMException(why, 'AbortError'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
  // `| head` closes it: pages that nobody takes are not read.
  process.stdout.on('error', ({ message }: Error) => stop(message));
  process.stderr.on('error', () => undefined);
  return openRelease({ endpoint, deployment: loadDeployment(name), signal: abort.signal, progress });
}

/** A command that was stopped says what that means for it. */
async function untilStopped(
  { signal }: ReleaseContext,
  act: () => Promise<void>,
  about: Pick<FailureDetails, 'message' | 'where' | 'remedy'>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!signal.aborted || (error as Failure).code === 'OUTPUT_NOT_WRITABLE') throw error;
    const got = (signal.reason as Error).message;
    throw new Failure({ code: 'STOPPED', ...about, got, exitCode: 1 }, { cause: error });
  }
}

async function read(
  context: ReleaseContext,
  files: readonly string[],
  options: OcrOptions,
  bar: ProgressBar,
): Promise<void> {
  const [{ readDocuments }, { createSummary }, { createPageReader }, { waitUntilReady }, service, outputs] =
    await Promise.all([
      import('../ocr/batch'),
      import('../ocr/pageResult'),
      import('../ocr/reader'),
      import('../ocr/warmUp'),
      import('../release/ocrService'),
      import('./ocrOutput'),
    ]);
  const { vllm, scaling, page, release } = context.deployment;
  const output = outputs.ocrOutput(options, files, print);
  const there = output.kept().pages;
  if (there > 0) bar.line(`${there} pages are there already`);
  const client = await service.ocrService(context);
  if (options.warmUp) await waitUntilReady(client, service.warmUpOptions(context));
  const summary = createSummary();
  let known = 0;
  let skipped = 0;
  /** Done, and behind a page that is not: what a stop must not lose. */
  const waiting = new Set<PageResult>();
  const batch = {
    reader: createPageReader(client, {
      ...context.clock,
      warmUpBudgetSeconds: release.smoke.coldStartSeconds,
      warm: options.warmUp,
    }),
    window: options.window ?? vllm.maxNumSeqs * scaling.maxInstances,
    longestSidePixels: page.longestSidePixels,
    forceOcr: options.forceOcr,
    signal: context.signal,
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
      waiting.add(result);
      summary.add(result);
      if (result.status !== 'whole') bar.line(problemOf(result));
      bar.draw(summary.current().pages + skipped, known, 'pages');
    },
  };
  try {
    for await (const result of readDocuments(files, batch)) {
      waiting.delete(result);
      output.next(result);
      if (output.refused()) break;
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain', { signal: context.signal });
    }
  } finally {
    bar.end();
    bar.line(summaryText(summary.current()));
    const place = ({ document }: PageResult) => files.indexOf(document);
    const inOrder = [...waiting].sort((a, b) => place(a) - place(b) || a.page - b.page);
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

function summaryText(summary: BatchSummary): string {
  const { pages, documents, fromOcr, fromTextLayer } = summary;
  const wrong = (['truncated', 'repetitive', 'failed'] as const)
    .filter((status) => summary[status] > 0)
    .map((status) => `, ${summary[status]} ${status}`)
    .join('');
  return `${counted(pages, 'page')} of ${counted(documents, 'document')}: ${fromOcr} by the service, ${fromTextLayer} from text layers${wrong}`;
}

function problemOf({ document, page, status, error, warnings }: PageResult): string {
  const what = error
    ? `${error.code}: ${error.message}${error.got ? ` (${error.got})` : ''}`
    : warnings.join('; ');
  return `${document}${page > 0 ? `, page ${page}` : ''} ${status}: ${what}`;
}

function positive(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('a whole number from 1 is needed');
}

/** A pipe may stand for a file, as `<(…)` or /dev/stdin does. */
async function needFile(file: string): Promise<void> {
  const folder = await stat(file).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  if (folder === false) return;
  throw new Failure({
    code: folder ? 'NOT_A_FILE' : 'NO_SUCH_FILE',
    message: folder ? 'A folder, not a file.' : 'There is no such file.',
    where: file,
    remedy: folder
      ? `name the files in it: ${file}/*`
      : 'name a PDF or an image; - or /dev/stdin is standard input',
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

function notAllAnswered(failures: readonly string[], instances: number): Failure {
  return new Failure({
    code: 'NOT_ALL_WARM',
    message: `Not every request that was to start ${instances} instances was answered.`,
    where: 'warmup',
    got: [...new Set(failures)].join(', '),
    remedy: 'see scaling.maxInstances, the GPU quota and the logs of the revision',
    exitCode: 1,
  });
}
