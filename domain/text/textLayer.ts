/** What a PDF says a page holds. */
export interface PageContent {
  /** Text of the text layer, as it is extracted. */
  readonly text: string;
  /** Share of the page that its images cover, 0 to 1. */
  readonly imageShare: number;
  /** Things on the page that are not text: images, paths, shadings. */
  readonly otherObjects: number;
}

export type TextLayerVerdict =
  { readonly usable: true; readonly why: string } | { readonly usable: false; readonly why: string };

/** From here on the page is a picture: what stands in it is not in the layer, or was put there by an earlier OCR. */
const MAX_IMAGE_SHARE = 0.5;
/** Fewer letters and digits beside drawings are a stamp or a page number; the text itself may be drawn as outlines. */
const MIN_CHARACTERS = 25;
/** Replacement, control and private-use characters: glyphs that the font maps to nothing. */
const MAX_UNMAPPED_SHARE = 0.02;
/** Letters and digits among what is not white space; a page of figures and rules still has more. */
const MIN_ALPHANUMERIC_SHARE = 0.5;
/**
 * Vowels among Latin letters. Languages that are written with them have 0.3 to 0.5; a layer whose codes are shifted (a font
 * without a Unicode map) falls below. Judged from so many letters on.
 */
const VOWELS = { minShare: 0.22, fromLetters: 60 };

/**
 * Whether the text layer of a page may stand for its text. The rules, in order (docs/extraction-method-guide.md):
 * an empty page is read as empty; no text, images over half of the page, or a few characters beside drawings → not usable;
 * unmapped characters over 2 %, mostly neither letters nor digits, or Latin text almost without vowels → garbage.
 * The limits are own choices, held by tests on pages of each kind; they send a page to OCR when in doubt.
 */
export function judgeTextLayer({ text, imageShare, otherObjects }: PageContent): TextLayerVerdict {
  const visible = text.replace(/\s/g, '');
  const alphanumeric = count(visible, /[\p{L}\p{N}\p{M}]/gu);
  if (visible.length === 0)
    return otherObjects === 0
      ? { usable: true, why: 'an empty page' }
      : { usable: false, why: 'no text layer' };
  if (imageShare > MAX_IMAGE_SHARE) return refused(`images cover ${percent(imageShare)} of the page`);
  if (alphanumeric < MIN_CHARACTERS && otherObjects > 0)
    return refused(`${alphanumeric} letters and digits beside drawings`);
  const unmapped = count(visible, /[\uFFFD\p{Co}\p{Cc}\p{Cn}\p{Cs}]/gu) / visible.length;
  if (unmapped > MAX_UNMAPPED_SHARE) return refused(`${percent(unmapped)} of the characters map to nothing`);
  if (alphanumeric / visible.length < MIN_ALPHANUMERIC_SHARE)
    return refused(`${percent(alphanumeric / visible.length)} of the characters are letters or digits`);
  const vowels = vowelShare(visible);
  if (vowels !== undefined && vowels < VOWELS.minShare)
    return refused(`${percent(vowels)} vowels: not words`);
  return { usable: true, why: 'a text layer' };
}

function refused(why: string): TextLayerVerdict {
  return { usable: false, why };
}

/** Undefined when there are too few Latin letters to tell: a short page, figures, another script. */
function vowelShare(text: string): number | undefined {
  const latin = text.normalize('NFD').replace(/\P{Script=Latin}/gu, '');
  if (latin.length < VOWELS.fromLetters) return undefined;
  return count(latin, /[aeiouyæœøı]/giu) / latin.length;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
