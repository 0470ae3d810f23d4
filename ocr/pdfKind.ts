import { counted } from '../domain/words';
import type { Pdfium } from './pdfium';
import { shownOf } from './pdfObjects';
import { charactersOf, seenText, withTextPage } from './pdfText';
import { wholeFile } from './plainPage';

/** Of FPDF_GetFormType (public/fpdf_formfill.h): the form is drawn by an XFA processor, or XFA stands beside ordinary pages. */
const FULL_XFA = 2;
const XFA_BESIDE_PAGES = 3;
/** Adobe's stand-in for a form that its reader draws from XFA. */
const STAND_IN =
  /please wait|viewer may not be able to display|adobe reader (8|9|10|x)\b|upgrade to the latest version/i;
/** Embedded files that a warning names. */
const MOST_NAMED = 10;

/** What kind of file it is, where its pages are not all of it: an XFA form, a portfolio, a file with others in it. */
export function kindWarnings(pdfium: Pdfium, document: number, attachments: readonly string[]): string[] {
  const warnings: string[] = [];
  const form = pdfium.FPDF_GetFormType(document);
  if (form === FULL_XFA || (form === XFA_BESIDE_PAGES && STAND_IN.test(firstText(pdfium, document))))
    warnings.push(
      "XFA_FORM: a form that Adobe's programs alone can draw (XFA): the page in the file stands in for it; open it in Adobe Reader, and print it to PDF",
    );
  if (attachments.length === 0) return warnings;
  const names = attachments.slice(0, MOST_NAMED).join(', ');
  const rest = attachments.length > MOST_NAMED ? ', …' : '';
  const listed = `${counted(attachments.length, 'embedded file')}, read with --attachments: ${names}${rest}`;
  const isPortfolio = hasCollection(wholeFile(pdfium, document));
  const what = isPortfolio
    ? 'PORTFOLIO: a PDF portfolio: its pages are a cover, its documents are'
    : 'ATTACHMENTS:';
  return [...warnings, `${what} ${listed}`];
}

/** Entry of the catalog (PDF 32000-1, 12.3.5). pdfium writes names without spaces. */
function hasCollection(file: Buffer): boolean {
  const at = file.lastIndexOf('/Type/Catalog');
  const catalog = file.subarray(file.lastIndexOf(' obj', at), file.indexOf('endobj', at));
  return at >= 0 && /\/Collection\b/.test(catalog.toString('latin1'));
}

function firstText(pdfium: Pdfium, document: number): string {
  const page = pdfium.FPDF_LoadPage(document, 0);
  if (page === 0) return '';
  try {
    const read = (textPage: number) =>
      seenText(pdfium, textPage, charactersOf(pdfium, textPage, shownOf(pdfium, page)));
    return withTextPage(pdfium, page, read) ?? '';
  } finally {
    pdfium.FPDF_ClosePage(page);
  }
}
