/** The harm that matters: less than it may be served, as much must not be. */
export interface Harm {
  /** The candidate's error rate minus stable's, 0 to 1. */
  readonly errorRateIncrease: number;
  /** The candidate's median time for a page over stable's. */
  readonly latencyRatio: number;
  /** Mean character error rate on the golden set, the candidate's minus stable's, 0 to 1. */
  readonly characterErrorRateIncrease: number;
}

/** What the canary decides by. */
export interface DecisionSettings {
  readonly harm: Harm;
  /** Of releases that do the harm that matters, the share that may be served. */
  readonly maxHarmServed: number;
  /** Of releases that are no worse than stable, the share that may be blocked. */
  readonly maxGoodBlocked: number;
}

/**
 * How `maxGoodBlocked` is divided among the tests that may block a release: by the union bound, all of them together block no more
 * good releases than it says. The failure that is obvious within ten pages has nearly half, since few observations buy nothing
 * dear.
 */
export const BLOCK_PARTS = {
  obvious: 0.45,
  errors: 0.15,
  latency: 0.1,
  text: 0.1,
  callers: 0.1,
  callersAlone: 0.1,
} as const;

export type BlockingTest = keyof typeof BLOCK_PARTS;
