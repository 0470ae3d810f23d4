import { counted } from '../domain/words';
import type { BatchSummary, PageResult } from '../ocr/pageResult';

const WAYS = { 'text-layer': 'text layer', ocr: 'OCR', failed: 'failed' } as const;

/** Which pages went which way; a result is added in any order. A document that could not be opened has no pages. */
export function pagesByWay(): {
  add(this: void, result: PageResult): void;
  /** `scan.pdf: text layer: 1-3, 7; OCR: 4-6`, a line a document. @param documents in order. */
  lines(this: void, documents: readonly string[]): string[];
} {
  const byDocument = new Map<string, Map<keyof typeof WAYS, number[]>>();
  return {
    add({ document, page, status, source }) {
      if (page === 0) return;
      const ways = byDocument.get(document) ?? new Map<keyof typeof WAYS, number[]>();
      byDocument.set(document, ways);
      const way = status === 'failed' ? status : source;
      const pages = ways.get(way) ?? [];
      ways.set(way, pages);
      pages.push(page);
    },
    lines: (documents) =>
      documents.flatMap((document) => {
        const ways = byDocument.get(document);
        if (ways === undefined) return [];
        const named = (['text-layer', 'ocr', 'failed'] as const).flatMap((way) => {
          const pages = ways.get(way);
          return pages ? [`${WAYS[way]}: ${pageRanges(pages)}`] : [];
        });
        return [`${document}: ${named.join('; ')}`];
      }),
  };
}

/** `1-3, 7`. */
function pageRanges(pages: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const page of [...pages].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range?.last === page - 1) range.last = page;
    else ranges.push({ first: page, last: page });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/** `3 pages of 1 document: 2 by the service, 1 from text layers`. */
export function summaryText(summary: BatchSummary): string {
  const { pages, documents, fromOcr, fromTextLayer } = summary;
  const wrong = (['truncated', 'repetitive', 'failed'] as const)
    .filter((status) => summary[status] > 0)
    .map((status) => `, ${summary[status]} ${status}`)
    .join('');
  return `${counted(pages, 'page')} of ${counted(documents, 'document')}: ${fromOcr} by the service, ${fromTextLayer} from text layers${wrong}`;
}

/** What is wrong with a page, in a line. */
export function problemOf({ document, page, status, error, warnings }: PageResult): string {
  const what = error
    ? `${error.code}: ${error.message}${error.got ? ` (${error.got})` : ''}`
    : warnings.join('; ');
  return `${document}${page > 0 ? `, page ${page}` : ''} ${status}: ${what}`;
}
