import { messageOf } from '../domain/failure';
import { scaledSize } from '../domain/models/geometry';
import type { PageContent } from '../domain/text/textLayer';
import { documentFailure, kindOf } from './documentFailure';
import type { DocumentLimits } from './limits';
import { encodePage, type PreparedPage } from './page';
import { contentOf, tooMuchOn } from './pdfContent';
import { newPdfium, type Pdfium, withScratch } from './pdfium';

export interface PdfFile {
  readonly pageCount: number;
  /** Text layer and what else is on a page; numbers from 1. */
  content(page: number): Promise<PageContent>;
  /** A page as a picture whose longest side is that many pixels, upright. One page at a time is in memory. */
  render(page: number, longestSidePixels: number): Promise<PreparedPage>;
}

/** FPDF_FORMFILLINFO of version 1 (public/fpdf_formfill.h) is smaller; no callback is set. FLAT_NORMALDISPLAY. */
const FORM_CALLBACKS_BYTES = 256;
const FOR_DISPLAY = 0;
/** Codes of FPDF_GetLastError (public/fpdfview.h). */
const PASSWORD_ERROR = 4;
const SECURITY_ERROR = 5;
/**
 * pdfium keeps what it has parsed of a document until it is closed, pictures of scans included: 500 pages took 1 GB
 * (measured). A page is visited twice, for its content and its picture.
 */
const VISITS_UNTIL_REOPENED = 32;
/** Four bytes a pixel, the last one unused; the flags draw annotations and put red first. */
const BGRX = 3;
const ANNOTATIONS = 0x01;
const RED_FIRST = 0x10;

/**
 * Opens a PDF. Its memory goes with the object: nothing has to be closed.
 * @throws Failure UNREADABLE_DOCUMENT, ENCRYPTED_DOCUMENT or DOCUMENT_TOO_LARGE; the same from a broken page.
 */
export async function openPdf(bytes: Buffer, name: string, limits: DocumentLimits): Promise<PdfFile> {
  let opened = await load(bytes, name);
  let visits = 0;
  const pageCount = opened.pdfium.FPDF_GetPageCount(opened.document);
  if (pageCount < 1) throw documentFailure('UNREADABLE_DOCUMENT', 'The PDF has no pages.', name, '0 pages');
  if (pageCount > limits.maxPages) {
    const got = `${pageCount} pages, at most ${limits.maxPages}`;
    throw documentFailure('DOCUMENT_TOO_LARGE', 'The PDF has too many pages.', name, got);
  }

  /** A page that wrecks its pdfium (out of memory, a defect) is lost alone: the next one gets a new pdfium. */
  async function withPage<T>(number: number, use: (pdfium: Pdfium, page: number) => T): Promise<T> {
    const where = `${name}, page ${number}`;
    if (++visits % VISITS_UNTIL_REOPENED === 0) reopen(opened);
    const { pdfium, document } = opened;
    try {
      const page = loadPage(pdfium, document, number - 1);
      if (page === 0) throw documentFailure('UNREADABLE_DOCUMENT', 'The page cannot be read.', where);
      const refused = tooMuchOn(pdfium, page, limits);
      const result = refused === undefined ? use(pdfium, page) : undefined;
      pdfium.FPDF_ClosePage(page);
      if (result !== undefined) return result;
      throw documentFailure('DOCUMENT_TOO_LARGE', 'The page holds too much.', where, refused);
    } catch (error) {
      // A stack that overflows in WebAssembly is a RangeError.
      if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
      opened = await load(fileIn(opened), name);
      const message = `pdfium gave up on the page: ${messageOf(error)}.`;
      throw documentFailure('UNREADABLE_DOCUMENT', message, where, undefined, error);
    }
  }

  return {
    pageCount,
    content: (number) => withPage(number, contentOf),
    async render(number, longestSidePixels) {
      const drawn = await withPage(number, (pdfium, page) => draw(pdfium, page, longestSidePixels));
      return encodePage({ ...drawn, channels: 4 });
    },
  };
}

