import type { PageSlice } from './images/pageSlices';
import type { PreparedPage } from './page';

/** A page: its text when the PDF holds it, else a picture for the model, or a long page's slices. */
export type DocumentPage = (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly image: PreparedPage }
  | { readonly kind: 'slices'; readonly slices: readonly PageSlice[] }
) & {
  /** What decided the kind. */
  readonly why: string;
  /** What is wrong with the page or was changed on it: a code, a colon and words, never content. */
  readonly warnings: readonly string[];
};

export interface OcrDocument {
  readonly name: string;
  /** SHA-256 of the bytes, hex: what `--resume` knows a document by. */
  readonly sha256: string;
  readonly pageCount: number;
  /** Names of the files that are embedded in it, as the file has them. */
  readonly attachments: readonly string[];
  /** An embedded file, by its place in `attachments`. @throws Failure UNREADABLE_DOCUMENT, DOCUMENT_TOO_LARGE. */
  attachment(this: void, at: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** One page, numbers from 1. Rendered when asked for; nothing is kept. */
  page(this: void, number: number, signal?: AbortSignal): Promise<DocumentPage>;
  /** Lets go of what is held for its pages. Without this it goes when another document is opened, or with the process. */
  close(this: void): void;
}
