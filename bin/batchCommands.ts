import type { Command } from 'commander';
import { Failure } from '../domain/failure';
import { type CommonOptions, verb } from './releaseCommands';

interface BatchOptions extends CommonOptions {
  readonly out?: string;
  readonly estimate?: boolean;
  readonly prices?: string;
}

/** A folder of Cloud Storage to text. */
export function addBatchCommands(root: Command): void {
  verb<BatchOptions>(
    root,
    'batch',
    'A folder of documents in Cloud Storage to text: how many pages, how long, for how much.',
    'production gs://my-documents/scans --out gs://my-texts/scans --estimate',
    async (context, options, [input]) => {
      const out = needed(options);
      const [{ estimateBatch }, { batchEstimateText }] = await Promise.all([
        import('../operate/batch/estimate'),
        import('./batchText'),
      ]);
      const prices = options.prices && (await import('../deployments/prices')).loadPrices(options.prices);
      const data = await estimateBatch(context, {
        input: input as string,
        out,
        ...(prices && { prices }),
      });
      return { text: batchEstimateText(data), data };
    },
    { onlyLooks: true },
  )
    .argument('<input>', 'gs://BUCKET/FOLDER of the documents')
    // Not required of commander: it would ask a subcommand for it too.
    .option('--out <folder>', 'gs://BUCKET/FOLDER for the results, beside the input')
    .option('--estimate', 'count documents and pages, with hours and USD; changes nothing')
    .option('--prices <file>', 'YAML over the price table: for other regions, or newer prices');
}

/** The output, once it is said what to do. @throws Failure `BAD_INPUT` (2), with everything that is missing. */
function needed({ out, estimate }: BatchOptions): string {
  const missing = [
    ...(out === undefined ? ['--out, the folder for the results'] : []),
    ...(estimate ? [] : ['--estimate, what is to be done']),
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
