import { messageOf } from '../domain/failure';
import { scaledSize } from '../domain/model';
import type { PageContent } from '../domain/textLayer';
import { documentFailure, startOf } from './documentFailure';
import type { DocumentLimits } from './limits';
import { encodePage, type PreparedPage } from './page';
import { newPdfium, type Pdfium } from './pdfium';

export interface PdfFile {
  readonly pageCount: number;
  /** Text layer and what else is on a page; numbers from 1. */
  content(page: number): Promise<PageContent>;
  /** A page as a picture whose longest side is that many pixels, upright. One page at a time is in memory. */
  render(page: number, longestSidePixels: number): Promise<PreparedPage>;
}

/** Codes of FPDF_GetLastError (public/fpdfview.h). */
const PASSWORD_ERROR = 4;
const SECURITY_ERROR = 5;
/** Types of FPDFPageObj_GetType (public/fpdf_edit.h). */
const TEXT_OBJECT = 1;
const IMAGE_OBJECT = 3;
/**
 * pdfium keeps what it has parsed of a document until it is closed, pictures of scans included: 500 pages took 1 GB
 * (measured). A page is visited twice, for its content and its picture.
 */
const VISITS_UNTIL_REOPENED = 32;
/** Four bytes a pixel, the last one unused; the flags draw annotations (stamps, filled forms) and put red first. */
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
      const page = pdfium.FPDF_LoadPage(document, number - 1);
      if (page === 0) throw documentFailure('UNREADABLE_DOCUMENT', 'The page cannot be read.', where);
      const refused = imageOver(pdfium, page, limits.maxInputPixels);
      if (refused !== undefined)
        throw documentFailure('DOCUMENT_TOO_LARGE', 'An image on the page is too large.', where, refused);
      const result = use(pdfium, page);
      pdfium.FPDF_ClosePage(page);
      return result;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
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
      return encodePage(drawn.pixels, drawn.width, drawn.height);
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
  const pdfium = await newPdfium();
  const data = pdfium.malloc(bytes.length);
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
  return documentFailure('UNREADABLE_DOCUMENT', 'Not a PDF that can be read.', name, startOf(bytes));
}

function* objectsOf(pdfium: Pdfium, page: number): Generator<{ object: number; type: number }> {
  const objects = pdfium.FPDFPage_CountObjects(page);
  for (let index = 0; index < objects; index++) {
    const object = pdfium.FPDFPage_GetObject(page, index);
    yield { object, type: pdfium.FPDFPageObj_GetType(object) };
  }
}

/** Size of the first image with more pixels than allowed: pdfium would decode it whole. */
function imageOver(pdfium: Pdfium, page: number, maxPixels: number): string | undefined {
  return withScratch(pdfium, 8, (size) => {
    for (const { object, type } of objectsOf(pdfium, page)) {
      if (type !== IMAGE_OBJECT || !pdfium.FPDFImageObj_GetImagePixelSize(object, size, size + 4)) continue;
      const width = pdfium.memory().readUInt32LE(size);
      const height = pdfium.memory().readUInt32LE(size + 4);
      if (width * height > maxPixels) return `${width}×${height} px`;
    }
    return undefined;
  });
}

function contentOf(pdfium: Pdfium, page: number): PageContent {
  const pageArea = pdfium.FPDF_GetPageWidth(page) * pdfium.FPDF_GetPageHeight(page);
  let imageArea = 0;
  let otherObjects = 0;
  withScratch(pdfium, 16, (box) => {
    for (const { object, type } of objectsOf(pdfium, page)) {
      if (type !== TEXT_OBJECT) otherObjects += 1;
      if (type !== IMAGE_OBJECT) continue;
      if (!pdfium.FPDFPageObj_GetBounds(object, box, box + 4, box + 8, box + 12)) continue;
      const [left, bottom, right, top] = [0, 4, 8, 12].map((at) => pdfium.memory().readFloatLE(box + at));
      imageArea += Math.max(0, right! - left!) * Math.max(0, top! - bottom!);
    }
  });
  return { text: textOf(pdfium, page), imageShare: Math.min(1, imageArea / pageArea), otherObjects };
}

function textOf(pdfium: Pdfium, page: number): string {
  const textPage = pdfium.FPDFText_LoadPage(page);
  if (textPage === 0) return '';
  try {
    const characters = pdfium.FPDFText_CountChars(textPage);
    if (characters <= 0) return '';
    return withScratch(pdfium, (characters + 1) * 2, (buffer) => {
      const written = pdfium.FPDFText_GetText(textPage, 0, characters, buffer);
      const text = pdfium.memory().toString('utf16le', buffer, buffer + Math.max(0, written - 1) * 2);
      return text
        .replace(/\r\n?/g, '\n')
        .replace(/[ \t]+$/gm, '')
        .trim();
    });
  } finally {
    pdfium.FPDFText_ClosePage(textPage);
  }
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

function withScratch<T>(pdfium: Pdfium, bytes: number, use: (pointer: number) => T): T {
  const pointer = pdfium.malloc(bytes);
  if (pointer === 0) throw new WebAssembly.RuntimeError('out of memory');
  try {
    return use(pointer);
  } finally {
    pdfium.free(pointer);
  }
}
