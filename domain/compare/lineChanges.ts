/** A line that one of two texts has and the other has not; `both` stands around them. */
export interface LineChange {
  readonly in: 'served' | 'candidate' | 'both';
  readonly line: string;
}

/**
 * Two texts line by line, as `diff` shows them: the longest common lines, and what stands between them. The cost grows with
 * the product of both lengths; a page has some hundred lines.
 */
export function lineChanges(served: string, candidate: string): LineChange[] {
  const [before, after] = [linesOf(served), linesOf(candidate)];
  const common = commonLengths(before, after);
  const found: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [left, right] = [before[i], after[j]];
    if (left !== undefined && left === right) {
      found.push({ in: 'both', line: left });
      i++;
      j++;
    } else if (right === undefined || (left !== undefined && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      found.push({ in: 'served', line: left! });
      i++;
    } else {
      found.push({ in: 'candidate', line: right });
      j++;
    }
  }
  return found;
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Length of the longest common subsequence of what follows each pair of places. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i]![j] =
        before[i] === after[j]
          ? lengths[i + 1]![j + 1]! + 1
          : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  return lengths;
}
