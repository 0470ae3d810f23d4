import { modelNamed } from '../models';
import { imageTokens, largestImageTokens } from '../models/geometry';
import { type Rule, when } from './rule';

/** Width over height of a Letter page, 8.5 by 11 inches: the widest of the usual ones. */
const LETTER_ASPECT = 8.5 / 11;

/** A page at the configured size fits the context, with room for its text. */
export const pageRule: Rule = ({ model, page: { longestSidePixels, textTokens }, vllm: { maxModelLen } }) => {
  const about = modelNamed(model.id);
  const most = about.grid.longestSidePixels;
  const largest = largestImageTokens(longestSidePixels, about);
  const letter = imageTokens(Math.round(longestSidePixels * LETTER_ASPECT), longestSidePixels, about);
  const leaves = `a Letter page takes ${letter} tokens and leaves ${Math.max(0, maxModelLen - letter)}`;
  return [
    ...when(longestSidePixels > most, {
      code: 'PAGE_TOO_MANY_PIXELS',
      key: 'page.longestSidePixels',
      got: longestSidePixels,
      reason: `${about.id} reads pages of ${most} px at most: the rest is scaled away, or was never trained on.`,
      remedy: `Write ${most} or less.`,
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
