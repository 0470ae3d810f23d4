import type { PageContent } from '../domain/text/textLayer';
import { pictureLetters } from '../domain/page/pictureLetters';
import type { DocumentLimits } from './limits';
import { type ImageFault, imageFaults } from './pdfImages';
import { type Pdfium, withScratch } from './pdfium';
import {
  areaWithin,
  type Box,
  boxOf,
  FORM_OBJECT,
  IMAGE_OBJECT,
  objectsOf,
  type PageObject,
  PATH_OBJECT,
  shownOf,
  TEXT_OBJECT,
} from './pdfObjects';
import { type Characters, charactersOf, seenText, withTextPage } from './pdfText';
import { hideUndrawn, hideUnseen, look, type Look, type TextObject, textObjectsOf } from './pdfVisibility';

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

/** What was found on a page, for `judgeTextLayer` and for warnings. */
export interface FoundContent extends PageContent {
  readonly faults: readonly ImageFault[];
  /** Signs of the text that pdfium has no glyph for. */
  readonly undrawn: number;
}

/** Text that can be seen, and what else is on the page. Of an image counts what lies within the page; letterheads bleed off it. */
export function contentOf(pdfium: Pdfium, page: number): FoundContent {
  const shown = shownOf(pdfium, page);
  const objects = [...objectsOf(pdfium, page)];
  const found = withTextPage(pdfium, page, (textPage) => {
    const characters = charactersOf(pdfium, textPage, shown);
    const all = characters.seen.reduce((sum, seen) => sum + seen, 0);
    const texts = textObjectsOf(pdfium, characters);
    const height = shown.top - shown.bottom;
    hideUndrawn(characters, texts, height);
    const looked = isLookedAt(pdfium, objects, texts)
      ? look(pdfium, page, objects, characters, height)
      : undefined;
    const { undrawn } = looked ? hideUnseen(pdfium, page, characters, texts, looked) : { undrawn: 0 };
    const seen = characters.seen.reduce((sum, one) => sum + one, 0);
    return {
      text: seenText(pdfium, textPage, characters),
      fonts: textByFont(characters, texts),
      hidden: all - seen,
      isVertical: isVertical(characters),
      looked,
      undrawn,
    };
  });
  const { looked, ...text } = found ?? { text: '', fonts: [], hidden: 0, isVertical: false, undrawn: 0 };
  return {
    ...text,
    ...otherContent(pdfium, objects, shown),
    ...pictureContent(pdfium, page, objects, shown, looked),
  };
}

function otherContent(pdfium: Pdfium, objects: readonly PageObject[], shown: Box) {
  let imageArea = 0;
  let otherObjects = 0;
  for (const item of objects) {
    if (item.type === TEXT_OBJECT || item.type === FORM_OBJECT) continue;
    otherObjects += 1;
    if (item.type === IMAGE_OBJECT) imageArea += areaWithin(boxOf(pdfium, item), shown);
  }
  return { otherObjects, imageShare: Math.min(1, imageArea / areaWithin(shown, shown)) };
}

function pictureContent(
  pdfium: Pdfium,
  page: number,
  objects: readonly PageObject[],
  shown: Box,
  looked: Look | undefined,
) {
  if (looked === undefined) return { pictureLetters: 0, inkShare: 0, faults: [] };
  return {
    pictureLetters: pictureLetters(looked.picture),
    inkShare: inkShareOf(looked.picture.pixels),
    faults: imageFaults(pdfium, page, objects, shown, looked.picture),
  };
}

/** Share of the pixels that are not of the commonest shade. */
function inkShareOf(pixels: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const shade of pixels) counts[shade]! += 1;
  return 1 - Math.max(...counts) / pixels.length;
}

/** Thinner than this, in points, is a rule. */
const RULE = 3;
/** Text that is darker shows on white. */
const MOST_LIGHTNESS = 160;

/** Whether the page has to be drawn to know what can be seen: dark text alone, with rules between, shows. */
function isLookedAt(
  pdfium: Pdfium,
  objects: readonly PageObject[],
  texts: ReadonlyMap<number, TextObject>,
): boolean {
  for (const { isClipped, lightness } of texts.values())
    if (isClipped || lightness > MOST_LIGHTNESS) return true;
  return objects.some((item) => {
    if (item.type === TEXT_OBJECT || item.type === FORM_OBJECT) return false;
    if (item.type !== PATH_OBJECT) return true;
    const { left, bottom, right, top } = boxOf(pdfium, item);
    return right - left > RULE && top - bottom > RULE;
  });
}

/** The text that can be seen of each font. */
function textByFont(
  { count, codes, objects, seen }: Characters,
  texts: ReadonlyMap<number, TextObject>,
): string[] {
  const fonts = new Map<number, string>();
  for (let at = 0; at < count; at++) {
    const object = texts.get(objects[at]!);
    if (seen[at] === 0 || object === undefined) continue;
    fonts.set(object.font, (fonts.get(object.font) ?? '') + signOf(codes[at]!));
  }
  return [...fonts.values()];
}

/** pdfium marks a hyphen at the end of a line as U+FFFE in a text, and as 2 where it gives one character. */
function signOf(code: number): string {
  if (code === 0xfffe || code === 2) return '-';
  return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code);
}

/** Whether most East Asian signs stand below the one before them. */
function isVertical({ count, codes, boxes, seen }: Characters): boolean {
  let below = 0;
  let beside = 0;
  for (let at = 1; at < count; at++) {
    if (seen[at] === 0 || codes[at]! < 0x2e80 || codes[at - 1]! < 0x2e80) continue;
    const dx = Math.abs(boxes[4 * at]! - boxes[4 * at - 4]!);
    const dy = boxes[4 * at - 3]! - boxes[4 * at + 1]!;
    if (dy > 2 * dx) below += 1;
    else beside += 1;
  }
  return below > beside && below >= 8;
}
