/** What one golden page came back as. */
export interface GoldenAnswer {
  /**
   * `failed`: no answer, or a cut one. `throttled`: 429, no instance could be had. `unasked`: the question did not reach the
   * service (no token, no permission, no network): it says nothing of the revision.
   */
  readonly outcome: 'read' | 'failed' | 'throttled' | 'unasked';
  readonly seconds?: number;
  /** 0 to 1, and more where the text is longer than it should be. */
  readonly characterErrorRate?: number;
  /** Why it was not read. */
  readonly problem?: string;
}

/** The same page, sent to both revisions at the same time. */
export interface GoldenPair {
  /** Name of the page in the set. */
  readonly page: string;
  readonly candidate: GoldenAnswer;
  readonly stable: GoldenAnswer;
  /** False while an instance reads this page for the first time, or has no traffic to compare under: text and failures count. */
  readonly timed: boolean;
}

export type MeasureName = 'errors' | 'latency' | 'text';
/** Evidence of each measure, as natural logarithms of e-values. */
export type LogEvidence = Readonly<Record<MeasureName, number>>;

/** The pages of a pair are compared as far as both were asked; what both failed is not the candidate's fault. */
export interface GoldenTally {
  /** Pairs that count. */
  readonly pairs: number;
  /** Pairs that did not, since something else was wrong just then (`outageWatch`). */
  readonly passedOver: number;
  readonly candidateFailed: number;
  readonly stableFailed: number;
  /** Pairs of which neither page was read: a shared outage. */
  readonly bothFailed: number;
  /** Pairs with a 429 in them. */
  readonly throttled: number;
  readonly unasked: number;
  /** True while pairs are passed over. */
  readonly isOutage: boolean;
  /** Among the first `OBVIOUS_PAIRS` pairs, those that the candidate alone failed. */
  readonly failedAtFirst: number;
  /** Pages that stable failed meanwhile, in whatever pair. */
  readonly stableFailedAtFirst: number;
  /** 1 where the candidate alone failed, -1 where stable alone did, else 0; in the order of reading, as all lists here. */
  readonly failures: readonly number[];
  /** Logarithms of the candidate's seconds over stable's. */
  readonly logRatios: readonly number[];
  /** Character error rates, the candidate's minus stable's, each cut at `MAX_RATE`. */
  readonly differences: readonly number[];
  /** Pairs, and those that the candidate alone failed, by page. */
  readonly pages: ReadonlyMap<
    string,
    { readonly pairs: number; readonly failed: number; readonly difference: number }
  >;
  /** Most evidence against the harm that matters that a whole round left. */
  readonly well: LogEvidence;
  /** How much of it the pages since then took away again: a candidate may change while it is watched. */
  readonly lost: LogEvidence;
  /** Evidence that the candidate is worse. */
  readonly worse: LogEvidence;
}

/** Pairs in which a failure can be obvious, and those that it takes at least: an outage that both share is known by then. */
export const OBVIOUS_PAIRS = 10;
export const LEAST_OBVIOUS_PAIRS = 5;
/**
 * A character error rate beyond this counts as this: the page is lost, and how wrong it is says no more. The lower, the fewer
 * pages prove a text well; one lost kind of eight still is a mean of 0.05, more than the harm that matters by default (0.03).
 */
export const MAX_RATE = 0.4;
/**
 * Natural logarithms of a ratio of times beyond this count as this. A page that met a cold start, or looped, has the weight of one
 * page that took 3.3 times as long.
 */
export const MAX_LOG_RATIO = 1.2;
