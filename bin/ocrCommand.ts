import { type Command, Option } from 'commander';
import { Failure } from '../domain/failure';
import { isResumable, type OcrBatchOptions, readBatch } from './ocrBatch';
import { passwordFrom } from './password';
import { positive } from './positive';
import { progressBar } from './progressBar';
import { stopSignal, untilStopped } from './stoppable';

interface OcrOptions extends OcrBatchOptions {
  readonly url?: string;
  readonly model?: string;
  readonly endpoint?: string;
  readonly password?: string;
}

export function addOcrCommand(root: Command): void {
  root
    .command('ocr [deployment] [files...]')
    .description('Reads PDFs and images: text layers where they are usable, the service for the rest.')
    .option('--url <url>', "any vLLM server instead of the deployment's service; deployment optional")
    .option(
      '--model <name>',
      'with --url: name in /v1/models; default the only one, or the one that is known',
    )
    .option('--endpoint <url>', 'base URL for all Google APIs')
    .addOption(
      new Option('--format <format>', 'of the output')
        .choices(['markdown', 'json', 'jsonl'])
        .default('markdown'),
    )
    .option('--out <path>', 'a file; for Markdown a folder; default: standard output')
    .option('--per-page', 'Markdown in a file a page')
    .option('--resume', 'go on with the JSON Lines in --out: pages in it are not read again')
    .option('--force-ocr', 'take no text layer for the text')
    .option('--attachments', 'read files that are embedded in PDFs too')
    .option(
      '--password <file>',
      'its first line opens encrypted PDFs; or env:NAME; default LIGHTONOCR_PASSWORD',
    )
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
      '\nExamples:\n  $ bin/lightonocr ocr production scan.pdf\n  $ bin/lightonocr ocr production a.pdf b.tif --format jsonl --out pages.jsonl --resume\n  $ bin/lightonocr ocr --url http://localhost:8000 scans/',
    )
    .action(async (name: string | undefined, named: string[], given: OcrOptions) => {
      const signal = stopSignal();
      const { deployment, files } = await operands(name, named, given);
      const secret = await secretOf(given);
      // A text layer has no blocks.
      const options = { ...given, secret, forceOcr: given.grounding ? true : given.forceOcr };
      const bar = progressBar(process.stderr, () => performance.now());
      const [{ ocrTarget }, { findInputs }] = await Promise.all([
        import('./ocrTarget'),
        import('../ocr/inputs/findInputs'),
      ]);
      const read = async () => {
        const { url, model, endpoint } = given;
        const target = await ocrTarget({ deployment, url, model, endpoint }, signal);
        const inputs = await findInputs(files, { objects: target.objects });
        await readBatch(target, inputs, options, bar, signal);
      };
      await untilStopped(signal, read, {
        message: 'Stopped before everything was read and written.',
        where: options.out ?? 'standard output',
        remedy: remedyOfStop(options),
      });
    });
}

/** With `--url` the first word is a file too, unless it is a deployment's name. */
async function operands(
  name: string | undefined,
  named: readonly string[],
  { url, model }: OcrOptions,
): Promise<{ deployment?: string; files: readonly string[] }> {
  if (url === undefined && model !== undefined) throw usage('--model', 'goes with --url.');
  if (name === undefined)
    throw usage('arguments', 'name a deployment and its documents, or --url and documents.');
  const { deploymentNames } = await import('../deployments/load');
  const isFile = url !== undefined && !deploymentNames().includes(name);
  const files = isFile ? [name, ...named] : named;
  if (files.length === 0) throw usage('arguments', 'no document is named.');
  return isFile ? { files } : { deployment: name, files };
}

async function secretOf({ password }: OcrOptions): Promise<string | undefined> {
  const { releaseEnvironment } = await import('../deployments/environment');
  return password === undefined ? releaseEnvironment(process.env).password : passwordFrom(password);
}

function remedyOfStop(options: OcrOptions): string {
  if (isResumable(options)) return 'what was read is kept; the same command with --resume goes on';
  return options.out === undefined
    ? 'only what was printed is there; --format jsonl --out FILE keeps every page'
    : 'what was read is kept';
}

function usage(where: string, message: string): Failure {
  return new Failure({ code: 'USAGE', message, where, remedy: 'lightonocr ocr --help', exitCode: 2 });
}
