import {
  type Answers,
  atMost,
  highestRate,
  moreFailures,
  moreThan,
  ORDINARY_ERROR_RATE,
  type Period,
} from './callers';
import { type GoldenTally, LEAST_OBVIOUS_PAIRS, type MeasureName, OBVIOUS_PAIRS } from './golden';
import { BLOCK_PARTS, type BlockingTest, type DecisionSettings } from './settings';

/** All that is known of a candidate so far, over every step of its canary. */
export interface Evidence {
  readonly golden: GoldenTally;
  readonly callers: CallersEvidence;
}

/** What Cloud Monitoring says of pages other than golden ones. */
export interface CallersEvidence {
  /** Periods in which both revisions had callers, oldest first. */
  readonly together: readonly Period[];
  /** Periods in which the candidate alone had callers, and stable's golden pages were answered. */
  readonly alone: readonly Answers[];
  /** True where alarmingly many of its callers fail in the last period in which it had all traffic, whatever stable does. */
  readonly failsAlone: boolean;
  /** Stable's callers before and during the release, while it had some. */
  readonly reference: Answers;
  /** All callers of the candidate, for whoever explains a verdict. */
  readonly candidate: Answers;
  /** 429 among the candidate's answers: no instance could be had. */
  readonly throttled: number;
}

export interface Decision {
  /** `good`: proven not to do the harm that matters. `harmful`: proven worse than stable. `open`: neither, so far. */
  readonly state: 'good' | 'harmful' | 'open';
  /** The tests that found harm. */
  readonly harmful: readonly BlockingTest[];
  /** The measures that are not proven good yet. */
  readonly unproven: readonly MeasureName[];
  /** True when half of the evidence is in for every measure: enough to go on to the next step at the end of one, not to serve. */
  readonly leansGood: boolean;
}

/**
 * Evidence, as a natural logarithm, that a candidate may have lost since its best round and still count as proven: a little more
 * than the worst page takes, ln(1 - 0.9) = -2.3. Two such pages wait for pages that are well, and for ever where it is them that
 * have become few.
 */
export const MAX_LOST = 2.4;
/** Nor may the candidate alone have failed one of its last so many pairs: what has just begun is the first of many, perhaps. */
export const CLEAN_PAIRS = 4;

const MEASURES: readonly MeasureName[] = ['errors', 'latency', 'text'];

/**
 * Decides by what is known so far. May be asked after every page and at every look at the metrics: the error rates hold for the
 * whole release. Harm wins over good, and without golden pages nothing is ever good.
 */
export function decide(settings: DecisionSettings, evidence: Evidence): Decision {
  const harmful = harmFound(settings, evidence);
  const needed = -Math.log(settings.maxHarmServed);
  const { well, lost, failures } = evidence.golden;
  const isChanging = (measure: MeasureName) =>
    lost[measure] > MAX_LOST || (measure === 'errors' && failures.slice(-CLEAN_PAIRS).includes(1));
  const unproven = MEASURES.filter((measure) => well[measure] < needed || isChanging(measure));
  const leansGood = MEASURES.every((measure) => well[measure] >= needed / 2 && !isChanging(measure));
  const state = harmful.length > 0 ? 'harmful' : unproven.length === 0 ? 'good' : 'open';
  return { state, harmful, unproven, leansGood };
}

function harmFound(settings: DecisionSettings, { golden, callers }: Evidence): BlockingTest[] {
  const alpha = (test: BlockingTest) => settings.maxGoodBlocked * BLOCK_PARTS[test];
  const exceeds = (test: BlockingTest, evidence: number) => evidence >= -Math.log(alpha(test));
  const found: Record<BlockingTest, boolean> = {
    obvious:
      golden.pairs >= LEAST_OBVIOUS_PAIRS &&
      golden.failedAtFirst >= obviousFailures(settings, callers.reference) + golden.stableFailedAtFirst,
    errors: exceeds('errors', golden.worse.errors),
    latency: exceeds('latency', golden.worse.latency),
    text: exceeds('text', golden.worse.text),
    callers: exceeds('callers', moreFailures(callers.together)),
    callersAlone: failAlone(callers, alpha('callersAlone')),
  };
  return (Object.keys(found) as BlockingTest[]).filter((test) => found[test]);
}

/**
 * Of the first ten golden pages, as many that the candidate alone failed are obvious: a revision with an ordinary error rate, or
 * with that of stable's callers where it is higher, fails so many with a probability of `maxGoodBlocked`'s part at most. 3 by
 * default; each page that stable failed meanwhile asks for one more.
 */
export function obviousFailures(settings: DecisionSettings, reference: Answers): number {
  const seen = reference.requests === 0 ? 0 : reference.failed / reference.requests;
  // The candidate fails and stable does not: most often where both fail every other page.
  const rate = Math.min(0.5, Math.max(ORDINARY_ERROR_RATE, seen));
  const failsAlone = rate * (1 - rate);
  const alpha = settings.maxGoodBlocked * BLOCK_PARTS.obvious;
  for (let failures = 1; failures <= OBVIOUS_PAIRS; failures++) {
    if (1 - atMost(failures - 1, OBVIOUS_PAIRS, failsAlone) <= alpha) return failures;
  }
  return Infinity;
}

/** True where the next page may say that a failure is obvious, or that an outage goes on: no page is sent too many then. */
export const isSuspicious = ({ failedAtFirst, pairs, isOutage }: GoldenTally): boolean =>
  isOutage || (failedAtFirst > 0 && pairs < OBVIOUS_PAIRS);

/** Half of the error probability is for the bound on stable's rate, half for the candidate's excess over it. */
function failAlone({ alone, reference }: CallersEvidence, alpha: number): boolean {
  if (reference.requests === 0 || alone.length === 0) return false;
  const rate = Math.max(ORDINARY_ERROR_RATE, highestRate(reference, alpha / 2));
  return moreThan(rate, alone) >= -Math.log(alpha / 2);
}
