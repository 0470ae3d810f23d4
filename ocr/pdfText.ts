import { type Pdfium, withScratch } from './pdfium';
import type { Box } from './pdfObjects';

/** The characters of a page's text layer, by index. */
export interface Characters {
  readonly count: number;
  /** Code points. */
  readonly codes: Uint32Array;
  /** Left, bottom, right, top of each, in the page's points. */
  readonly boxes: Float64Array;
  /** The text object that each belongs to; 0 for spaces and line breaks that pdfium adds. */
  readonly objects: Uint32Array;
  /** 1 for each that can be seen; spaces and line breaks go with the character before them. */
  readonly seen: Uint8Array;
}

/** Opens a page's text layer for as long as it is used; undefined for a page without one. */
export function withTextPage<T>(pdfium: Pdfium, page: number, use: (textPage: number) => T): T | undefined {
  const textPage = pdfium.FPDFText_LoadPage(page);
  if (textPage === 0) return undefined;
  try {
    return use(textPage);
  } finally {
    pdfium.FPDFText_ClosePage(textPage);
  }
}

/** All characters; seen are those inside of the page's boxes: what was cropped away may have been meant to go. */
export function charactersOf(pdfium: Pdfium, textPage: number, shown: Box): Characters {
  const count = Math.max(0, pdfium.FPDFText_CountChars(textPage));
  const characters = {
    count,
    codes: new Uint32Array(count),
    boxes: new Float64Array(4 * count),
    objects: new Uint32Array(count),
    seen: new Uint8Array(count),
  };
  const { codes, boxes, objects, seen } = characters;
  withScratch(pdfium, 4 * 8, (box) => {
    for (let at = 0; at < count; at++) {
      codes[at] = pdfium.FPDFText_GetUnicode(textPage, at);
      if (pdfium.FPDFText_IsGenerated(textPage, at)) {
        seen[at] = at === 0 ? 1 : seen[at - 1]!;
        continue;
      }
      objects[at] = pdfium.FPDFText_GetTextObject(textPage, at);
      pdfium.FPDFText_GetCharBox(textPage, at, box, box + 16, box + 8, box + 24);
      const memory = pdfium.memory();
      for (let side = 0; side < 4; side++) boxes[4 * at + side] = memory.readDoubleLE(box + 8 * side);
      seen[at] = Number(isWithin(boxes, at, shown));
    }
  });
  return characters;
}

function isWithin(boxes: Float64Array, at: number, { left, bottom, right, top }: Box): boolean {
  const x = (boxes[4 * at]! + boxes[4 * at + 2]!) / 2;
  const y = (boxes[4 * at + 1]! + boxes[4 * at + 3]!) / 2;
  return x >= left && x <= right && y >= bottom && y <= top;
}

/** The text that can be seen, in the order of the layer. */
export function seenText(pdfium: Pdfium, textPage: number, { count, seen }: Characters): string {
  let text = '';
  for (let at = 0; at < count;) {
    let end = at;
    while (end < count && seen[end] === seen[at]) end++;
    if (seen[at] === 1) text += textBetween(pdfium, textPage, at, end);
    else if (!/(^|[\r\n])$/.test(text)) text += '\n';
    at = end;
  }
  return text
    .replace(/\S+/gu, whole)
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Addresses, paths, file names and options: what a hyphen is part of. A full stop ends a sentence when nothing follows. */
const NO_WORD = /[/_@\\]|--|\.[\p{L}\p{N}]/u;

/**
 * pdfium marks a hyphen at the end of a line as U+FFFE, and leaves out the line break after it. Between two small letters and
 * two more the word becomes whole again; elsewhere (`North-`, `South`; `some-`, `/path`; `e-`, `mail`) it is a hyphen.
 */
function whole(word: string): string {
  if (!word.includes('\uFFFE')) return word;
  const joined = NO_WORD.test(word) ? word : word.replace(/(?<=\p{L}\p{Ll})\uFFFE(?=\p{Ll}{2})/gu, '');
  return joined.replaceAll('\uFFFE', '-');
}

function textBetween(pdfium: Pdfium, textPage: number, start: number, end: number): string {
  const count = end - start;
  return withScratch(pdfium, (count + 1) * 2, (buffer) => {
    const written = pdfium.FPDFText_GetText(textPage, start, count, buffer);
    return pdfium.memory().toString('utf16le', buffer, buffer + Math.max(0, written - 1) * 2);
  });
}
