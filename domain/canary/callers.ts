import { answerKind } from '../service/answerKind';
import { logMean } from './betting';

/** Answers of one revision in one period, those that are 429 left out. */
export interface Answers {
  readonly requests: number;
  /** Failures of the service: see `isServiceFailure`. */
  readonly failed: number;
}

/** What Cloud Monitoring says of both revisions in one period. */
export interface Period {
  readonly candidate: Answers;
  readonly stable: Answers;
}

/**
 * What counts as the service's failure among requests of which only the status is known: a 5xx that is no caller's mistake by
 * itself (501). Starts and crashes answer 503 alike, so that it counts; vLLM's 500 to a caller's unreachable host or over-large
 * image counts too, since the metrics have no message. Both reach both revisions alike, and only the difference counts.
 */
export function isServiceFailure(code: string): boolean {
  const status = Number(code);
  return status >= 500 && answerKind({ status }) !== 'callers-mistake';
}

/** Revisions that fail up to this often are nothing out of the ordinary: what is obvious within few pages is so against this. */
export const ORDINARY_ERROR_RATE = 0.02;

/** How many times the odds of a failure may have grown; bet on side by side. */
const ODDS_RATIOS = [2, 4, 8, 16, 32] as const;

/**
 * Evidence that the candidate fails more often, as the logarithm of an e-value: in each period, given how many failed
 * altogether, the candidate's part of them is hypergeometric if it is no worse. Each period is compared within itself, so that
 * an outage that both share says nothing, however long it is.
 */
export function moreFailures(periods: readonly Period[]): number {
  const wealths = ODDS_RATIOS.map((ratio) =>
    periods.reduce((total, period) => total + logRatio(period, ratio), 0),
  );
  return logMean(wealths);
}

/** Fisher's noncentral hypergeometric against the central one, for the candidate's failures in one period. */
function logRatio({ candidate, stable }: Period, oddsRatio: number): number {
  const failed = candidate.failed + stable.failed;
  if (failed === 0 || candidate.requests === 0 || stable.requests === 0) return 0;
  const [least, most] = [Math.max(0, failed - stable.requests), Math.min(failed, candidate.requests)];
  // Terms of the sum by their ratios, from the least on; scaled by their largest.
  let term = 0;
  let central = 0;
  let largest = 0;
  const terms = [{ central: 0, weighted: 0 }];
  for (let x = least; x < most; x++) {
    const next = Math.log(
      ((candidate.requests - x) * (failed - x)) / ((x + 1) * (stable.requests - failed + x + 1)),
    );
    central += next;
    term += next + Math.log(oddsRatio);
    terms.push({ central, weighted: term });
    largest = Math.max(largest, central, term);
  }
  const sum = (key: 'central' | 'weighted') =>
    Math.log(terms.reduce((total, each) => total + Math.exp(each[key] - largest), 0));
  return (candidate.failed - least) * Math.log(oddsRatio) + sum('central') - sum('weighted');
}

/** How far above the rate that stable may have the candidate's is bet to be. */
const EXCESSES = [0.1, 0.25, 0.5] as const;

/**
 * The same where stable has no callers to compare with, as at the canary's last step: evidence that the candidate fails more
 * often than `rate`, the most that stable was seen to.
 */
export function moreThan(rate: number, periods: readonly Answers[]): number {
  const requests = periods.reduce((sum, period) => sum + period.requests, 0);
  const failed = periods.reduce((sum, period) => sum + period.failed, 0);
  const wealths = EXCESSES.map((excess) => {
    const other = Math.min(0.99, rate + excess);
    if (other <= rate) return 0;
    return failed * Math.log(other / rate) + (requests - failed) * Math.log((1 - other) / (1 - rate));
  });
  return logMean(wealths);
}

/**
 * The highest rate that `failed` of `requests` leave possible at this error probability (Clopper and Pearson, 1934); 1 without
 * any request.
 */
export function highestRate({ requests, failed }: Answers, alpha: number): number {
  if (requests === 0 || failed >= requests) return 1;
  let [low, high] = [failed / requests, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (atMost(failed, requests, middle) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

/** Probability that at most `failed` of `requests` fail. */
export function atMost(failed: number, requests: number, rate: number): number {
  let logTerm = requests * Math.log1p(-rate);
  let sum = 0;
  for (let x = 0; x <= failed; x++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(((requests - x) / (x + 1)) * (rate / (1 - rate)));
  }
  return Math.min(1, sum);
}
