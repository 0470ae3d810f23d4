import { bets } from './betting';
import {
  type GoldenAnswer,
  type GoldenPair,
  type GoldenTally,
  type LogEvidence,
  MAX_LOG_RATIO,
  MAX_RATE,
  OBVIOUS_PAIRS,
} from './golden';
import { outageWatch } from './outageWatch';
import type { Harm } from './settings';

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
    stableFailedAtFirst: 0,
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
  const outage = outageWatch();
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
      const isOutage = outage.isOn();
      outage.add(pair);
      if (count.pairs < OBVIOUS_PAIRS && pair.stable.outcome === 'failed') count.stableFailedAtFirst++;
      if (!outcomes.includes('read')) return void count.bothFailed++;
      if (isOutage) return void count.passedOver++;
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
      (known ??= {
        ...{ ...count, failures, logRatios, differences, pages },
        isOutage: outage.isOn(),
        ...{ well: atRoundEnd, lost: lostSince(atRoundEnd, now(well)), worse: now(worse) },
      }),
  };
}

const lostSince = (most: LogEvidence, left: LogEvidence): LogEvidence => ({
  errors: Math.max(0, most.errors - left.errors),
  latency: Math.max(0, most.latency - left.latency),
  text: Math.max(0, most.text - left.text),
});
