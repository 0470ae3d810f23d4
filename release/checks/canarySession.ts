import { callersEvidence, type Move, type SentPage } from '../../domain/canary/callersEvidence';
import { goldenTally } from '../../domain/canary/goldenTally';
import { decide, type Evidence, isSuspicious } from '../../domain/canary/judge';
import { isOver, type StepProgress, type Verdict } from '../../domain/canary/verdict';
import type { CountedPeriod } from '../../domain/canary/windowStats';
import type { Canary, CanaryPorts, CanarySettings } from './canaryPorts';
import { type Pace, sendRounds } from './goldenRounds';

/** How long before the release stable's callers are asked about: what it is compared with where it has none. */
const BEFORE_SECONDS = 3600;

/** Ends a step; made once, since every error holds a stack. */
const DONE = new Error('the step has its verdict');

/** A canary of one release: opened once, then baked step by step. */
export function canarySession(ports: CanaryPorts, settings: CanarySettings): Canary {
  const { clock, judge } = ports;
  const tally = goldenTally(settings.harm);
  const sent: SentPage[] = [];
  const seconds = () => clock.now().getTime() / 1000;
  const nothing: readonly CountedPeriod[] = [];
  let counts = { candidate: nothing, stable: nothing, before: nothing };
  let isMeasured = false;
  const moves: Move[] = [];
  let callers = callersEvidence({ ...counts, sent, moves });
  /** Start of the metrics' window. */
  let from: Date | undefined;
  const rounds = sendRounds(ports, settings.maxGoldenPages, (pair) => {
    tally.add(pair);
    const at = clock.now().getTime();
    for (const to of ['candidate', 'stable'] as const)
      if (!['throttled', 'unasked'].includes(pair[to].outcome))
        sent.push({ at, to, failed: pair[to].outcome === 'failed' });
  });

  const evidence = (): Evidence => ({ golden: tally.tally(), callers });

  /** False where the window has not begun. */
  async function readMetrics(): Promise<boolean> {
    const to = clock.now();
    if (from === undefined || from >= to) return false;
    if (counts.before === nothing) {
      const before = await ports.counted('stable', new Date(from.getTime() - BEFORE_SECONDS * 1000), from);
      counts = { ...counts, before: before ?? [] };
    }
    const [candidate, stable] = await Promise.all([
      ports.counted('candidate', from, to),
      ports.counted('stable', from, to),
    ]);
    counts = { ...counts, candidate: candidate ?? [], stable: stable ?? [] };
    isMeasured = candidate !== undefined;
    callers = callersEvidence({ ...counts, sent, moves });
    return true;
  }

  return {
    async bake(percent, maxSeconds) {
      const { monitoringPeriodSeconds: period, monitoringLagSeconds: lag } = settings;
      moves.push({ at: clock.now().getTime(), percent });
      const isFirst = from === undefined;
      if (isFirst) {
        await Promise.all([ports.warm('candidate', ports.signal), ports.warm('stable', ports.signal)]);
        // A sample holds what came before it: the smoke test's cold pages are no part of the window.
        from = new Date(clock.now().getTime() + period * 1000);
      }
      const started = seconds();
      // The metrics' lag is waited for once, at the end; the steps before overlap it.
      const leastSeconds = (isFirst ? 2 : 1) * period + (percent === 100 ? lag : 0);
      const mostSeconds = Math.max(maxSeconds, leastSeconds);
      const done = new AbortController();
      const signal = AbortSignal.any([ports.signal, done.signal]);
      let looked = false;
      let verdict: Verdict = { state: 'inconclusive', reasons: [] };

      const look = () => {
        if (done.signal.aborted) return;
        const step: StepProgress = {
          percent,
          elapsedSeconds: seconds() - started,
          leastSeconds,
          mostSeconds,
          looked,
          measured: isMeasured,
          exhausted: rounds.exhausted && decide(settings, evidence()).state === 'open',
        };
        verdict = judge(settings, evidence(), step);
        if (verdict.state !== 'inconclusive' || isOver(step)) done.abort(DONE);
        return step;
      };
      const pace = (): Pace => {
        const known = evidence();
        const isProven = decide(settings, known).state === 'good' && !callers.failsAlone;
        if (isProven) return { pauseSeconds: period };
        return isSuspicious(known.golden) ? 'single' : 'full';
      };
      const golden = rounds.send({
        signal,
        timed: percent < 100,
        pace,
        onPair: look,
        onRound: () => {
          tally.endRound();
          look();
        },
      });
      const metrics = async () => {
        while (!signal.aborted) {
          await clock.sleep(Math.max(0, Math.min(period, mostSeconds - (seconds() - started))), signal);
          looked = (await readMetrics()) || looked;
          const step = look();
          if (step) ports.onLook?.(evidence(), step);
        }
      };
      await Promise.all(
        [golden, metrics()].map((work) =>
          work.catch((error: unknown) => {
            if (!done.signal.aborted || ports.signal.aborted) {
              done.abort(DONE);
              throw error;
            }
          }),
        ),
      );
      return verdict;
    },
  };
}
