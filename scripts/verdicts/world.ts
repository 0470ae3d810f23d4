import type { CountedPeriod } from '../../domain/canary/windowStats';
import type { GoldenAnswer } from '../../domain/canary/golden';
import type { CanaryPorts, Side } from '../../release/checks/canaryPorts';
import type { Random } from './random';
import type { Clock } from '../../ocr/clock';

/** A kind of release, and the weather around it. Rates and shares are 0 to 1. */
export interface World {
  /** Callers' pages in ten minutes, both revisions together; 0 is an idle service. */
  readonly pagesPerWindow: number;
  readonly errorRate: number;
  readonly candidateErrorRate: number;
  /** The candidate's median time for a page over stable's. */
  readonly latencyFactor: number;
  /** Of the logarithm of a page's time. */
  readonly sigma: number;
  /** Mean character error rate of the golden set. Its pages share it unevenly: gamma with shape 0.5. */
  readonly cer: number;
  readonly candidateCer: number;
  /** True: the candidate fails on every page of one kind, golden or a caller's. */
  readonly failingKind: boolean;
  /** After so many golden pages the candidate fails `failsAfterRate` of all its pages. */
  readonly failsAfter: number;
  readonly failsAfterRate: number;
  /** True: callers come in bursts; the pages of a minute vary by a factor of e, up and down. */
  readonly bursts: boolean;
  /** Share of the pages that meet a cold start of 60 to 120 s, on either side. */
  readonly coldStarts: number;
  /** True: for two minutes of the release four of five pages fail, on both sides. */
  readonly outage: boolean;
  /** Share of the pages that are answered 429, on both sides. */
  readonly throttled: number;
  /** Most that a minute of the metrics is late. */
  readonly lagSeconds: number;
  /** Median time of stable for a page. */
  readonly pageSeconds: number;
  /** Pages in the golden set. */
  readonly kinds: number;
}

export const QUIET: World = {
  pagesPerWindow: 200,
  errorRate: 0.005,
  candidateErrorRate: 0.005,
  latencyFactor: 1,
  sigma: 0.6,
  cer: 0.01,
  candidateCer: 0.01,
  failingKind: false,
  failsAfter: Infinity,
  failsAfterRate: 1,
  bursts: false,
  coldStarts: 0,
  outage: false,
  throttled: 0,
  lagSeconds: 180,
  // Nobody has measured an L4 yet (docs/facts.md); about what its memory's speed leaves for a page of 500 tokens.
  pageSeconds: 4,
  kinds: 8,
};

const MINUTE = 60;
/** Spread of one page's character error rate from run to run. */
const RUN_TO_RUN = 0.01;
const OUTAGE = { seconds: 120, failed: 0.8, within: 600 };
const FAILED_SECONDS = 1;

/** A service in this world, as a canary sees it. */
export interface SimulatedService extends Pick<CanaryPorts, 'pages' | 'warm' | 'read' | 'counted'> {
  /** Of the traffic, to the candidate, from now on. */
  setPercent(percent: number): void;
  readonly goldenPages: { readonly candidate: number; readonly stable: number };
}

