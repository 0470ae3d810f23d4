import type { Grey } from '../domain/page/ink';
import { drawGrey } from './pdfDrawing';
import { type Pdfium, withScratch } from './pdfium';
import { type PageObject, TEXT_OBJECT } from './pdfObjects';
import type { Characters } from './pdfText';

/** Longest side of the pictures that are looked at: some 100 dots an inch for Letter. */
const LOOK_PIXELS = 1100;
/** Of a long page: 20 sheets. */
const MOST_LOOK_PIXELS = 22_000;
/** A character changes a pixel of the page by so much, of 255, or nobody sees it. Pale grey on white, 0.9, changes it by 25. */
const LEAST_CHANGE = 20;
/** Text render modes that draw nothing by themselves: invisible, and to clip only (PDF 32000-1, table 106). */
const UNDRAWN_MODES = [3, 7];
/** A glyph as high as a fifth of the page is a picture, but not on a label or ticket: letters are lower than these points. */
const PICTURE = { share: 0.2, points: 100 };
/** Letters from here on are not in pdfium's own fonts, which have Latin and symbols. */
const FIRST_FOREIGN_LETTER = 0x250;

/** What can be seen of a page, with its text and without. */
export interface Look {
  readonly withText: Grey;
  /** All that is drawn and is no text. */
  readonly picture: Grey;
}

export interface TextObject {
  readonly mode: number;
  readonly alpha: number;
  /** Of 255, the lightest of its colours. */
  readonly lightness: number;
  readonly font: number;
  readonly isEmbedded: boolean;
  readonly isClipped: boolean;
}

/** What each text object of these characters is like. */
export function textObjectsOf(pdfium: Pdfium, { objects }: Characters): Map<number, TextObject> {
  const found = new Map<number, TextObject>();
  for (const object of objects)
    if (object !== 0 && !found.has(object)) found.set(object, textObject(pdfium, object));
  return found;
}

function textObject(pdfium: Pdfium, object: number): TextObject {
  const [red = 0, green = 0, blue = 0, alpha = 255] = withScratch(pdfium, 16, (colours) => {
    const known = pdfium.FPDFPageObj_GetFillColor(object, colours, colours + 4, colours + 8, colours + 12);
    return known ? [0, 4, 8, 12].map((at) => pdfium.memory().readUInt32LE(colours + at)) : [];
  });
  const font = pdfium.FPDFTextObj_GetFont(object);
  const clipPath = pdfium.FPDFPageObj_GetClipPath(object);
  return {
    mode: pdfium.FPDFTextObj_GetTextRenderMode(object),
    alpha,
    lightness: Math.max(red, green, blue),
    font,
    isEmbedded: font !== 0 && pdfium.FPDFFont_GetIsEmbedded(font) === 1,
    isClipped: clipPath !== 0 && pdfium.FPDFClipPath_CountPaths(clipPath) > 0,
  };
}

/** Takes out of `seen` what its own objects say is not drawn, and glyphs that are pictures. */
export function hideUndrawn(
  characters: Characters,
  objects: ReadonlyMap<number, TextObject>,
  height: number,
) {
  forEach(characters, (at) => {
    const object = objects.get(characters.objects[at]!);
    if (object === undefined) return true;
    return (
      !UNDRAWN_MODES.includes(object.mode) && object.alpha > 0 && !isPictureGlyph(characters, at, height)
    );
  });
}

function isPictureGlyph({ boxes }: Characters, at: number, height: number): boolean {
  const glyph = Math.abs(boxes[4 * at + 3]! - boxes[4 * at + 1]!);
  return glyph >= Math.max(PICTURE.share * height, PICTURE.points);
}

/** A page of another shape than a sheet's has as much detail on its short side. */
function lookPixels(pdfium: Pdfium, page: number): number {
  const sides = [pdfium.FPDF_GetPageWidth(page), pdfium.FPDF_GetPageHeight(page)];
  const sheets = Math.max(...sides) / Math.min(...sides) / Math.SQRT2;
  return Math.min(MOST_LOOK_PIXELS, Math.round(LOOK_PIXELS * Math.max(1, sheets)));
}

