import { counted } from '../words';

/** What a PDF says a page holds. */
export interface PageContent {
  /** Text of the text layer, as it is extracted. */
  readonly text: string;
  /** Share of the page that its images cover, 0 to 1. */
  readonly imageShare: number;
  /** Things on the page that are not text: images, paths, shadings. */
  readonly otherObjects: number;
  /** Of these, filled paths of a letter's size that are no lines or boxes: the number of points of each. */
  readonly outlines: readonly number[];
}

export type TextLayerVerdict =
  { readonly usable: true; readonly why: string } | { readonly usable: false; readonly why: string };

/** From here on the page is a picture: what stands in it is not in the layer, or was put there by an earlier OCR. */
const MAX_IMAGE_SHARE = 0.5;
/** Smaller pictures are logos and signatures. */
const LOGO_SHARE = 0.1;
/** Fewer letters and digits beside drawings are a stamp or a page number; the text itself may be drawn. */
const MIN_CHARACTERS = 25;
/**
 * Outlines of so many different numbers of points are letters: the marks of a plot, dots and arrows come in a few shapes.
 * Nine English words in DejaVu Sans, 37 letters, have 11.
 */
const MIN_LETTER_SHAPES = 8;
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
 * Whether the text layer of a page may stand for its text. The rules, in order (docs/extraction-method-guide.md):
 * an empty page is read as empty; no text, images over half of the page, or fewer characters than letters drawn as
 * outlines → not usable; unmapped characters over 2 %, mostly neither letters nor digits, or Latin letters that are no
 * words → garbage.
 * The limits are own choices, held by tests on pages of each kind.
 */
export function judgeTextLayer({ text, imageShare, otherObjects, outlines }: PageContent): TextLayerVerdict {
  const visible = text.replace(/\s/g, '');
  const alphanumeric = count(visible, /[\p{L}\p{N}\p{M}]/gu);
  if (visible.length === 0)
    return otherObjects === 0
      ? { usable: true, why: 'an empty page' }
      : { usable: false, why: 'no text layer' };
  if (imageShare > MAX_IMAGE_SHARE) return refused(`images cover ${percent(imageShare)} of the page`);
  if (otherObjects > 0 && alphanumeric < MIN_CHARACTERS)
    return refused(`${alphanumeric} letters and digits beside ${counted(otherObjects, 'drawing')}`);
  if (new Set(outlines).size >= MIN_LETTER_SHAPES && alphanumeric < outlines.length)
    return refused(`${alphanumeric} letters and digits beside ${outlines.length} drawn ones`);
  const unmapped = count(visible, /[\uFFFD\p{Co}\p{Cc}\p{Cn}\p{Cs}]/gu) / visible.length;
  if (unmapped > MAX_UNMAPPED_SHARE) return refused(`${percent(unmapped)} of the characters map to nothing`);
  if (alphanumeric / visible.length < MIN_ALPHANUMERIC_SHARE)
    return refused(`${percent(alphanumeric / visible.length)} of the characters are letters or digits`);
  const latin = visible.normalize('NFC').replace(/\P{Script=Latin}/gu, '');
  if (latin.length >= MIN_LATIN_LETTERS && latin.length > count(visible, /\p{L}/gu) / 2) {
    const accented = count(latin, /[^a-z]/giu) / latin.length;
    if (accented > MAX_ACCENTED_SHARE)
      return refused(`${percent(accented)} letters with accents: another script`);
    const common = count(latin.normalize('NFD'), COMMON.letters) / latin.length;
    if (common < COMMON.minShare) return refused(`${percent(common)} common letters: not words`);
  }
  const beside = imageShare > LOGO_SHARE ? `, beside images on ${percent(imageShare)} of the page` : '';
  return { usable: true, why: `a text layer${beside}` };
}

function refused(why: string): TextLayerVerdict {
  return { usable: false, why };
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
