import type { Command } from 'commander';
import { Failure } from '../domain/failure';
import type { ReleaseContext } from '../release/ports/context';
import { positive } from './positive';
import { type CommonOptions, verb } from './releaseCommands';

interface BatchOptions extends CommonOptions {
  readonly out?: string;
  readonly estimate?: boolean;
  readonly start?: boolean;
  readonly follow?: boolean;
  readonly tasks?: number;
  readonly prices?: string;
}

/** A folder of Cloud Storage to text. */
export function addBatchCommands(root: Command): void {
  const batch = verb<BatchOptions>(
    root,
    'batch',
    'A folder of documents in Cloud Storage to text: what it takes, and the job that does it.',
    'production gs://my-documents/scans --out gs://my-texts/scans --estimate',
    async (context, options, [input]) => {
      const folders = { input: input as string, out: needed(options) };
      return options.start ? start(context, folders, options) : estimate(context, folders, options);
    },
    { onlyLooks: true },
  )
    // Not required of commander: it would ask a subcommand for both too.
    .argument('[input]', 'gs://BUCKET/FOLDER of the documents')
    .option('--out <folder>', 'gs://BUCKET/FOLDER for the results, beside the input')
    .option('--estimate', 'count documents and pages, with hours and USD; changes nothing')
    .option('--prices <file>', 'YAML over the price table: for other regions, or newer prices')
    .option('--start', 'write the manifest and start the job; documents that were read before are left out')
    .option('--follow', 'stay until the batch ends, and say how far it is')
    .option('--tasks <number>', 'tasks side by side; default: as many as keep the service busy', positive);
  addBatchVerbs(batch);
}

async function estimate(
  context: ReleaseContext,
  folders: { readonly input: string; readonly out: string },
  options: BatchOptions,
) {
  const [{ estimateBatch }, { batchEstimateText }] = await Promise.all([
    import('../operate/batch/estimate'),
    import('./batchText'),
  ]);
  const prices = options.prices && (await import('../deployments/prices')).loadPrices(options.prices);
  const data = await estimateBatch(context, { ...folders, ...(prices && { prices }) });
  return { text: batchEstimateText(data), data };
}

async function start(
  context: ReleaseContext,
  folders: { readonly input: string; readonly out: string },
  { tasks, follow }: BatchOptions,
) {
  const [{ startBatch }, { startedText }] = await Promise.all([
    import('../operate/batch/start'),
    import('./batchStatusText'),
  ]);
  const data = await startBatch(context, { ...folders, ...(tasks !== undefined && { tasks }) });
  if (!follow || data.outcome === 'unchanged') return { text: startedText(data), data };
  context.progress(startedText(data).split('\n')[0]!);
  return followed(context, data.name);
}

async function followed(context: ReleaseContext, name: string) {
  const [{ followBatch }, { batchStatusText }] = await Promise.all([
    import('../operate/batch/follow'),
    import('./batchStatusText'),
  ]);
  const data = await followBatch(context, name);
  return { text: batchStatusText(data), data };
}

/** What is done to a batch that is known by its name. */
function addBatchVerbs(batch: Command): void {
  const named = <Options extends CommonOptions>(
    command: string,
    description: string,
    run: (
      context: ReleaseContext,
      options: Options,
      name: string,
    ) => ReturnType<typeof followed> | Promise<{ text: string; data: object }>,
  ) =>
    verb<Options>(
      batch,
      command,
      description,
      'production-1a2b3c',
      (context, options, words) => run(context, options, words.at(-1) as string),
      { onlyLooks: true, argument: 'name', deploymentOf },
    );
  named<CommonOptions & { follow?: boolean }>(
    'status',
    'How far a batch is, and what failed.',
    async (context, { follow }, name) => {
      if (follow) return followed(context, name);
      const [{ batchStatus }, { batchStatusText }] = await Promise.all([
        import('../operate/batch/status'),
        import('./batchStatusText'),
      ]);
      const data = await batchStatus(context, name);
      return { text: batchStatusText(data), data };
    },
  ).option('--follow', 'stay until the batch ends');
  named('stop', 'Ends the tasks of a batch; what is read stays.', async (context, _options, name) => {
    const { stopBatch } = await import('../operate/batch/goOn');
    const data = await stopBatch(context, name);
    return { text: `${name} stops; go on: bin/lightonocr batch resume ${name}`, data };
  });
  named('resume', 'Goes on with what a batch has not read.', async (context, _options, name) => {
    const { resumeBatch } = await import('../operate/batch/goOn');
    const { goneOnText } = await import('./batchStatusText');
    const data = await resumeBatch(context, name);
    return { text: goneOnText(data), data };
  });
  named<CommonOptions & { suspect?: boolean }>(
    'retry-failed',
    'Reads again what failed.',
    async (context, { suspect = false }, name) => {
      const { retryFailed } = await import('../operate/batch/goOn');
      const { goneOnText } = await import('./batchStatusText');
      const data = await retryFailed(context, name, { suspect });
      return { text: goneOnText(data), data };
    },
  ).option('--suspect', 'instead: what a revision that was put back may have read');
}

/** Which deployment a batch is of, by its name. @throws Failure `BAD_INPUT` (2). */
function deploymentOf(name: string): string {
  const deployment = /^(.+)-[0-9a-f]{6}$/.exec(name)?.[1];
  if (deployment !== undefined) return deployment;
  throw new Failure({
    code: 'BAD_INPUT',
    message: 'This is no name of a batch.',
    where: 'batch',
    got: name,
    remedy: 'write it as batch --start printed it: DEPLOYMENT-1a2b3c',
    exitCode: 2,
  });
}

/** The output, once it is said what to do. @throws Failure `BAD_INPUT` (2), with everything that is missing. */
function needed({ out, estimate, start }: BatchOptions): string {
  const missing = [
    ...(out === undefined ? ['--out, the folder for the results'] : []),
    ...(estimate || start ? [] : ['--estimate or --start, what is to be done']),
  ];
  if (out !== undefined && missing.length === 0) return out;
  throw new Failure({
    code: 'BAD_INPUT',
    message: `Missing: ${missing.join('; ')}.`,
    where: 'batch',
    remedy: 'add what is missing: bin/lightonocr batch --help shows the options and an example',
    exitCode: 2,
  });
}
