import { imageTokens, largestImageTokens, MAX_PAGE_PIXELS } from '../model';
import { type Rule, when } from './rule';

/** Width over height of a Letter page, 8.5 by 11 inches: the widest of the usual ones. */
const LETTER_ASPECT = 8.5 / 11;

/** A page at the configured size fits the context, with room for its text. */
export const pageRule: Rule = ({ page: { longestSidePixels, textTokens }, vllm: { maxModelLen } }) => {
  const largest = largestImageTokens(longestSidePixels);
  const letter = imageTokens(Math.round(longestSidePixels * LETTER_ASPECT), longestSidePixels);
  const leaves = `a Letter page takes ${letter} tokens and leaves ${Math.max(0, maxModelLen - letter)}`;
  return [
    ...when(longestSidePixels > MAX_PAGE_PIXELS, {
      code: 'PAGE_TOO_MANY_PIXELS',
      key: 'page.longestSidePixels',
      got: longestSidePixels,
      reason: `The model's image processor takes ${MAX_PAGE_PIXELS} px at most and scales the rest away.`,
      remedy: `Write ${MAX_PAGE_PIXELS} or less.`,
    }),
    ...when(largest >= maxModelLen, {
      code: 'PAGE_REJECTED',
      key: 'vllm.maxModelLen',
      got: maxModelLen,
      reason: `At ${longestSidePixels} px a square page takes ${largest} tokens (${leaves}): vLLM rejects pages that do not fit.`,
      remedy: `Write ${largest + textTokens} or more, or lower page.longestSidePixels.`,
    }),
    ...when(largest < maxModelLen && largest + textTokens > maxModelLen, {
      code: 'PAGE_TEXT_CUT',
      key: 'vllm.maxModelLen',
      got: maxModelLen,
      reason: `At ${longestSidePixels} px a square page takes ${largest} tokens and its text up to ${textTokens} (${leaves} for text): dense pages are cut.`,
      remedy: `Write ${largest + textTokens} or more, or lower page.longestSidePixels or page.textTokens.`,
      severity: 'warning',
    }),
  ];
};