/** A document in its pdfium, which holds the only copy of the file. */
interface Opened {
  readonly pdfium: Pdfium;
  document: number;
  readonly data: number;
  readonly length: number;
}

async function load(bytes: Buffer, name: string): Promise<Opened> {
  const pdfium = await newPdfium(2 ** 30);
  const data = pdfium.malloc(bytes.length);
  if (data === 0)
    throw documentFailure('DOCUMENT_TOO_LARGE', 'The PDF does not fit into the memory of pdfium.', name);
  pdfium.memory().set(bytes, data);
  const document = pdfium.FPDF_LoadMemDocument(data, bytes.length, 0);
  if (document === 0) throw notOpened(pdfium.FPDF_GetLastError(), name, bytes);
  return { pdfium, document, data, length: bytes.length };
}

/** The memory of a wrecked pdfium can still be read. */
const fileIn = ({ pdfium, data, length }: Opened): Buffer =>
  Buffer.from(pdfium.memory().subarray(data, data + length));

/** Gives back what pdfium has kept of the pages so far: it opened this file before, so it does again. */
function reopen(opened: Opened): void {
  opened.pdfium.FPDF_CloseDocument(opened.document);
  opened.document = opened.pdfium.FPDF_LoadMemDocument(opened.data, opened.length, 0);
}

function notOpened(code: number, name: string, bytes: Buffer) {
  if (code === PASSWORD_ERROR)
    return documentFailure('ENCRYPTED_DOCUMENT', 'The PDF asks for a password.', name);
  if (code === SECURITY_ERROR)
    return documentFailure(
      'ENCRYPTED_DOCUMENT',
      'The PDF is protected in a way that pdfium does not know.',
      name,
    );
  return documentFailure('UNREADABLE_DOCUMENT', 'Not a PDF that can be read.', name, kindOf(bytes));
}

/**
 * Opens a page, 0 for one that cannot be. What stands in form fields, stamps and text boxes becomes part of the page first:
 * it belongs to neither text layer nor picture otherwise, and a filled form would be read without its values.
 */
function loadPage(pdfium: Pdfium, document: number, index: number): number {
  const page = pdfium.FPDF_LoadPage(document, index);
  if (page === 0 || pdfium.FPDFPage_GetAnnotCount(page) === 0) return page;
  return withScratch(pdfium, FORM_CALLBACKS_BYTES, (callbacks) => {
    pdfium
      .memory()
      .fill(0, callbacks, callbacks + FORM_CALLBACKS_BYTES)
      .writeInt32LE(1, callbacks);
    // Fields that come without a picture of their value (NeedAppearances) get one from this.
    const form = pdfium.FPDFDOC_InitFormFillEnvironment(document, callbacks);
    pdfium.FORM_OnAfterLoadPage(page, form);
    pdfium.FPDFPage_Flatten(page, FOR_DISPLAY);
    pdfium.FORM_OnBeforeClosePage(page, form);
    pdfium.FPDF_ClosePage(page);
    pdfium.FPDFDOC_ExitFormFillEnvironment(form);
    return pdfium.FPDF_LoadPage(document, index);
  });
}

/** Page sizes are points of 1/72 inch; a page that is smaller than the picture is drawn larger, which costs no sharpness. */
function draw(pdfium: Pdfium, page: number, longestSidePixels: number) {
  const [pointsWide, pointsHigh] = [pdfium.FPDF_GetPageWidth(page), pdfium.FPDF_GetPageHeight(page)];
  const factor = longestSidePixels / Math.max(pointsWide, pointsHigh);
  const { width, height } = scaledSize(pointsWide * factor, pointsHigh * factor, longestSidePixels);
  return withScratch(pdfium, width * height * 4, (data) => {
    const bitmap = pdfium.FPDFBitmap_CreateEx(width, height, BGRX, data, width * 4);
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, ANNOTATIONS | RED_FIRST);
    pdfium.FPDFBitmap_Destroy(bitmap);
    return { pixels: Buffer.from(pdfium.memory().subarray(data, data + width * height * 4)), width, height };
  });
}
