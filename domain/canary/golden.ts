import { bets } from './betting';
import type { Harm } from './settings';

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
  /** Pairs that did not, since stable had just failed. */
  readonly passedOver: number;
  readonly candidateFailed: number;
  readonly stableFailed: number;
  /** Pairs of which neither page was read: a shared outage. */
  readonly bothFailed: number;
  /** Pairs with a 429 in them. */
  readonly throttled: number;
  readonly unasked: number;
  /** Among the first `OBVIOUS_PAIRS` pairs, those that the candidate alone failed. */
  readonly failedAtFirst: number;
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
  /** Most evidence against the harm that matters that a whole round left: what was proven once stays so. */
  readonly well: LogEvidence;
  /** Evidence that the candidate is worse. */
  readonly worse: LogEvidence;
}

/**
 * While stable failed one of its last so many pages, pairs are not counted: something else may be wrong, as in an outage that both
 * share. Whether a pair counts is known before it is sent, so nothing is chosen by its answer.
 */
const STABLE_PAGES_WITHOUT_FAILURE = 2;
/** Pairs in which a failure can be obvious. */
export const OBVIOUS_PAIRS = 10;
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

const within = (limit: number, value: number) => Math.max(-limit, Math.min(limit, value));

/**
 * The golden pages of a release, pair by pair, over all its steps. The hypotheses: "the harm that matters" (against it: `well`) and
 * "no worse than stable" (against it: `worse`), each with bets of its own on the difference within a pair. Rounds hold every page of
 * the set once, and `well` is what whole rounds left: half a round could have left out the page that fails.
 */
export function goldenTally(harm: Harm) {
  const count = {
    pairs: 0,
    passedOver: 0,
    candidateFailed: 0,
    stableFailed: 0,
    bothFailed: 0,
    throttled: 0,
    unasked: 0,
    failedAtFirst: 0,
  };
  const well = { errors: bets(), latency: bets(), text: bets() };
  const worse = { errors: bets(), latency: bets(), text: bets() };
  const failures: number[] = [];
  const logRatios: number[] = [];
  const differences: number[] = [];
  const pages = new Map<string, { pairs: number; failed: number; difference: number }>();
  const now = (of: typeof well): LogEvidence => ({
    errors: of.errors.logWealth(),
    latency: of.latency.logWealth(),
    text: of.text.logWealth(),
  });
  let known: GoldenTally | undefined;
  let sinceStableFailed = STABLE_PAGES_WITHOUT_FAILURE;
  let atRoundEnd: LogEvidence = { errors: 0, latency: 0, text: 0 };

  function addErrors({ candidate, stable }: GoldenPair): void {
    const difference = Number(candidate.outcome === 'failed') - Number(stable.outcome === 'failed');
    count.candidateFailed += Number(candidate.outcome === 'failed');
    count.stableFailed += Number(stable.outcome === 'failed');
    failures.push(difference);
    if (difference > 0 && count.pairs <= OBVIOUS_PAIRS) count.failedAtFirst++;
    well.errors.add((harm.errorRateIncrease - difference) / (1 - harm.errorRateIncrease));
    worse.errors.add(difference);
  }

  function addTexts({ page, candidate, stable }: GoldenPair): void {
    const rateOf = ({ characterErrorRate = 0 }: GoldenAnswer) => Math.min(MAX_RATE, characterErrorRate);
    const difference = rateOf(candidate) - rateOf(stable);
    differences.push(difference);
    const known = pages.get(page)!;
    pages.set(page, { ...known, difference: known.difference + difference });
    const limit = harm.characterErrorRateIncrease;
    well.text.add((limit - difference) / (MAX_RATE - limit));
    worse.text.add(difference / MAX_RATE);
  }

  function addTimes({ candidate, stable }: GoldenPair): void {
    if (!candidate.seconds || !stable.seconds) return;
    const logRatio = Math.log(candidate.seconds / stable.seconds);
    logRatios.push(logRatio);
    well.latency.add(within(1, (Math.log(harm.latencyRatio) - logRatio) / MAX_LOG_RATIO));
    worse.latency.add(within(1, logRatio / MAX_LOG_RATIO));
  }

  return {
    add(pair: GoldenPair): void {
      known = undefined;
      const outcomes = [pair.candidate.outcome, pair.stable.outcome];
      if (outcomes.includes('unasked')) return void count.unasked++;
      if (outcomes.includes('throttled')) return void count.throttled++;
      const isShaken = sinceStableFailed < STABLE_PAGES_WITHOUT_FAILURE;
      sinceStableFailed = pair.stable.outcome === 'failed' ? 0 : sinceStableFailed + 1;
      if (!outcomes.includes('read')) return void count.bothFailed++;
      if (isShaken) return void count.passedOver++;
      count.pairs++;
      const { pairs, failed, difference } = pages.get(pair.page) ?? { pairs: 0, failed: 0, difference: 0 };
      const failedAlone = Number(pair.candidate.outcome === 'failed');
      pages.set(pair.page, { pairs: pairs + 1, failed: failed + failedAlone, difference });
      addErrors(pair);
      if (outcomes.includes('failed')) return;
      addTexts(pair);
      if (pair.timed) addTimes(pair);
    },
    endRound(): void {
      known = undefined;
      const left = now(well);
      atRoundEnd = {
        errors: Math.max(atRoundEnd.errors, left.errors),
        latency: Math.max(atRoundEnd.latency, left.latency),
        text: Math.max(atRoundEnd.text, left.text),
      };
    },
    /** As it is now; its lists grow on. */
    tally: (): GoldenTally =>
      (known ??= { ...count, failures, logRatios, differences, pages, well: atRoundEnd, worse: now(worse) }),
  };
}
