import type { SyntheticStats, Verdict } from '../../domain/releases/verdict';
import type { OcrClient } from '../../ocr/client';
import type { ReleaseContext } from '../ports/context';
import { clientFor, type GoldenReading, readGoldenPage } from './golden';

export interface CanaryStep {
  readonly candidate: string;
  readonly stable: string;
  readonly percent: number;
  readonly bakeSeconds: number;
  /** The service's base URL. */
  readonly audience: string;
  /** The candidate's tagged URL. */
  readonly url: string;
}

/**
 * Bakes one step until there is a verdict: the window's metrics of candidate and stable, and golden pages sent to the
 * candidate. Inconclusive windows are baked again, each longer and with more pages, up to the limit; the last verdict is
 * returned as it is, so an undecided step stays undecided.
 */
export async function bake(context: ReleaseContext, step: CanaryStep): Promise<Verdict> {
  const { canary, smoke, monitoringLagSeconds, monitoringPeriodSeconds } = context.deployment.release;
  const limits = { ...canary, maxCharacterErrorRate: smoke.maxCharacterErrorRate };
  const client = clientFor(context, step.audience, step.url);
  // A sample holds what came before it: the smoke test's cold pages are no part of the first window.
  await context.clock.sleep(monitoringPeriodSeconds, context.signal);
  for (let extension = 0; ; extension++) {
    const factor = extension + 1;
    const from = context.clock.now();
    context.progress(
      `baking ${step.percent} % for ${step.bakeSeconds * factor} s, then ${monitoringLagSeconds} s for the metrics`,
    );
    const [synthetic] = await Promise.all([
      sendPages(context, client, canary.syntheticPages * factor),
      context.clock.sleep(step.bakeSeconds * factor, context.signal),
    ]);
    const to = context.clock.now();
    await context.clock.sleep(monitoringLagSeconds, context.signal);
    const [candidateStats, stableStats] = await Promise.all([
      context.metrics.windowStats(step.candidate, from, to),
      context.metrics.windowStats(step.stable, from, to),
    ]);
    const verdict = context.defences.judge(limits, candidateStats, stableStats, synthetic);
    context.progress(`${step.percent} %: ${verdict.state}: ${verdict.reasons.join('; ')}`);
    if (verdict.state !== 'inconclusive' || extension === canary.maxExtensions) return verdict;
  }
}

async function sendPages(context: ReleaseContext, client: OcrClient, count: number): Promise<SyntheticStats> {
  const readings: GoldenReading[] = [];
  for (let sent = 0; sent < count; sent++) readings.push(await readGoldenPage(context, client));
  const rates = readings.map(({ characterErrorRate = 0 }) => characterErrorRate);
  return {
    sent: readings.length,
    throttled: readings.filter(({ throttled }) => throttled).length,
    failed: readings.filter(({ answered, throttled }) => !answered && !throttled).length,
    worstCharacterErrorRate: Math.max(0, ...rates),
  };
}
