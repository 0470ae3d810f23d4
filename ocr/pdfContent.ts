import type { PageContent } from '../domain/text/textLayer';
import type { DocumentLimits } from './limits';
import { type Pdfium, withScratch } from './pdfium';
import {
  areaWithin,
  boxOf,
  FORM_OBJECT,
  IMAGE_OBJECT,
  objectsOf,
  type PageObject,
  PATH_OBJECT,
  shownOf,
  TEXT_OBJECT,
} from './pdfObjects';
import { textOf } from './pdfText';

/** A line has 2 points, a rectangle 5. */
const MAX_BOX_POINTS = 5;
/** Height and width of a letter, in points of 1/72 inch: the smallest print to a title. */
const LETTER = { minHeight: 3, max: 40 };

/** What is over a limit: an image that pdfium would decode whole, or more objects than it draws in reasonable time. */
export function tooMuchOn(
  pdfium: Pdfium,
  page: number,
  { maxInputPixels, maxPageObjects }: DocumentLimits,
): string | undefined {
  return withScratch(pdfium, 8, (size) => {
    let objects = 0;
    for (const { object, type } of objectsOf(pdfium, page)) {
      if (++objects > maxPageObjects) return `more than ${maxPageObjects} objects`;
      if (type !== IMAGE_OBJECT || !pdfium.FPDFImageObj_GetImagePixelSize(object, size, size + 4)) continue;
      const width = pdfium.memory().readUInt32LE(size);
      const height = pdfium.memory().readUInt32LE(size + 4);
      if (width * height > maxInputPixels) return `an image of ${width}×${height} px`;
    }
    return undefined;
  });
}

/** What the page holds, for `judgeTextLayer`. Of an image counts what lies within the page; letterheads bleed off it. */
export function contentOf(pdfium: Pdfium, page: number): PageContent {
  const shown = shownOf(pdfium, page);
  let imageArea = 0;
  let otherObjects = 0;
  const outlines: number[] = [];
  for (const item of objectsOf(pdfium, page)) {
    if (item.type === TEXT_OBJECT || item.type === FORM_OBJECT) continue;
    otherObjects += 1;
    if (item.type === IMAGE_OBJECT) imageArea += areaWithin(boxOf(pdfium, item), shown);
    const points = item.type === PATH_OBJECT ? outlinePoints(pdfium, item) : 0;
    if (points > 0) outlines.push(points);
  }
  const imageShare = Math.min(1, imageArea / areaWithin(shown, shown));
  return { text: textOf(pdfium, page, shown), imageShare, otherObjects, outlines };
}

/** The points of a path that could be a letter, 0 of any other. */
function outlinePoints(pdfium: Pdfium, path: PageObject): number {
  const points = pdfium.FPDFPath_CountSegments(path.object);
  if (points <= MAX_BOX_POINTS) return 0;
  const filled = withScratch(
    pdfium,
    8,
    (mode) =>
      pdfium.FPDFPath_GetDrawMode(path.object, mode, mode + 4) !== 0 &&
      pdfium.memory().readInt32LE(mode) !== 0,
  );
  if (!filled) return 0;
  const { left, bottom, right, top } = boxOf(pdfium, path);
  const height = top - bottom;
  return height >= LETTER.minHeight && height <= LETTER.max && right - left <= LETTER.max ? points : 0;
}
