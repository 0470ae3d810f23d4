import type { Failure } from '../domain/failure';
import { judgeTextLayer } from '../domain/text/textLayer';
import { counted } from '../domain/words';
import { type ContentFault, contentFaults } from './contentFaults';
import { documentFailure } from './documentFailure';
import type { DocumentLimits } from './limits';
import { contentOf, type FoundContent, tooMuchOn } from './pdfContent';
import { drawPage } from './pdfDrawing';
import type { ImageFault } from './pdfImages';
import type { PageRequest, PdfPage } from './pdfMessages';
import { type Pdfium, withScratch } from './pdfium';
import { plainPage } from './plainPage';

/** FPDF_FORMFILLINFO of version 1 (public/fpdf_formfill.h) is smaller; no callback is set. FLAT_NORMALDISPLAY. */
const FORM_CALLBACKS_BYTES = 256;
const FOR_DISPLAY = 0;
/** Sides that a page can have, in points: PDF 1.7 says 3 to 14,400 (32000-1, C.2); larger drawings exist. */
const SIDE = { least: 3, most: 200_000 };
/** No page is so much longer than wide; a roll of receipts is 50 times. */
const MOST_RATIO = 200;
/** US Letter: what readers take where a page gives no size. */
const LETTER = [612, 792] as const;
/** An image from here on is the page: a page without it is not read. */
const MOST_LOST_SHARE = 0.5;

interface About {
  readonly where: string;
  readonly limits: DocumentLimits;
}

/**
 * One page: its text, or a picture of it.
 * @throws Failure UNREADABLE_PAGE when what is on it cannot be decoded, DOCUMENT_TOO_LARGE over a limit.
 */
export function readPage(pdfium: Pdfium, document: number, how: PageRequest, about: About): PdfPage {
  const { where, limits } = about;
  const index = how.number - 1;
  const { page, warnings } = loadPage(pdfium, document, index);
  if (page === 0) throw documentFailure('UNREADABLE_PAGE', 'The page cannot be read.', where);
  try {
    const refused = tooMuchOn(pdfium, page, limits);
    if (refused !== undefined)
      throw documentFailure('DOCUMENT_TOO_LARGE', 'The page holds too much.', where, refused);
    const plain = plainPage(pdfium, document, index);
    const faults = plain ? contentFaults(plain) : [];
    if (faults.length > 0 && pdfium.FPDFPage_CountObjects(page) === 0) throw notDecoded(faults, where);
    const content = contentOf(pdfium, page);
    const lost = content.faults.filter(({ share }) => share > MOST_LOST_SHARE);
    if (lost.length > 0) throw notDecoded(lost, where);
    const { usable, why } = judgeTextLayer(content);
    const all = [...warnings, ...faults.map(contentWarning), ...content.faults.map(imageWarning)];
    if (usable && !how.forceOcr) return { kind: 'text', text: content.text, why, warnings: all };
    const drawing = drawPage(pdfium, page, how);
    const decided = usable ? 'OCR was asked for' : why;
    return { kind: 'image', drawing, why: decided, warnings: [...all, ...undrawnWarning(content)] };
  } finally {
    if (!pdfium.isFull()) pdfium.FPDF_ClosePage(page);
  }
}

const contentWarning = ({ what }: ContentFault) => `CONTENT_NOT_DECODED: not on the page: ${what}`;
const imageWarning = ({ what }: ImageFault) => `IMAGE_NOT_DECODED: not on the page: ${what}`;
const undrawnWarning = ({ undrawn }: FoundContent) =>
  undrawn === 0
    ? []
    : [`FONT_NOT_EMBEDDED: ${counted(undrawn, 'character')} cannot be drawn: their font is not in the file`];

function notDecoded(faults: readonly (ContentFault | ImageFault)[], where: string): Failure {
  const got = faults.map(({ what }) => what).join('; ');
  return documentFailure('UNREADABLE_PAGE', 'What is on the page cannot be decoded.', where, got);
}

/**
 * Opens a page, 0 for one that cannot be. What stands in form fields, stamps and text boxes becomes part of the page first:
 * it belongs to neither text layer nor picture otherwise, and a filled form would be read without its values.
 */
function loadPage(pdfium: Pdfium, document: number, index: number): { page: number; warnings: string[] } {
  const { page, warnings } = sized(pdfium, document, index);
  if (page === 0 || pdfium.FPDFPage_GetAnnotCount(page) === 0) return { page, warnings };
  const flat = withScratch(pdfium, FORM_CALLBACKS_BYTES, (callbacks) => {
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
  return { page: flat, warnings };
}

/** A page without a size that can be drawn gets that of US Letter. */
function sized(pdfium: Pdfium, document: number, index: number): { page: number; warnings: string[] } {
  const page = pdfium.FPDF_LoadPage(document, index);
  if (page === 0) return { page, warnings: [] };
  const [width, height] = [pdfium.FPDF_GetPageWidth(page), pdfium.FPDF_GetPageHeight(page)];
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short >= SIDE.least && long <= SIDE.most && long / short <= MOST_RATIO) return { page, warnings: [] };
  pdfium.FPDFPage_SetMediaBox(page, 0, 0, ...LETTER);
  pdfium.FPDFPage_SetCropBox(page, 0, 0, ...LETTER);
  pdfium.FPDF_ClosePage(page);
  const got = `${Math.round(width)}×${Math.round(height)}`;
  const warning = `PAGE_SIZE: a page of ${got} points cannot be drawn; taken as ${LETTER.join('×')}`;
  return { page: pdfium.FPDF_LoadPage(document, index), warnings: [warning] };
}
