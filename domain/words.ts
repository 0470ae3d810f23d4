/** `1 page`, `2 pages`: a count of what has a regular plural. */
export const counted = (count: number | string, thing: string) =>
  `${count} ${thing}${Number(count) === 1 ? '' : 's'}`;

/** `2026-11-25 03:04:05Z`: a time as every command shows it to a person, UTC and to the second. @param time ISO 8601, UTC. */
export const utc = (time: string) => `${time.slice(0, 19).replace('T', ' ')}Z`;

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** `2 d`, `1 h 30 min`, `47 min 12 s`: whole seconds, in the two largest units that it has. */
export function duration(seconds: number): string {
  let left = Math.round(seconds);
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.slice(0, 2).join(' ') || '0 s';
}
