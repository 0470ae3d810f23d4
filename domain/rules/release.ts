import type { CanarySettings, RetiredCanarySettings } from '../deployment';
import { type Rule, when } from './rule';

/** Ours: below 10 s one slow write to a bucket loses the lease; above an hour a dead holder blocks everyone for too long. */
const LEASE_SECONDS = { least: 10, most: 3600 };

/** Keys of the canary's that have no effect any more, and what says the same now. */
const RETIRED: Readonly<Record<keyof RetiredCanarySettings, string>> = {
  minRequests: 'Take it out: the evidence that is needed follows from maxHarmServed and maxGoodBlocked.',
  maxErrorRate: 'Write harm.errorRateIncrease: only the difference from stable counts.',
  maxErrorRateIncrease: 'Write harm.errorRateIncrease: the increase that must not serve.',
  maxLatencyP95Seconds: 'Write harm.latencyRatio: only the ratio to stable counts.',
  maxLatencyRatio: 'Write harm.latencyRatio: of the median, not of the p95.',
  syntheticPages: 'Write maxGoldenPages: as many are sent as the evidence needs.',
  maxExtensions: 'Take it out: bakeSeconds is the most that a step lasts.',
};

const retiredKeys = (canary: CanarySettings) =>
  (Object.keys(RETIRED) as (keyof RetiredCanarySettings)[]).flatMap((key) =>
    when(canary[key] !== undefined, {
      code: 'RETIRED_KEY',
      key: `release.canary.${key}`,
      got: String(canary[key]),
      reason: 'This key is read and has no effect since 2026-11-29.',
      remedy: RETIRED[key],
      severity: 'warning',
    }),
  );

/** How a release goes on: the canary's steps and the lease. */
export const releaseRule: Rule = ({ release: { canary, leaseSeconds, monitoringPeriodSeconds } }) => {
  const percents = canary.steps.map((step) => step.percent);
  const ascending = percents.every(
    (percent, index) => Number.isInteger(percent) && percent > (percents[index - 1] ?? 0) && percent <= 100,
  );
  const shortest = Math.min(...canary.steps.map(({ bakeSeconds }) => bakeSeconds));
  const got = `[${percents.join(', ')}]`;
  return [
    ...retiredKeys(canary),
    ...when(!ascending, {
      code: 'CANARY_ORDER',
      key: 'release.canary.steps',
      got,
      reason:
        'Cloud Run splits traffic by whole percents, 1 to 100, and each step must give the candidate more.',
      remedy: 'Write ascending whole percents, like 10, 50, 100.',
    }),
    ...when(percents.at(-1) !== 100, {
      code: 'CANARY_END',
      key: 'release.canary.steps',
      got,
      reason: 'A release that ends below 100 % never serves.',
      remedy: 'Make the last step 100.',
    }),
    ...when(shortest < monitoringPeriodSeconds, {
      code: 'BAKE_TOO_SHORT',
      key: 'release.canary.steps',
      got: `${shortest} s`,
      reason: `Metrics are sampled every ${monitoringPeriodSeconds} s: a shorter step may see none.`,
      remedy: `Bake each step for at least ${monitoringPeriodSeconds} s.`,
    }),
    ...when(leaseSeconds < LEASE_SECONDS.least || leaseSeconds > LEASE_SECONDS.most, {
      code: 'LEASE_RANGE',
      key: 'release.leaseSeconds',
      got: leaseSeconds,
      reason: `Shorter than ${LEASE_SECONDS.least} s is lost by one slow write; longer than ${LEASE_SECONDS.most} s keeps everyone waiting for a dead holder.`,
      remedy: 'Write 300.',
    }),
  ];
};
