import { type Pdfium, withScratch } from './pdfium';

/** Types of FPDFPageObj_GetType (public/fpdf_edit.h). */
export const TEXT_OBJECT = 1;
export const PATH_OBJECT = 2;
export const IMAGE_OBJECT = 3;
export const FORM_OBJECT = 5;

/** Of something in its own space, a form's or the page's: x' = ax + cy + e, y' = bx + dy + f (PDF 32000-1, 8.3.3). */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

export interface Box {
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

export interface PageObject {
  readonly object: number;
  readonly type: number;
  /** From the space of the form that it is part of to the page. */
  readonly toPage: Matrix;
}

/** All objects of a page, those inside of its form objects too; scanners and stampers wrap whole pages in them. */
export function* objectsOf(pdfium: Pdfium, page: number): Generator<PageObject> {
  const objects = pdfium.FPDFPage_CountObjects(page);
  for (let index = 0; index < objects; index++)
    yield* withinForms(pdfium, pdfium.FPDFPage_GetObject(page, index), IDENTITY);
}

function* withinForms(pdfium: Pdfium, object: number, toPage: Matrix): Generator<PageObject> {
  const type = pdfium.FPDFPageObj_GetType(object);
  yield { object, type, toPage };
  if (type !== FORM_OBJECT) return;
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = floats(pdfium, 6, (matrix) =>
    pdfium.FPDFPageObj_GetMatrix(object, matrix),
  );
  const inside = after([a, b, c, d, e, f], toPage);
  const objects = pdfium.FPDFFormObj_CountObjects(object);
  for (let index = 0; index < objects; index++)
    yield* withinForms(pdfium, pdfium.FPDFFormObj_GetObject(object, index), inside);
}

/** The first, then the second. */
function after([a, b, c, d, e, f]: Matrix, [A, B, C, D, E, F]: Matrix): Matrix {
  return [a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F];
}

/** Where an object is on the page. */
export function boxOf(pdfium: Pdfium, { object, toPage: [a, b, c, d, e, f] }: PageObject): Box {
  const [left = 0, bottom = 0, right = 0, top = 0] = floats(pdfium, 4, (box) =>
    pdfium.FPDFPageObj_GetBounds(object, box, box + 4, box + 8, box + 12),
  );
  const corners = [left, right].flatMap((x) => [bottom, top].map((y) => [x, y] as const));
  const xs = corners.map(([x, y]) => a * x + c * y + e);
  const ys = corners.map(([x, y]) => b * x + d * y + f);
  return {
    left: Math.min(...xs),
    bottom: Math.min(...ys),
    right: Math.max(...xs),
    top: Math.max(...ys),
  };
}

/** What is shown of the page. */
export function shownOf(pdfium: Pdfium, page: number): Box {
  const [left = 0, top = 0, right = 0, bottom = 0] = floats(pdfium, 4, (box) =>
    pdfium.FPDF_GetPageBoundingBox(page, box),
  );
  return { left, top, right, bottom };
}

export function areaWithin(box: Box, outer: Box): number {
  const width = Math.min(box.right, outer.right) - Math.max(box.left, outer.left);
  const height = Math.min(box.top, outer.top) - Math.max(box.bottom, outer.bottom);
  return Math.max(0, width) * Math.max(0, height);
}

/** Numbers that a function writes; none when it fails. */
function floats(pdfium: Pdfium, count: number, write: (pointer: number) => number): number[] {
  return withScratch(pdfium, count * 4, (pointer) => {
    if (!write(pointer)) return [];
    return Array.from({ length: count }, (_, at) => pdfium.memory().readFloatLE(pointer + at * 4));
  });
}
