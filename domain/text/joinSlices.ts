import { distance } from 'fastest-levenshtein';

/** Lines at the end of a slice that may stand in the next one too: an overlap holds no more. */
const MOST_LINES = 30;
/** Two readings of one line differ by so much of its length at most. An own choice. */
const DIFFERENT = 0.25;
/** Shorter lines are alike by chance. */
const LEAST_LETTERS = 6;
/** A line that the cut goes through is read badly on one side: so many at an end may fit nothing. */
const TORN_LINES = 1;

/**
 * Texts of slices as one text. Where two slices overlap, the lines that both have are kept once: the end of the upper one is
 * matched with the beginning of the lower one, line by line, allowing for a line that the cut goes through.
 * @param overlapping whether each slice but the first overlaps the one above it.
 */
export function joinSlices(texts: readonly string[], overlapping: readonly boolean[]): string {
  return texts.reduce((joined, text, at) =>
    at > 0 && overlapping[at - 1] ? joinOverlap(joined, text) : joinPlain(joined, text),
  );
}

const joinPlain = (upper: string, lower: string): string =>
  [upper.trimEnd(), lower.trimStart()].filter((text) => text !== '').join('\n');

function joinOverlap(upper: string, lower: string): string {
  const above = upper.trimEnd().split('\n');
  const below = lower.trimStart().split('\n');
  for (let count = Math.min(MOST_LINES, above.length, below.length); count >= 1; count--)
    for (let torn = 0; torn <= TORN_LINES; torn++)
      for (let cut = 0; cut <= TORN_LINES; cut++) {
        const end = above.length - cut;
        const doubled = above.slice(Math.max(0, end - count), end);
        if (doubled.length < count || !isSame(doubled, below.slice(torn, torn + count))) continue;
        // The torn last line of the upper slice is whole in the lower one, the torn first one of the lower in the upper.
        return [...above.slice(0, end), ...below.slice(torn + count)].join('\n');
      }
  return joinPlain(upper, lower);
}

/** The same lines but for slips of reading. */
function isSame(upper: readonly string[], lower: readonly string[]): boolean {
  if (upper.length !== lower.length || upper.join('').trim().length < LEAST_LETTERS) return false;
  return upper.every((line, at) => {
    const [one, other] = [line.trim(), lower[at]!.trim()];
    return distance(one, other) <= DIFFERENT * Math.max(one.length, other.length);
  });
}
