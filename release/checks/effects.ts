import { Failure, messageOf } from '../../domain/failure';
import type { Probe } from '../../domain/releases/next/action';
import { waitUntilReady } from '../../ocr/warmUp';
import type { Effects, ReleaseContext } from '../ports/context';
import { openCanary } from './canary';
import type { Canary } from './canaryPorts';
import { clientFor, readGoldenPage } from './golden';
import { warmUpOptions } from './ocrService';
import { couldNotAsk } from './smoke';

/** Between two looks for the URL of a tag, and how often. */
const TAG_LOOK_SECONDS = 1;
const TAG_LOOKS = 60;

/** Effects of one run, by the deployment's golden pages and Cloud Monitoring. */
export const effectsOf = (context: ReleaseContext): Effects => context.effects ?? { ...REAL, bake: baking() };

/** One canary per run, which keeps its evidence from step to step. */
function baking(): Effects['bake'] {
  let canary: Canary | undefined;
  return async (context, { candidate, stable, percent, bakeSeconds, audience, url, stableUrl }) => {
    canary ??= openCanary(context, {
      candidate: { revision: candidate, url },
      stable: { revision: stable, url: stableUrl },
      audience,
    });
    const verdict = await canary.bake(percent, bakeSeconds);
    context.progress(`${percent} %: ${verdict.state}: ${verdict.reasons.join('; ')}`);
    return verdict;
  };
}

const REAL: Omit<Effects, 'bake'> = {
  async warm(context, { target, tag, traffic, service }) {
    try {
      await context.cloudRun.writeTraffic(traffic, service.etag);
      const url = await tagUrl(context, tag);
      if (url !== undefined)
        await waitForModel(context, service.uri, url, `warming ${target}; --now skips this`);
    } catch (error) {
      context.signal.throwIfAborted();
      context.progress(`not warmed, going on: ${String(error).split('\n')[0]}`);
    }
  },
  async smoke(context, { audience, url }) {
    const { passed, findings, notAsked } = await context.defences.smoke(context, audience, url);
    return { state: passed ? 'healthy' : 'unhealthy', reasons: findings, ...(notAsked && { notAsked }) };
  },
  async probe(context, uri): Promise<Probe> {
    const client = clientFor(context, uri, uri);
    try {
      await waitForModel(context, uri, uri, 'probing what serves');
    } catch (error) {
      context.signal.throwIfAborted();
      return error instanceof Failure && couldNotAsk(error)
        ? { state: 'not asked', observed: messageOf(error), remedy: error.remedy }
        : { state: 'wrong', observed: messageOf(error) };
    }
    const reading = await readGoldenPage(context, client);
    const limit = context.deployment.release.smoke.maxCharacterErrorRate;
    if (reading.answered && (reading.characterErrorRate ?? 1) <= limit) return { state: 'well' };
    const observed = reading.problem ?? `character error rate ${reading.characterErrorRate}, limit ${limit}`;
    if (/^(NO_IDENTITY_TOKEN|NOT_AUTHORISED|SERVICE_NOT_REACHABLE)\b/.test(reading.problem ?? ''))
      return { state: 'not asked', observed };
    return { state: 'wrong', observed, ...(reading.throttled && { throttled: true }) };
  },
};

async function tagUrl({ cloudRun, clock, signal }: ReleaseContext, tag: string): Promise<string | undefined> {
  for (let looks = 0; looks < TAG_LOOKS; looks++) {
    const service = await cloudRun.service();
    if (!service?.traffic.some((target) => target.tag === tag)) return undefined;
    const url = service.trafficStatuses.find((status) => status.tag === tag)?.uri;
    if (url !== undefined) return url;
    await clock.sleep(TAG_LOOK_SECONDS, signal);
  }
  return undefined;
}

async function waitForModel(
  context: ReleaseContext,
  audience: string,
  url: string,
  what: string,
): Promise<void> {
  const waiting = warmUpOptions(context);
  context.progress(`${what}, at most ${waiting.budgetSeconds} s`);
  await waitUntilReady(clientFor(context, audience, url), waiting);
}
