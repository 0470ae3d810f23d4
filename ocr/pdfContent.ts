import type { PageContent } from '../domain/text/textLayer';
import type { DocumentLimits } from './limits';
import { type Pdfium, withScratch } from './pdfium';

/** Types of FPDFPageObj_GetType (public/fpdf_edit.h). */
const TEXT_OBJECT = 1;
const IMAGE_OBJECT = 3;
const FORM_OBJECT = 5;

interface PageObject {
  readonly object: number;
  readonly type: number;
  /** Area on the page for one unit of area in the object's own space: 1, or of the form that it is part of. */
  readonly scale: number;
}

/** All objects of a page, those inside of its form objects too; scanners and stampers wrap whole pages in them. */
function* objectsOf(pdfium: Pdfium, page: number): Generator<PageObject> {
  const objects = pdfium.FPDFPage_CountObjects(page);
  for (let index = 0; index < objects; index++)
    yield* withinForms(pdfium, pdfium.FPDFPage_GetObject(page, index), 1);
}

function* withinForms(pdfium: Pdfium, object: number, scale: number): Generator<PageObject> {
  const type = pdfium.FPDFPageObj_GetType(object);
  yield { object, type, scale };
  if (type !== FORM_OBJECT) return;
  const [a = 1, b = 0, c = 0, d = 1] = floats(pdfium, 6, (matrix) =>
    pdfium.FPDFPageObj_GetMatrix(object, matrix),
  );
  const inside = scale * Math.abs(a * d - b * c);
  const objects = pdfium.FPDFFormObj_CountObjects(object);
  for (let index = 0; index < objects; index++)
    yield* withinForms(pdfium, pdfium.FPDFFormObj_GetObject(object, index), inside);
}

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

/** What the page holds, for `judgeTextLayer`. */
export function contentOf(pdfium: Pdfium, page: number): PageContent {
  const pageArea = pdfium.FPDF_GetPageWidth(page) * pdfium.FPDF_GetPageHeight(page);
  let imageArea = 0;
  let otherObjects = 0;
  for (const { object, type, scale } of objectsOf(pdfium, page)) {
    if (type !== TEXT_OBJECT && type !== FORM_OBJECT) otherObjects += 1;
    if (type !== IMAGE_OBJECT) continue;
    const [left = 0, bottom = 0, right = 0, top = 0] = floats(pdfium, 4, (box) =>
      pdfium.FPDFPageObj_GetBounds(object, box, box + 4, box + 8, box + 12),
    );
    imageArea += Math.max(0, right - left) * Math.max(0, top - bottom) * scale;
  }
  return { text: textOf(pdfium, page), imageShare: Math.min(1, imageArea / pageArea), otherObjects };
}

/** Numbers that a function writes; none when it fails. */
function floats(pdfium: Pdfium, count: number, write: (pointer: number) => number): number[] {
  return withScratch(pdfium, count * 4, (pointer) => {
    if (!write(pointer)) return [];
    return Array.from({ length: count }, (_, at) => pdfium.memory().readFloatLE(pointer + at * 4));
  });
}

/**
 * The text that can be seen on the page. pdfium marks a hyphen at the end of a line, and leaves out the line break after it:
 * between small letters the word becomes whole again, elsewhere (`North-`, `South`) it is a hyphen.
 */
function textOf(pdfium: Pdfium, page: number): string {
  const textPage = pdfium.FPDFText_LoadPage(page);
  if (textPage === 0) return '';
  try {
    return visibleRuns(pdfium, page, textPage)
      .map(([start, end]) => charactersOf(pdfium, textPage, start, end - start))
      .join('')
      .replace(/(?<=\p{Ll})\uFFFE(?=\p{Ll})/gu, '')
      .replaceAll('\uFFFE', '-')
      .replace(/\r\n?/g, '\n')
      .replace(/[ \t]+$/gm, '')
      .trim();
  } finally {
    pdfium.FPDFText_ClosePage(textPage);
  }
}

/** Characters inside of the page's boxes, as [start, end): what was cropped away may have been meant to go. */
function visibleRuns(pdfium: Pdfium, page: number, textPage: number): [start: number, end: number][] {
  const [left = 0, top = 0, right = 0, bottom = 0] = floats(pdfium, 4, (box) =>
    pdfium.FPDF_GetPageBoundingBox(page, box),
  );
  const runs: [number, number][] = [];
  const characters = pdfium.FPDFText_CountChars(textPage);
  withScratch(pdfium, 4 * 8, (box) => {
    let seen = true;
    for (let at = 0; at < characters; at++) {
      // Spaces and line breaks that pdfium adds stand nowhere: they go with the character before them.
      if (!pdfium.FPDFText_IsGenerated(textPage, at)) {
        pdfium.FPDFText_GetCharBox(textPage, at, box, box + 8, box + 16, box + 24);
        const memory = pdfium.memory();
        const x = (memory.readDoubleLE(box) + memory.readDoubleLE(box + 8)) / 2;
        const y = (memory.readDoubleLE(box + 16) + memory.readDoubleLE(box + 24)) / 2;
        seen = x >= left && x <= right && y >= bottom && y <= top;
      }
      const last = runs.at(-1);
      if (seen && last?.[1] === at) last[1] += 1;
      else if (seen) runs.push([at, at + 1]);
    }
  });
  return runs;
}

function charactersOf(pdfium: Pdfium, textPage: number, start: number, count: number): string {
  return withScratch(pdfium, (count + 1) * 2, (buffer) => {
    const written = pdfium.FPDFText_GetText(textPage, start, count, buffer);
    return pdfium.memory().toString('utf16le', buffer, buffer + Math.max(0, written - 1) * 2);
  });
}
