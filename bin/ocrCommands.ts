import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Failure } from '../domain/failure';
import type { BatchSummary, PageResult } from '../ocr/pageResult';
import type { ReleaseContext } from '../release/context';
import type { OutputOptions } from './ocrOutput';
import { progressBar } from './progressBar';

interface OcrOptions extends OutputOptions {
  readonly endpoint?: string;
  readonly forceOcr?: boolean;
  readonly window?: number;
  readonly warmUp: boolean;
}

/** How long a page waits for an open breaker: two of its openings, then the service is taken for down. */
const CIRCUIT_WAIT_SECONDS = 90;

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
    .action(async (name: string, files: string[], options: OcrOptions) => {
      for (const file of files) await needFile(file);
      const bar = progressBar(process.stderr, () => performance.now());
      const context = await open(name, options.endpoint, bar.line);
      await read(context, files, options, bar);
    });

  root
    .command('warmup <deployment>')
    .description('Waits until the service is ready, and starts more instances if asked.')
    .option('--endpoint <url>', 'root of every Google API instead of the public ones')
    .option('--instances <number>', 'instances that shall run', positive, 1)
    .option('--budget <seconds>', 'for the start; default release.smoke.coldStartSeconds', positive)
    .addHelpText('after', '\nExample:\n  $ bin/lightonocr warmup production --instances 2')
    .action(async (name: string, options: { endpoint?: string; instances: number; budget?: number }) => {
      const [{ warmInstances }, { ocrService, warmUpOptions }] = await Promise.all([
        import('../ocr/warmInstances'),
        import('../release/ocrService'),
      ]);
      const bar = progressBar(process.stderr, () => performance.now());
      const context = await open(name, options.endpoint, bar.line);
      const { instances } = options;
      const { concurrency } = context.deployment.scaling;
      const { budgetSeconds, ...waiting } = warmUpOptions(context, options.budget);
      const onWait = (seconds: number, answer: string) =>
        bar.draw(Math.floor(seconds), budgetSeconds, `s of the budget (${answer})`);
      const client = await ocrService(context);
      const warmed = await warmInstances(client, {
        ...waiting,
        budgetSeconds,
        instances,
        concurrency,
        onWait: process.stderr.isTTY ? onWait : waiting.onWait,
      });
      bar.end();
      process.stdout.write(
        `ready after ${warmed.seconds.toFixed(1)} s; ${warmed.answered} of ${warmed.sent} requests answered\n`,
      );
      if (warmed.answered < warmed.sent) throw notAllAnswered(warmed.failures, instances);
    });
}

async function open(name: string, endpoint: string | undefined, progress: (line: string) => void) {
  const [{ openRelease }, { loadDeployment }] = await Promise.all([
    import('../release/open'),
    import('../deployments/load'),
  ]);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  return openRelease({ endpoint, deployment: loadDeployment(name), signal: abort.signal, progress });
}

async function read(
  context: ReleaseContext,
  files: readonly string[],
  options: OcrOptions,
  bar: ReturnType<typeof progressBar>,
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
  const output = outputs.ocrOutput(options, files, (text) => void process.stdout.write(text));
  if (output.kept > 0) bar.line(`${output.kept} pages are there already`);
  const client = await service.ocrService(context);
  if (options.warmUp) await waitUntilReady(client, service.warmUpOptions(context));
  const summary = createSummary();
  let known = 0;
  const batch = {
    reader: createPageReader(client, {
      ...context.clock,
      warmUpBudgetSeconds: release.smoke.coldStartSeconds,
      circuitWaitSeconds: CIRCUIT_WAIT_SECONDS,
    }),
    window: options.window ?? vllm.maxNumSeqs * scaling.maxInstances,
    longestSidePixels: page.longestSidePixels,
    forceOcr: options.forceOcr,
    signal: context.signal,
    skip: output.skip,
    onDocument: ({ pageCount }: { pageCount: number }) => (known += pageCount),
    onPage(result: PageResult) {
      output.done(result);
      summary.add(result);
      if (result.status !== 'whole') bar.line(problemOf(result));
      bar.draw(summary.current().pages + output.kept, known, 'pages');
    },
  };
  try {
    for await (const result of readDocuments(files, batch)) output.next(result);
  } catch (error) {
    throw context.signal.aborted ? stopped(options) : error;
  } finally {
    output.finish();
    bar.end();
    bar.line(summaryText(summary.current()));
  }
  const { whole, pages } = summary.current();
  if (whole < pages) throw notWhole(pages - whole, pages, options);
}

function summaryText(summary: BatchSummary): string {
  const { pages, documents, fromOcr, fromTextLayer } = summary;
  const wrong = (['truncated', 'repetitive', 'failed'] as const)
    .filter((status) => summary[status] > 0)
    .map((status) => `, ${summary[status]} ${status}`)
    .join('');
  return `${pages} pages of ${documents} documents: ${fromOcr} by the service, ${fromTextLayer} from text layers${wrong}`;
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

async function needFile(file: string): Promise<void> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return;
  throw new Failure({
    code: 'NO_SUCH_FILE',
    message: 'There is no such file.',
    where: file,
    remedy: 'name a PDF or an image',
    exitCode: 2,
  });
}

function notWhole(wrong: number, pages: number, { format, out }: OcrOptions): Failure {
  return new Failure({
    code: 'PAGES_NOT_WHOLE',
    message: `${wrong} of ${pages} pages could not be read whole.`,
    where: out ?? 'standard output',
    remedy:
      format === 'jsonl' && out !== undefined
        ? 'mend what the lines above say, then the same command with --resume reads the failed pages again'
        : 'mend what the lines above say; the pages say it too',
    exitCode: 1,
  });
}

function stopped({ format, out }: OcrOptions): Failure {
  return new Failure({
    code: 'STOPPED',
    message: 'Stopped before the last page.',
    where: out ?? 'standard output',
    remedy: `what was read is kept${format === 'jsonl' && out !== undefined ? '; the same command with --resume goes on' : ''}`,
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
