/** A stretch at the end of a text that is one unit over and over. */
export interface Repetition {
  readonly unit: string;
  readonly times: number;
}

/**
 * What counts as a loop. A whole text (`stop`) may end in a table of equal rows, so more is asked of it than of a cut one.
 * Own choices; the tests hold them to texts that do and do not loop.
 */
const LIMITS = {
  whole: { times: 10, characters: 200 },
  cut: { times: 6, characters: 120 },
} as const;

/** Characters at the end that are looked at: a loop that was let run for 4096 tokens fills them many times over. */
const TAIL_CHARACTERS = 4000;

/**
 * The repetition loop that a text ends in, as generating models fall into them; undefined when it ends like a page.
 * Of a cut text numbers are taken for equal (`1. item`, `2. item`, … is a loop there); of a whole one they are not, and a
 * unit without a letter or digit (dot leaders, rules, empty table rows) is none.
 * @param finish as the service said: `length` means that the text was cut.
 */
export function repetitionAtEnd(text: string, finish: string): Repetition | undefined {
  const cut = finish === 'length';
  const { times, characters } = LIMITS[cut ? 'cut' : 'whole'];
  const folded = (cut ? text.replace(/\d+/g, '0') : text).trimEnd();
  const tail = folded.slice(-TAIL_CHARACTERS);
  const length = longestPeriodicEnd(tail, times);
  if (length === undefined || length.stretch < characters) return undefined;
  const unit = tail.slice(-length.period);
  if (!cut && !/[\p{L}\p{N}]/u.test(unit)) return undefined;
  return { unit: unit.trim(), times: Math.floor(length.stretch / length.period) };
}

/**
 * The longest suffix that repeats a period at least so many times, by the prefix function (Knuth, Morris, Pratt) of the
 * reversed text: a prefix of length n has the period n minus its longest border. Linear in the text.
 */
function longestPeriodicEnd(text: string, times: number): { stretch: number; period: number } | undefined {
  const end = text.split('').reverse();
  const border: number[] = [0];
  let found: { stretch: number; period: number } | undefined;
  for (let at = 1; at < end.length; at++) {
    let length = border[at - 1] as number;
    while (length > 0 && end[length] !== end[at]) length = border[length - 1] as number;
    if (end[length] === end[at]) length += 1;
    border.push(length);
    const period = at + 1 - length;
    if ((at + 1) / period >= times) found = { stretch: at + 1, period };
  }
  return found;
}
