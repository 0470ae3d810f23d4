import type { GoldenPair } from './golden';

/** Pairs that an outage is looked for in. */
const LAST_PAIRS = 4;
/** Failures of stable among them that are one. */
const STABLE_FAILURES = 2;
/** A page that both fail is one by itself, for so many pairs. */
const AFTER_BOTH_FAILED = 2;

/**
 * Knows when something else is wrong than the candidate, as in an outage that both revisions share: then a page that the candidate
 * alone fails says nothing of it. Whether a pair counts is known before its answer, so nothing is chosen by it.
 */
export function outageWatch() {
  const last: { readonly stable: boolean; readonly both: boolean }[] = [];
  return {
    isOn: (): boolean =>
      last.slice(-AFTER_BOTH_FAILED).some(({ both }) => both) ||
      last.filter(({ stable }) => stable).length >= STABLE_FAILURES,
    add({ candidate, stable }: GoldenPair): void {
      const failed = stable.outcome === 'failed';
      last.push({ stable: failed, both: failed && candidate.outcome === 'failed' });
      if (last.length > LAST_PAIRS) last.shift();
    },
  };
}
