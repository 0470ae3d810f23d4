import type { GoldenAnswer } from '../../domain/canary/golden';
import { Failure } from '../../domain/failure';
import { characterErrorRate } from '../../domain/text/characterErrorRate';
import { MAX_TIMEOUT_SECONDS, type OcrClient } from '../../ocr/client';
import { waitUntilReady } from '../../ocr/warmUp';
import type { ReleaseContext } from '../ports/context';
import type { Canary, Side } from './canaryPorts';
import { canarySession } from './canarySession';
import { clientFor } from './golden';
import { type GoldenPage, goldenSet } from './goldenSet';
import { warmUpOptions } from './ocrService';

/** A revision under its tag: the service's own URL would reach either. */
export interface TaggedRevision {
  readonly revision: string;
  readonly url: string;
}

export interface CanaryTarget {
  readonly candidate: TaggedRevision;
  readonly stable: TaggedRevision;
  /** The service's base URL, which identity tokens are for. */
  readonly audience: string;
}

/**
 * The canary of one release; opened once, after the smoke test, and baked step by step.
 * @param random 0 to 1, for the order of golden pages.
 * @throws Failure `GOLDEN_PAGE_WITHOUT_TEXT`, `NO_GOLDEN_FOLDER` (2) for the deployment's own golden pages.
 */
export function openCanary(context: ReleaseContext, target: CanaryTarget, random = Math.random): Canary {
  const { canary, smoke, monitoringPeriodSeconds, monitoringLagSeconds } = context.deployment.release;
  const set = new Map(goldenSet(context.deployment).map((page) => [page.name, page]));
  // A warm page has `latencySeconds`; one that takes twice as long will not come.
  const timeoutSeconds = Math.min(2 * smoke.latencySeconds, MAX_TIMEOUT_SECONDS);
  const client = (side: Side) => clientFor(context, target.audience, target[side].url, { timeoutSeconds });
  const clients = { candidate: client('candidate'), stable: client('stable') };
  return canarySession(
    {
      clock: context.clock,
      signal: context.signal,
      random,
      judge: context.defences.judge,
      pages: [...set.keys()],
      async warm(side) {
        await waitUntilReady(clients[side], warmUpOptions(context));
        if (canary.maxGoldenPages > 0) await Promise.all([...set.values()].map((page) => page.prepared()));
      },
      read: (page, side, signal) => readPage(set.get(page)!, clients[side], signal),
      async counted(side, from, to) {
        return (await context.metrics.windowStats(target[side].revision, from, to))?.periods;
      },
      onLook: ({ golden }, { percent, elapsedSeconds }) =>
        context.progress(
          `${percent} % for ${Math.round(elapsedSeconds)} s: ${golden.pairs} golden pages on each revision, ${golden.candidateFailed} failed on the candidate, ${golden.stableFailed} on stable`,
        ),
    },
    { ...canary, monitoringPeriodSeconds, monitoringLagSeconds },
  );
}

/** The question did not reach the service, or its instance was being stopped: that is no answer of the revision. */
const UNASKED = [
  ...['SERVICE_NOT_REACHABLE', 'NOT_AUTHORISED', 'NO_IDENTITY_TOKEN'],
  ...['INSTANCE_STOPPING', 'PAGE_INTERRUPTED'],
];

async function readPage(page: GoldenPage, client: OcrClient, signal: AbortSignal): Promise<GoldenAnswer> {
  try {
    const { text, finishReason, seconds } = await client.readPage(await page.prepared(), signal);
    if (finishReason !== 'stop') return { outcome: 'failed', problem: `finish_reason ${finishReason}` };
    return { outcome: 'read', seconds, characterErrorRate: characterErrorRate(page.text, text) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const problem = `${error.code}: ${error.message}`;
    if (error.code === 'OVERLOADED') return { outcome: 'throttled', problem };
    return { outcome: UNASKED.includes(error.code) ? 'unasked' : 'failed', problem };
  }
}
