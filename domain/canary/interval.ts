import { bets } from './betting';
import { type GoldenTally, MAX_LOG_RATIO, MAX_RATE, type MeasureName } from './golden';
import { BLOCK_PARTS, type DecisionSettings } from './settings';

/** A measure as the golden pages show it: the candidate against stable. */
export interface Estimate {
  /** `errors`: points of the error rate, 0.01 is one more of a hundred. `latency`: times. `text`: character error rate. */
  readonly measure: MeasureName;
  readonly value: number;
  /** Below it the candidate is proven worse, above it proven good; the same bets as the decision's. */
  readonly low: number;
  readonly high: number;
  /** The harm that matters. */
  readonly harm: number;
}

/** Of halving: a thousandth of the distance. */
const STEPS = 10;

/** Where the wealth of bets against "the mean is `limit`" crosses what is needed; it grows with the distance from the mean. */
function bound(from: number, to: number, needed: number, logWealth: (limit: number) => number): number {
  let [open, rejected] = [from, to];
  for (let step = 0; step < STEPS; step++) {
    const middle = (open + rejected) / 2;
    if (logWealth(middle) < needed) open = middle;
    else rejected = middle;
  }
  return (open + rejected) / 2;
}

function wealth(values: readonly number[], observation: (value: number) => number): number {
  const staked = bets();
  for (const value of values) staked.add(observation(value));
  return staked.logWealth();
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length === 0 ? 0 : (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** A difference of values within `most`, and what is possible of its mean. */
function difference(values: readonly number[], most: number, above: number, below: number) {
  const value = mean(values);
  const high = bound(value, most, above, (limit) =>
    wealth(values, (each) => (limit - each) / (most - limit + 1e-9)),
  );
  const low = bound(value, -most, below, (limit) =>
    wealth(values, (each) => (each - limit) / (most + limit + 1e-9)),
  );
  return { value, low, high };
}

/** Furthest that a ratio of times is looked for, as a natural logarithm: 20 times. */
const FURTHEST = 3;

/** The three measures with the interval that the evidence leaves. It is valid whenever one looks, as the decision is. */
export function estimates(
  { harm, maxHarmServed, maxGoodBlocked }: DecisionSettings,
  golden: GoldenTally,
): Estimate[] {
  const above = -Math.log(maxHarmServed);
  const below = (test: MeasureName) => -Math.log(maxGoodBlocked * BLOCK_PARTS[test]);
  const clipped = (value: number) => Math.max(-1, Math.min(1, value / MAX_LOG_RATIO));
  const { logRatios } = golden;
  const middle = median(logRatios);
  const logHigh = bound(middle, FURTHEST, above, (limit) =>
    wealth(logRatios, (each) => clipped(limit - each)),
  );
  const logLow = bound(middle, -FURTHEST, below('latency'), (limit) =>
    wealth(logRatios, (each) => clipped(each - limit)),
  );
  const found: Estimate[] = [
    {
      measure: 'errors',
      ...difference(golden.failures, 1, above, below('errors')),
      harm: harm.errorRateIncrease,
    },
    {
      measure: 'latency',
      value: Math.exp(middle),
      low: Math.exp(logLow),
      high: Math.exp(logHigh),
      harm: harm.latencyRatio,
    },
    {
      measure: 'text',
      ...difference(golden.differences, MAX_RATE, above, below('text')),
      harm: harm.characterErrorRateIncrease,
    },
  ];
  // What was proven once stays so, although later pages may leave a wider interval.
  return found.map((each) =>
    golden.well[each.measure] >= above ? { ...each, high: Math.min(each.high, each.harm) } : each,
  );
}
