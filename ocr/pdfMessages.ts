import type { FailureDetails } from '../domain/failure';
import type { DocumentLimits } from './limits';

/** How large a page is drawn. */
export interface DrawingSize {
  readonly longestSidePixels: number;
  /** A long page keeps its detail, and is higher than that: it is read in slices. */
  readonly inSlices?: boolean;
}

/** A page to read. */
export interface PageRequest extends DrawingSize {
  /** From 1. */
  readonly number: number;
  /** Takes no text layer for the text. */
  readonly forceOcr: boolean;
}

/** A PDF to open. */
export interface PdfToOpen {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly limits: DocumentLimits;
  readonly password: string | undefined;
}

/** What a thread is asked for. `document` is the pool's number of it. */
export type PdfRequest =
  | ({ readonly kind: 'open'; readonly document: number } & PdfToOpen)
  | ({ readonly kind: 'page'; readonly document: number } & PageRequest)
  | { readonly kind: 'attachment'; readonly document: number; readonly at: number }
  | { readonly kind: 'close'; readonly document: number };

/** What a PDF is, before any of its pages is looked at. */
export interface PdfSummary {
  readonly pageCount: number;
  readonly warnings: readonly string[];
  /** Names of embedded files. */
  readonly attachments: readonly string[];
}

/** A drawn page: bytes of its pixels, row by row, one (grey) or four (red, green, blue, unused) a pixel. */
export interface Drawing {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 4;
}

/** A page as a thread gives it: `DocumentPage` with a drawing that is not compressed yet. */
export type PdfPage =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly why: string;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: 'image';
      readonly drawing: Drawing;
      readonly why: string;
      readonly warnings: readonly string[];
    };

export type PdfReply =
  | { readonly kind: 'summary'; readonly summary: PdfSummary }
  | { readonly kind: 'page'; readonly page: PdfPage }
  | { readonly kind: 'attachment'; readonly content: Uint8Array }
  | { readonly kind: 'failure'; readonly details: FailureDetails }
  | { readonly kind: 'defect'; readonly message: string; readonly stack: string };
