/**
 * The smallest whole number that is enough, from `least` to `most`; undefined where even `most` is not. What is enough stays so with
 * more. Asks few times: it begins at `least`, which is usually nearly enough, and goes away from it in steps that double.
 */
export function smallest(
  least: number,
  most: number,
  isEnough: (count: number) => boolean,
): number | undefined {
  let [low, high, step] = [least - 1, least, 1];
  while (!isEnough(high)) {
    if (high >= most) return undefined;
    low = high;
    high = Math.min(most, high + step);
    step *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
