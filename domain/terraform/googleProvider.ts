import { isAtLeast } from './engine';

/** The provider that @cdktf/provider-google 16.12.1 was generated from, and that the release protocol was measured with. */
export const GOOGLE_PROVIDER_VERSION = '6.50.0';
/** Majors whose behaviour on the project's stacks is known (docs/facts.md). */
export const GOOGLE_MAJORS = [6, 7, 8] as const;

/** One version, or `~>` and one: what a range means is then the same everywhere. */
const CONSTRAINT = /^(?:(~>)\s*)?(\d+)\.(\d+)(?:\.(\d+))?$/;

/** The lowest version that a constraint lets in, `8.0.0` of `~> 8.0`; undefined for another form. */
export function lowestVersion(constraint: string): string | undefined {
  const [, range, major, minor, patch] = CONSTRAINT.exec(constraint.trim()) ?? [];
  if (major === undefined || (range === undefined && patch === undefined)) return undefined;
  return `${major}.${minor}.${patch ?? 0}`;
}

/** Whether everything that a constraint lets in is at least this version. */
export function reaches(constraint: string, least: string): boolean {
  const lowest = lowestVersion(constraint);
  return lowest !== undefined && isAtLeast(lowest, least);
}
