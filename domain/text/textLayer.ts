import { counted } from '../words';

/** What was found on a page of a PDF. */
export interface PageContent {
  /** Text of the text layer, as far as it can be seen on the page. */
  readonly text: string;
  /** The same text by the fonts that it is set in, without spaces that were added. */
  readonly fonts: readonly string[];
  /** Characters of the layer that cannot be seen: transparent, white on white, covered, clipped, off the page. */
  readonly hidden: number;
  /** Whether the text runs from top to bottom. */
  readonly isVertical: boolean;
  /** Share of the page that its images cover, 0 to 1. */
  readonly imageShare: number;
  /** Things on the page that are not text: images, paths, shadings. */
  readonly otherObjects: number;
  /** About how many letters can be read in what is drawn and is no text. */
  readonly pictureLetters: number;
  /** Share of the page that differs from its ground, without its text; 0 where nothing but rules is drawn. */
  readonly inkShare: number;
}

export type TextLayerVerdict =
  { readonly usable: true; readonly why: string } | { readonly usable: false; readonly why: string };

/** From here on the page is a picture: what stands in it is not in the layer, or was put there by an earlier OCR. */
const MAX_IMAGE_SHARE = 0.5;
/** Smaller pictures are logos and signatures. */
const LOGO_SHARE = 0.1;
/** Fewer letters in a picture are a logo, a stamp or chance. */
const MIN_PICTURE_LETTERS = 20;
/** From this share of the text's letters on, the letters in pictures are a part of the page's text that is not left out. */
const MAX_PICTURE_SHARE = 0.25;
/** Fewer letters and digits are a stamp or a page number: with this much ink beside them, the text itself may be drawn or written by hand. */
const MIN_CHARACTERS = 25;
const MAX_STAMP_INK = 0.02;
/** Replacement, control and private-use characters: glyphs that the font maps to nothing. */
const MAX_UNMAPPED_SHARE = 0.02;
/** Letters and digits among what is not white space; a page of figures and rules still has more. */
const MIN_ALPHANUMERIC_SHARE = 0.5;
/**
 * `a e i n o r s t` among Latin letters. They are 0.64 of an English text (https://en.wikipedia.org/wiki/Letter_frequency);
 * other languages that are written with them have 0.5 to 0.8. A layer whose codes are shifted (a font without a Unicode
 * map) falls below: of the 25 shifts of an English text all but one, which has 0.46.
 */
const COMMON = { letters: /[aeinorstı]/giu, minShare: 0.45 };
/** Letters beyond ASCII among Latin ones: Vietnamese and Yoruba have up to 0.4, Cyrillic or Greek that was read as Latin-1 nearly 1. */
const MAX_ACCENTED_SHARE = 0.6;
/** Latin letters from which on these shares tell anything, where they are most of the letters: codes and names in another script are no words. */
const MIN_LATIN_LETTERS = 60;

/**
 * Whether the text layer of a page may stand for its text, as far as it can be seen. The rules, in order
 * (docs/extraction-method-guide.md): nothing on the page → empty; no text, vertical lines, letters in pictures beside few in
 * the text, images over half of the page, ink beside a few letters → not usable; then each font and each line of text is
 * judged by itself. The limits are own choices, held by tests on pages of each kind and a table of real pages.
 */
export function judgeTextLayer(content: PageContent): TextLayerVerdict {
  const { text, fonts, imageShare, otherObjects, inkShare, pictureLetters, isVertical } = content;
  const visible = text.replace(/\s/g, '');
  const alphanumeric = count(visible, ALPHANUMERIC);
  if (visible.length === 0)
    return otherObjects === 0 && content.hidden === 0
      ? { usable: true, why: 'an empty page' }
      : refused(
          content.hidden > 0
            ? `${counted(content.hidden, 'character')} that cannot be seen`
            : 'no text layer',
        );
  if (isVertical) return refused('vertical lines, whose order the layer does not tell');
  if (pictureLetters >= MIN_PICTURE_LETTERS && pictureLetters > MAX_PICTURE_SHARE * alphanumeric)
    return refused(`${alphanumeric} letters and digits beside about ${pictureLetters} in pictures`);
  if (imageShare > MAX_IMAGE_SHARE) return refused(`images cover ${percent(imageShare)} of the page`);
  if (alphanumeric < MIN_CHARACTERS && inkShare > MAX_STAMP_INK)
    return refused(`${alphanumeric} letters and digits beside ${counted(otherObjects, 'drawing')}`);
  const garbage = garbageIn(text, fonts);
  if (garbage !== undefined) return refused(garbage);
  const beside = imageShare > LOGO_SHARE ? `, beside images on ${percent(imageShare)} of the page` : '';
  return { usable: true, why: `a text layer${beside}` };
}

