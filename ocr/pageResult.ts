import { Failure } from '../domain/failure';
import type { LayoutBlock } from '../domain/text/grounding';
import type { ReadingStatus, SliceReading } from './pageReading';

/** Where the text of a page comes from. */
export type TextSource = 'text-layer' | 'ocr';

/** What became of a page; the line of JSON Lines and the element of JSON. */
export interface PageResult {
  readonly document: string;
  /** Of the document's bytes; empty when it could not be read at all. */
  readonly sha256: string;
  /** From 1; 0 for a document that could not be opened. */
  readonly page: number;
  /** Of the document; 0 for one that could not be opened. */
  readonly pages: number;
  readonly status: ReadingStatus | 'failed';
  readonly source: TextSource;
  /** What decided the source: `a text layer`, `no text layer`, `images cover 100 % of the page`, … */
  readonly why: string;
  /** Markdown from the model, plain text from a text layer; empty when the page failed. */
  readonly text: string;
  /** Layout blocks, where they were asked for; none of a page from a text layer. */
  readonly blocks?: readonly LayoutBlock[];
  readonly finishReason?: string;
  readonly imageTokens?: number;
  readonly completionTokens?: number;
  /** For the token, on the way and in the service, all requests together, also those that failed; 0 for a text layer. */
  readonly seconds: number;
  /** Requests that were sent. */
  readonly attempts: number;
  readonly warnings: readonly string[];
  /** Of a page that was read in slices. */
  readonly slices?: readonly SliceReading[];
  readonly error?: PageError;
}

export interface PageError {
  readonly code: string;
  readonly message: string;
  readonly where: string;
  readonly got?: string;
  readonly remedy: string;
}

export function pageError({ code, message, where, got, remedy }: Failure): PageError {
  return { code, message, where, ...(got !== undefined && { got }), remedy };
}

/** How many pages went which way. */
export interface BatchSummary {
  readonly documents: number;
  readonly pages: number;
  readonly whole: number;
  readonly truncated: number;
  readonly repetitive: number;
  /** Pages, and documents that could not be opened. */
  readonly failed: number;
  readonly fromTextLayer: number;
  readonly fromOcr: number;
  readonly completionTokens: number;
}

/** A running summary; a result is added in any order. */
export function createSummary(): {
  add(this: void, result: PageResult): void;
  current(this: void): BatchSummary;
} {
  const documents = new Set<string>();
  const counts = { whole: 0, truncated: 0, repetitive: 0, failed: 0 };
  const sources = { 'text-layer': 0, ocr: 0 };
  let completionTokens = 0;
  return {
    add(result) {
      documents.add(`${result.sha256} ${result.document}`);
      counts[result.status] += 1;
      if (result.status !== 'failed') sources[result.source] += 1;
      completionTokens += result.completionTokens ?? 0;
    },
    current: () => ({
      documents: documents.size,
      pages: Object.values(counts).reduce((sum, count) => sum + count),
      ...counts,
      fromTextLayer: sources['text-layer'],
      fromOcr: sources.ocr,
      completionTokens,
    }),
  };
}
