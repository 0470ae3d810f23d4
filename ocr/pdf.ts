import { messageOf } from '../domain/failure';
import { documentFailure, kindOf } from './documentFailure';
import { attachmentContent, attachmentNames } from './pdfAttachments';
import { kindWarnings } from './pdfKind';
import type { PageRequest, PdfPage, PdfSummary, PdfToOpen } from './pdfMessages';
import { readPage } from './pdfPage';
import { newPdfium, type Pdfium } from './pdfium';

export interface PdfFile extends PdfSummary {
  /** An embedded file, by its place. */
  attachment(at: number): Uint8Array;
  /** A page, numbers from 1: its text, or a picture whose longest side is that many pixels, upright. */
  page(how: PageRequest): Promise<PdfPage>;
}

/** Codes of FPDF_GetLastError (public/fpdfview.h). */
const PASSWORD_ERROR = 4;
const SECURITY_ERROR = 5;
/** pdfium keeps what it has parsed of a document until it is closed, pictures of scans included: 500 pages took 1 GB (measured). */
const PAGES_UNTIL_REOPENED = 16;

/**
 * Opens a PDF. Its memory goes with the object: nothing has to be closed.
 * @throws Failure UNREADABLE_DOCUMENT, ENCRYPTED_DOCUMENT or DOCUMENT_TOO_LARGE; of a page also UNREADABLE_PAGE and
 * PAGE_OVER_BOUNDS.
 */
export async function openPdf(file: PdfToOpen, program: WebAssembly.Module): Promise<PdfFile> {
  const { name, limits } = file;
  const load = () => openIn(program, file);
  let opened = await load();
  let pages = 0;
  const { count: pageCount, warnings } = pagesOf(opened);
  if (pageCount < 1) throw documentFailure('UNREADABLE_DOCUMENT', 'The PDF has no pages.', name, '0 pages');
  if (pageCount > limits.maxPages) {
    const got = `${pageCount} pages, at most ${limits.maxPages}`;
    throw documentFailure('DOCUMENT_TOO_LARGE', 'The PDF has too many pages.', name, got);
  }

  const attachments = attachmentNames(opened.pdfium, opened.document);
  return {
    pageCount,
    warnings: [...warnings, ...kindWarnings(opened.pdfium, opened.document, attachments)],
    attachments,
    attachment: (at) => attachmentContent(opened.pdfium, opened.document, at, { name, limits }),
    async page(how) {
      const where = `${name}, page ${how.number}`;
      if (++pages % PAGES_UNTIL_REOPENED === 0) reopen(opened);
      const { pdfium, document } = opened;
      try {
        const page = readPage(pdfium, document, how, { where, limits });
        if (!pdfium.isFull()) return page;
        // pdfium goes on without what it had no room for.
        throw new WebAssembly.RuntimeError('out of memory');
      } catch (error) {
        const isFull = pdfium.isFull();
        // A stack that overflows in WebAssembly is a RangeError.
        const isWrecked = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
        // A page that wrecks its pdfium (out of memory, a defect) is lost alone: the next one gets a new pdfium.
        if (isFull || isWrecked) opened = await load();
        if (isFull) {
          const got = `more than ${limits.maxPdfMemoryBytes >> 20} MiB`;
          throw documentFailure('PAGE_OVER_BOUNDS', 'The page takes too much memory.', where, got, error);
        }
        if (!isWrecked) throw error;
        const message = `pdfium gave up on the page: ${messageOf(error)}.`;
        throw documentFailure('UNREADABLE_PAGE', message, where, undefined, error);
      }
    },
  };
}

/** A document in its pdfium, which has a copy of the file. */
interface Opened {
  readonly pdfium: Pdfium;
  document: number;
  readonly data: number;
  readonly length: number;
  /** Pointer to its password; 0 without one. */
  readonly password: number;
}

async function openIn(
  program: WebAssembly.Module,
  { bytes, name, limits, password = '' }: PdfToOpen,
): Promise<Opened> {
  const pdfium = await newPdfium(program, limits.maxPdfMemoryBytes);
  const data = pdfium.malloc(bytes.length);
  if (data === 0)
    throw documentFailure('DOCUMENT_TOO_LARGE', 'The PDF does not fit into the memory of pdfium.', name);
  pdfium.memory().set(bytes, data);
  const secret = password === '' ? 0 : written(pdfium, `${password}\0`);
  const document = pdfium.FPDF_LoadMemDocument(data, bytes.length, secret);
  if (document === 0) throw notOpened(pdfium.FPDF_GetLastError(), name, bytes, secret !== 0);
  return { pdfium, document, data, length: bytes.length, password: secret };
}

/** Gives back what pdfium has kept of the pages so far: it opened this file before, so it does again. */
function reopen(opened: Opened): void {
  opened.pdfium.FPDF_CloseDocument(opened.document);
  opened.document = opened.pdfium.FPDF_LoadMemDocument(opened.data, opened.length, opened.password);
}

/** UTF-8: pdfium turns it into Latin-1 where a file is so old (public/fpdfview.h). */
function written(pdfium: Pdfium, text: string): number {
  const bytes = Buffer.from(text);
  const pointer = pdfium.malloc(bytes.length);
  pdfium.memory().set(bytes, pointer);
  return pointer;
}

/** The pages that are there: the number in the file may be too large, and pages at its end then cannot be loaded. */
function pagesOf({ pdfium, document }: Opened): { count: number; warnings: string[] } {
  const said = pdfium.FPDF_GetPageCount(document);
  let count = said;
  while (count > 0 && !isThere(pdfium, document, count - 1)) count -= 1;
  if (count === said || count === 0) return { count: count === 0 ? said : count, warnings: [] };
  return { count, warnings: [`PAGE_COUNT: the file says ${said} pages and has ${count}`] };
}

function isThere(pdfium: Pdfium, document: number, index: number): boolean {
  const page = pdfium.FPDF_LoadPage(document, index);
  if (page === 0) return false;
  pdfium.FPDF_ClosePage(page);
  return true;
}

function notOpened(code: number, name: string, bytes: Uint8Array, isGiven: boolean) {
  if (code === PASSWORD_ERROR)
    return documentFailure(
      'ENCRYPTED_DOCUMENT',
      isGiven ? 'The password does not open the PDF.' : 'The PDF asks for a password.',
      name,
    );
  if (code === SECURITY_ERROR)
    return documentFailure(
      'ENCRYPTED_DOCUMENT',
      'The PDF is protected in a way that pdfium does not know.',
      name,
    );
  return documentFailure(
    'UNREADABLE_DOCUMENT',
    'Not a PDF that can be read.',
    name,
    kindOf(Buffer.from(bytes)),
  );
}
