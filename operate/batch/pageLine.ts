import { z } from 'zod';
import type { BatchService, DocumentResult } from '../../domain/batch/manifest';
import type { PageResult } from '../../ocr/pageResult';

/** A page in `DOCUMENT.jsonl`: what `ocr --format jsonl` writes, and what made it. */
export type PageLine = PageResult & {
  /** Of the document's object. */
  readonly generation: string;
  /** When it was read, ISO 8601: which revisions served then, the ledger knows. */
  readonly at: string;
  readonly model: string;
  /** Who served as the batch was started; a release since then shows in `at`. */
  readonly revision: string;
  readonly image: string;
  readonly longestSidePixels: number;
};

/** What is read again of a line; the rest is passed on as it came. */
const lineSchema = z.looseObject({
  document: z.string(),
  generation: z.string(),
  page: z.number(),
  pages: z.number(),
  status: z.string(),
  source: z.string(),
  text: z.string(),
  at: z.string(),
});

export const parsePages = (content: string): PageLine[] =>
  content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => lineSchema.parse(JSON.parse(line)) as unknown as PageLine);

export const pageLine = (
  result: PageResult,
  generation: string,
  at: Date,
  { model, revision, image, longestSidePixels }: BatchService,
): PageLine => ({ ...result, generation, at: at.toISOString(), model, revision, image, longestSidePixels });

/** What the results' manifest says of a document. */
export function documentResult(
  document: { readonly name: string; readonly generation: string },
  pages: readonly PageLine[],
  objects: { readonly jsonl: string; readonly markdown: string; readonly sha256: string },
): DocumentResult {
  const count = (is: (page: PageLine) => boolean) => pages.filter(is).length;
  const opened = pages.filter(({ page }) => page > 0);
  const code = pages.find(({ error }) => error !== undefined)?.error?.code;
  const times = pages.map(({ at }) => at).sort();
  return {
    ...{ document: document.name, generation: document.generation, ...objects },
    pages: opened.length,
    whole: count(({ status }) => status === 'whole'),
    failed: count(({ status }) => status === 'failed'),
    fromTextLayer: count(({ source, status }) => source === 'text-layer' && status !== 'failed'),
    ...(code !== undefined && { code }),
    ...{ from: times[0] ?? '', to: times.at(-1) ?? '' },
  };
}