/** Draws the page with its text and without. Text objects of glyphs that are pictures stay. */
export function look(
  pdfium: Pdfium,
  page: number,
  objects: readonly PageObject[],
  characters: Characters,
  height: number,
): Look {
  const pixels = lookPixels(pdfium, page);
  const withText = drawGrey(pdfium, page, pixels);
  const pictures = new Set<number>();
  for (let at = 0; at < characters.count; at++)
    if (isPictureGlyph(characters, at, height)) pictures.add(characters.objects[at]!);
  const texts = objects.filter(({ type, object }) => type === TEXT_OBJECT && !pictures.has(object));
  if (texts.length === 0) return { withText, picture: withText };
  for (const { object } of texts) pdfium.FPDFPageObj_SetIsActive(object, 0);
  const picture = drawGrey(pdfium, page, pixels);
  for (const { object } of texts) pdfium.FPDFPageObj_SetIsActive(object, 1);
  return { withText, picture };
}

/**
 * Takes out of `seen` what changes nothing on the page: white on white, under a bar or a picture, clipped away. A sign that
 * pdfium has no glyph for stays: it is there, and `undrawn` counts it.
 */
export function hideUnseen(
  pdfium: Pdfium,
  page: number,
  characters: Characters,
  objects: ReadonlyMap<number, TextObject>,
  { withText, picture }: Look,
): { undrawn: number } {
  const toPixels = pixelsOf(pdfium, page, withText);
  let undrawn = 0;
  forEach(characters, (at) => {
    const [x0, y0] = toPixels(characters.boxes[4 * at]!, characters.boxes[4 * at + 1]!);
    const [x1, y1] = toPixels(characters.boxes[4 * at + 2]!, characters.boxes[4 * at + 3]!);
    if (changes(withText, picture, [x0, y0, x1, y1])) return true;
    const object = objects.get(characters.objects[at]!);
    const hasNoGlyph =
      object !== undefined && !object.isEmbedded && characters.codes[at]! >= FIRST_FOREIGN_LETTER;
    if (hasNoGlyph) undrawn += 1;
    return hasNoGlyph;
  });
  return { undrawn };
}

const isSpace = (code: number) => code <= 0x20 || code === 0xa0 || code === 0x3000;

/** Keeps seen what `keep` says; spaces, and what pdfium has added, go with the character before them. */
function forEach({ count, seen, objects, codes }: Characters, keep: (at: number) => boolean): void {
  for (let at = 0; at < count; at++) {
    if (seen[at] === 0) continue;
    if (objects[at] === 0 || isSpace(codes[at]!)) seen[at] = at === 0 ? 1 : seen[at - 1]!;
    else if (!keep(at)) seen[at] = 0;
  }
}

function changes(
  one: Grey,
  other: Grey,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): boolean {
  const left = Math.max(0, Math.floor(Math.min(x0, x1)) - 1);
  const right = Math.min(one.width, Math.ceil(Math.max(x0, x1)) + 1);
  const top = Math.max(0, Math.floor(Math.min(y0, y1)) - 1);
  const bottom = Math.min(one.height, Math.ceil(Math.max(y0, y1)) + 1);
  for (let y = top; y < bottom; y++)
    for (let at = y * one.width + left; at < y * one.width + right; at++)
      if (Math.abs(one.pixels[at]! - other.pixels[at]!) >= LEAST_CHANGE) return true;
  return false;
}

/** Parts of a pixel that pdfium's whole numbers are asked for. */
const PARTS = 64;

/** From the page's points to a drawing's pixels, turned as the page is. */
export function pixelsOf(pdfium: Pdfium, page: number, { width, height }: Grey) {
  const at = (x: number, y: number): [number, number] =>
    withScratch(pdfium, 8, (to) => {
      pdfium.FPDF_PageToDevice(page, 0, 0, width * PARTS, height * PARTS, 0, x, y, to, to + 4);
      const memory = pdfium.memory();
      return [memory.readInt32LE(to) / PARTS, memory.readInt32LE(to + 4) / PARTS];
    });
  const [x0, y0] = at(0, 0);
  const [xx, xy] = at(1000, 0);
  const [yx, yy] = at(0, 1000);
  return (x: number, y: number): [number, number] => [
    x0 + (x * (xx - x0) + y * (yx - x0)) / 1000,
    y0 + (x * (xy - y0) + y * (yy - y0)) / 1000,
  ];
}
