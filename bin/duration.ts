import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `30m`, `1h`, `2d` in seconds, as an argument of a flag. */
export function durationSeconds(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? NaN);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('It is a number and s, m, h or d: 90s, 30m, 1h, 2d.');
}
