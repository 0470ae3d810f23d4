import { type Pdfium, withScratch } from './pdfium';
import type { Box } from './pdfObjects';

/** The text that can be seen on the page. */
export function textOf(pdfium: Pdfium, page: number, shown: Box): string {
  const textPage = pdfium.FPDFText_LoadPage(page);
  if (textPage === 0) return '';
  try {
    return visibleRuns(pdfium, textPage, shown)
      .map(([start, end]) => charactersOf(pdfium, textPage, start, end - start))
      .join('')
      .replace(/\S+/gu, whole)
      .replace(/\r\n?/g, '\n')
      .replace(/[ \t]+$/gm, '')
      .trim();
  } finally {
    pdfium.FPDFText_ClosePage(textPage);
  }
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

/** Characters inside of the page's boxes, as [start, end): what was cropped away may have been meant to go. */
function visibleRuns(
  pdfium: Pdfium,
  textPage: number,
  { left, top, right, bottom }: Box,
): [start: number, end: number][] {
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
