import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { Failure, messageOf } from '../domain/failure';
import { DEFAULT_MODEL } from '../domain/models';
import { documentFailure } from './documentFailure';
import { isSignedImage } from './images/format';
import { imageDocument, picturePage } from './images/imageDocument';
import { DEFAULT_LIMITS, type DocumentLimits } from './limits';
import type { OcrDocument } from './ocrDocument';
import { needLongestSide } from './page';
import { type PooledPdf, sharedPdfPool } from './pdfPool';
import { eachUnlessAborted } from './unlessAborted';

export type { DocumentPage, OcrDocument } from './ocrDocument';

/** A path, the bytes, or a stream of them; with a name of one's own for the results. */
export type DocumentSource =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array>
  | { readonly name: string; readonly content: string | Uint8Array | AsyncIterable<Uint8Array> };

export interface DocumentOptions {
  /** Pages are pictures with at most so many pixels on the longest side; default 1540. */
  readonly longestSidePixels?: number;
  /** Takes no text layer for the text; default false. */
  readonly forceOcr?: boolean;
  /** Opens PDFs that ask for one. In no message, warning or result. */
  readonly password?: string;
  /** Default `DEFAULT_LIMITS`. */
  readonly limits?: Partial<DocumentLimits>;
  /** Gives up reading the file or stream. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a PDF or an image: PNG, JPEG, TIFF with all its pages, WebP, GIF, AVIF, HEIC, JPEG 2000, JPEG XL, BMP,
 * PNM, TGA. What it is, is read from its
 * first bytes, never from its name.
 * @throws Failure UNREADABLE_DOCUMENT, ENCRYPTED_DOCUMENT or DOCUMENT_TOO_LARGE; BAD_OPTION.
 */
export async function openDocument(
  source: DocumentSource,
  options: DocumentOptions = {},
): Promise<OcrDocument> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { longestSidePixels = DEFAULT_MODEL.grid.longestSidePixels, forceOcr = false } = options;
  needLongestSide(longestSidePixels);
  const bytes = await bytesOf(source, limits.maxFileBytes, options.signal);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const name = nameOf(source) ?? `${sha256.slice(0, 12)} (${bytes.length} bytes)`;
  const about = { name, sha256 };
  // The header may stand behind some bytes of a mail or web server (PDF 1.7, annex H.3.4.1), and in a picture's metadata.
  const isPdf = !isSignedImage(bytes) && bytes.subarray(0, 1024).includes('%PDF-');
  // Two functions, so that the pages of a PDF do not hold on to the bytes: the pool has its own copy.
  if (isPdf) {
    const { password, signal } = options;
    const pdf = await sharedPdfPool().open({ bytes, name, limits, password }, signal);
    return pdfDocument(about, pdf, { longestSidePixels, forceOcr });
  }
  return imageDocument(about, bytes, longestSidePixels, limits);
}

type About = Pick<OcrDocument, 'name' | 'sha256'>;

function pdfDocument(
  about: About,
  pdf: PooledPdf,
  how: { longestSidePixels: number; forceOcr: boolean },
): OcrDocument {
  return {
    ...about,
    pageCount: pdf.pageCount,
    attachments: pdf.attachments,
    attachment: (at, signal) => pdf.attachment(at, signal),
    async page(number, signal) {
      const page = await pdf.page(number, { ...how, inSlices: true }, signal);
      // What is to be said of the file is said once.
      const warnings = number === 1 ? [...pdf.warnings, ...page.warnings] : page.warnings;
      if (page.kind === 'text') return { ...page, warnings };
      return picturePage(page.drawing, how.longestSidePixels, page.why, warnings);
    },
    close: () => pdf.close(),
  };
}

/** What a result calls the document, before it is opened; undefined for bytes without a name. */
export function nameOf(source: DocumentSource): string | undefined {
  if (typeof source === 'string') return source;
  return 'name' in source && typeof source.name === 'string' ? source.name : undefined;
}

/** The whole file: pdfium and TIFF read from everywhere in it. Reading ends at the limit, so a pipe cannot fill the memory. */
async function bytesOf(
  source: DocumentSource,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const where = nameOf(source) ?? 'a document';
  const content = typeof source === 'object' && 'content' in source ? source.content : source;
  const tooLarge = () =>
    documentFailure('DOCUMENT_TOO_LARGE', 'The file is too large.', where, `more than ${maxBytes} bytes`);
  if (content instanceof Uint8Array) {
    if (content.length > maxBytes) throw tooLarge();
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  }
  if (typeof content !== 'string') return gather(content, maxBytes, where, signal, tooLarge);
  try {
    const found = await stat(content);
    if (found.size > maxBytes) throw tooLarge();
    if (found.isFile()) return await readFile(content, { signal });
  } catch (error) {
    throw unreadable(error, where, signal);
  }
  // A pipe or a device tells no size.
  return gather(createReadStream(content), maxBytes, where, signal, tooLarge);
}

/** A stream that fails is an unreadable document, and loses no other one. */
async function gather(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
  where: string,
  signal: AbortSignal | undefined,
  tooLarge: () => Error,
): Promise<Buffer> {
  if (!(Symbol.asyncIterator in stream))
    throw documentFailure('UNREADABLE_DOCUMENT', 'Neither a path, bytes nor a stream.', where);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of eachUnlessAborted(stream, signal)) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  } catch (error) {
    throw unreadable(error, where, signal);
  }
}

function unreadable(error: unknown, where: string, signal: AbortSignal | undefined): unknown {
  signal?.throwIfAborted();
  if (error instanceof Failure) return error;
  return documentFailure('UNREADABLE_DOCUMENT', `Not read: ${messageOf(error)}.`, where, undefined, error);
}