export function simulatedService(world: World, { now, sleep }: Clock, draw: Random): SimulatedService {
  const seconds = () => now().getTime() / 1000;
  const outageAt = world.outage ? seconds() + draw.uniform() * OUTAGE.within : Infinity;
  const isOut = (at: number) => at >= outageAt && at < outageAt + OUTAGE.seconds;
  const difficulty = normalized(Array.from({ length: world.kinds }, () => draw.gammaHalf()));
  const pages = difficulty.map((_, kind) => `kind ${kind}`);
  const moves: { at: number; percent: number }[] = [{ at: 0, percent: 0 }];
  const minutes = new Map<string, CountedPeriod & { visibleAt: number }>();
  const golden: { at: number; side: Side; failed: boolean; throttled: boolean }[] = [];
  const sent = { candidate: 0, stable: 0 };

  /** When the candidate began to fail. */
  let failsFrom = Infinity;
  const ownRate = (side: Side, at: number) => {
    if (side === 'stable') return world.errorRate;
    return at >= failsFrom ? world.failsAfterRate : world.candidateErrorRate;
  };

  function failureRate(side: Side, at: number): number {
    const own = ownRate(side, at);
    const kind = side === 'candidate' && world.failingKind ? 1 / world.kinds : 0;
    const rate = own + kind - own * kind;
    return isOut(at) ? Math.max(rate, OUTAGE.failed) : rate;
  }

  function answer(kind: number, side: Side): GoldenAnswer & { seconds: number } {
    if (draw.uniform() < world.throttled) return { outcome: 'throttled', seconds: FAILED_SECONDS };
    const isLost = side === 'candidate' && world.failingKind && kind === 0;
    const own = ownRate(side, seconds());
    if (isLost || draw.uniform() < (isOut(seconds()) ? Math.max(own, OUTAGE.failed) : own))
      return { outcome: 'failed', seconds: FAILED_SECONDS };
    const factor = side === 'candidate' ? world.latencyFactor : 1;
    const cold = draw.uniform() < world.coldStarts ? 60 + 60 * draw.uniform() : 0;
    const cer = side === 'candidate' ? world.candidateCer : world.cer;
    return {
      outcome: 'read',
      seconds: cold + world.pageSeconds * factor * Math.exp(world.sigma * draw.normal()),
      characterErrorRate: Math.max(0, cer * difficulty[kind]! + RUN_TO_RUN * draw.normal()),
    };
  }

  /** What a minute has of callers; drawn once. */
  function minute(side: Side, start: number): CountedPeriod & { visibleAt: number } {
    const key = `${side} ${start}`;
    const known = minutes.get(key);
    if (known) return known;
    const burst = world.bursts ? Math.exp(draw.normal()) : 1;
    let [requests, failed, throttled] = [0, 0, 0];
    for (const [at, move] of moves.entries()) {
      const until = moves[at + 1]?.at ?? Infinity;
      const length = Math.min(start + MINUTE, until) - Math.max(start, move.at);
      if (length <= 0) continue;
      const percent = side === 'candidate' ? move.percent : 100 - move.percent;
      const count = draw.poisson((burst * world.pagesPerWindow * length * percent) / 600 / 100);
      const refused = draw.binomial(count, world.throttled);
      requests += count;
      throttled += refused;
      failed += draw.binomial(count - refused, failureRate(side, start + MINUTE / 2));
    }
    const end = start + MINUTE;
    for (const page of golden) {
      if (page.side !== side || page.at <= start || page.at > end) continue;
      requests++;
      failed += Number(page.failed);
      throttled += Number(page.throttled);
    }
    const visibleAt = end + world.lagSeconds * (0.5 + 0.5 * draw.uniform());
    const drawn = { endsAt: end * 1000, seconds: MINUTE, requests, failed, throttled, visibleAt };
    minutes.set(key, drawn);
    return drawn;
  }

  return {
    pages,
    setPercent: (percent) => void moves.push({ at: seconds(), percent }),
    goldenPages: sent,
    /** Of an idle service stable has to start; the smoke test has started the candidate. */
    warm: (side, signal) => {
      const isCold = side === 'stable' && world.pagesPerWindow === 0;
      return isCold ? sleep(60 + 60 * draw.uniform(), signal) : Promise.resolve();
    },
    async read(page, side, signal) {
      sent[side]++;
      if (sent.candidate > world.failsAfter) failsFrom = Math.min(failsFrom, seconds());
      const given = answer(pages.indexOf(page), side);
      await sleep(given.seconds, signal);
      golden.push({
        at: seconds(),
        side,
        failed: given.outcome === 'failed',
        throttled: given.outcome === 'throttled',
      });
      return given;
    },
    async counted(side, from, to) {
      const [start, end] = [from.getTime() / 1000, to.getTime() / 1000];
      if (moves.every(({ at }) => at > start)) {
        // Before the release: one period is enough.
        const requests = draw.poisson((world.pagesPerWindow * (end - start)) / 600);
        const failed = draw.binomial(requests, world.errorRate);
        return [{ endsAt: end * 1000, seconds: end - start, requests, failed, throttled: 0 }];
      }
      const found: CountedPeriod[] = [];
      for (let at = start; at + MINUTE <= end; at += MINUTE) {
        const drawn = minute(side, at);
        if (drawn.visibleAt <= end && drawn.requests > 0) found.push(drawn);
      }
      return found.length > 0 ? found : undefined;
    },
  };
}

/** With a mean of 1: the set's mean is what the world says, however its pages share it. */
function normalized(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value / mean);
}