/** Garbage in a part of the text this large is not left in it. */
const MAX_GARBAGE_SHARE = 0.1;
const ALPHANUMERIC = /[\p{L}\p{N}]/gu;

/** Why the text is no text: as a whole, or in so many of its fonts or lines. */
function garbageIn(text: string, fonts: readonly string[]): string | undefined {
  const whole = shortGarbage(text) ?? garbage(text);
  if (whole !== undefined) return whole;
  for (const [parts, what] of [
    [fonts, 'font'],
    [text.split('\n'), 'line'],
  ] as const) {
    const faulty = parts.filter((part) => garbage(part) !== undefined);
    const share = lengthOf(faulty) / lengthOf(parts);
    if (share > MAX_GARBAGE_SHARE)
      return `${counted(faulty.length, what)} with ${percent(share)} of the text: ${garbage(faulty[0]!)}`;
  }
  return undefined;
}

const lengthOf = (parts: readonly string[]) =>
  parts.reduce((sum, part) => sum + part.replace(/\s/g, '').length, 0);

/** Shorter parts tell nothing by their shares. */
const MIN_PART = 12;

/** Of a shorter text so many signs that stand alone: fractions, accents, symbols, as a font without a Unicode map gives. */
const MAX_ALONE_SHARE = 0.25;

/** A stamp or a label is too short for the shares of a text; a request for it costs little. */
function shortGarbage(text: string): string | undefined {
  const visible = text.replace(/\s/g, '');
  const alone = count(visible, /[\uFFFD\p{No}\p{Sk}\p{So}\p{Co}\p{Cc}\p{Cn}]/gu);
  // One that maps to nothing is enough: there is hardly more on the page.
  const isUnmapped = /[\uFFFD\p{Co}\p{Cc}\p{Cn}]/u.test(visible);
  const isFew = alone <= MAX_ALONE_SHARE * visible.length;
  if (visible.length >= MIN_PART || (isFew && !isUnmapped)) return undefined;
  return `${alone} of ${visible.length} characters are no letters, digits or punctuation`;
}

function garbage(text: string): string | undefined {
  const visible = text.replace(/\s/g, '');
  if (visible.length < MIN_PART) return undefined;
  const unmapped = count(visible, /[\uFFFD\p{Co}\p{Cc}\p{Cn}\p{Cs}]/gu) / visible.length;
  if (unmapped > MAX_UNMAPPED_SHARE) return `${percent(unmapped)} of the characters map to nothing`;
  const alphanumeric = count(visible, ALPHANUMERIC);
  const marks = count(visible, /\p{M}/gu);
  // Dot leaders, rules and bullets are no letters and no garbage: a part needs signs that are neither.
  const odd = count(visible, /[^\p{L}\p{N}\p{M}.,:;·…_\-–—=*|/()[\]•%$€£¥+<>'"“”‘’]/gu);
  if (marks > 2 * alphanumeric)
    return `${percent(marks / visible.length)} of the characters are accents without letters`;
  if (alphanumeric + marks < MIN_ALPHANUMERIC_SHARE * visible.length && odd > visible.length / 4)
    return `${percent(alphanumeric / visible.length)} of the characters are letters or digits`;
  const latin = visible.normalize('NFC').replace(/\P{Script=Latin}/gu, '');
  if (latin.length < MIN_LATIN_LETTERS || latin.length <= count(visible, /\p{L}/gu) / 2) return undefined;
  const accented = count(latin, /[^a-z]/giu) / latin.length;
  if (accented > MAX_ACCENTED_SHARE) return `${percent(accented)} letters with accents: another script`;
  const common = count(latin.normalize('NFD'), COMMON.letters) / latin.length;
  return common < COMMON.minShare ? `${percent(common)} common letters: not words` : undefined;
}

function refused(why: string): TextLayerVerdict {
  return { usable: false, why };
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
