import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import {
  type Comparison,
  comparison,
  type ReadPage,
  type Side,
  type Truth,
} from '../../domain/compare/comparison';
import { instanceHour } from '../../domain/cost/cost';
import { Failure } from '../../domain/failure';
import type { PriceList } from '../../domain/cost/prices';
import { readDocuments } from '../../ocr/batch';
import { createPageReader } from '../../ocr/reader';
import { waitUntilReady } from '../../ocr/warmUp';
import { warmUpOptions } from '../../release/checks/ocrService';
import type { ReleaseContext } from '../../release/ports/context';
import { type Asked, bothSides } from './candidate';

/** Text that is right, beside a document: `scan.txt` or `scan.md` beside `scan.png`; pages of one are parted by form feeds. */
const TRUTHS = ['.txt', '.md'];

export interface CompareOptions {
  /** A revision with a tag, or the model of one. */
  readonly candidate: string;
  /** A folder of documents, with texts beside them or not. */
  readonly pages: string;
  readonly prices?: PriceList;
}

/**
 * Reads the documents of a folder by what serves, then by the candidate, without text layers; the service's traffic stays as it
 * is. What serves is asked beside its callers, so its rate is lower than it could be.
 * @throws Failure `NO_PAGES`, NO_CANDIDATE, exit code 2; what reading a page throws when every other page would have it too.
 */
export async function compare(context: ReleaseContext, options: CompareOptions): Promise<Comparison> {
  const { documents, truth } = folderOf(context.deployment.name, options.pages);
  const sides = await bothSides(context, options.candidate);
  const served = await read(context, sides.served, documents);
  const candidate = await read(context, sides.candidate, documents);
  const { region, size } = context.deployment;
  return comparison(served, candidate, truth, instanceHour(region, size, options.prices));
}

/** Documents by their names in the folder; a truth by its page. */
function folderOf(deployment: string, folder: string): { documents: string[]; truth: Truth } {
  let names: string[];
  try {
    names = readdirSync(folder).filter(
      (name) => !name.startsWith('.') && statSync(join(folder, name)).isFile(),
    );
  } catch (error) {
    throw noPages(deployment, folder, (error as NodeJS.ErrnoException).code ?? String(error));
  }
  const documents = names.filter((name) => !TRUTHS.includes(parse(name).ext.toLowerCase())).sort();
  if (documents.length === 0) throw noPages(deployment, folder, 'no document');
  const texts = new Map(
    documents.flatMap((name) => {
      const beside = TRUTHS.map((ext) => `${parse(name).name}${ext}`).find((each) => names.includes(each));
      return beside === undefined
        ? []
        : [[join(folder, name), readFileSync(join(folder, beside), 'utf8').split('\f')] as const];
    }),
  );
  return {
    documents: documents.map((name) => join(folder, name)),
    truth: (document, page) => texts.get(document)?.[page - 1],
  };
}

const noPages = (deployment: string, folder: string, got: string) =>
  new Failure({
    code: 'NO_PAGES',
    message: 'There is nothing to compare by.',
    where: folder,
    got,
    remedy: `name a folder with pictures or PDFs: bin/lightonocr compare ${deployment} --candidate REVISION --pages FOLDER`,
    exitCode: 2,
  });

async function read(context: ReleaseContext, side: Asked, documents: readonly string[]): Promise<Side> {
  const { revision, model, client, longestSidePixels } = side;
  context.progress(`${revision} (${model}) reads ${documents.length} documents`);
  await waitUntilReady(client, warmUpOptions(context));
  const started = context.clock.now().getTime();
  const pages: ReadPage[] = [];
  const results = readDocuments(documents, {
    reader: createPageReader(client, { ...context.clock }),
    window: context.deployment.vllm.maxNumSeqs,
    longestSidePixels,
    forceOcr: true,
    signal: context.signal,
  });
  for await (const { document, page, status, text, seconds } of results)
    pages.push({ document, page, status, text, seconds });
  return { revision, model, pages, seconds: (context.clock.now().getTime() - started) / 1000 };
}
