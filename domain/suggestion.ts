import { distance } from 'fastest-levenshtein';

/** Slips in a word of so many letters that still name it: one in three, at least one. */
const LETTERS_PER_SLIP = 3;

/**
 * The name that was meant: one that begins with the word, or the nearest one in edit distance; undefined where all are far
 * off, since a wrong suggestion costs more than none.
 */
export function suggestion(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  if (lower === '') return undefined;
  const begun = names.find((name) => name.toLowerCase().startsWith(lower));
  if (begun !== undefined) return begun;
  const slips = (name: string) => distance(lower, name.toLowerCase());
  const [nearest] = [...names].sort((a, b) => slips(a) - slips(b));
  if (nearest === undefined) return undefined;
  const longest = Math.max(word.length, nearest.length);
  return slips(nearest) <= Math.max(1, Math.floor(longest / LETTERS_PER_SLIP)) ? nearest : undefined;
}
