import { Failure, messageOf } from '../../domain/failure';
import { waitUntilReady } from '../../ocr/warmUp';
import type { SmokeResult, SmokeTest } from '../ports/context';
import { clientFor, readGoldenPage } from './golden';
import { warmUpOptions } from './ocrService';

/**
 * Ready within the cold-start budget, `/v1/models` names the model, and a golden page comes back: right text, whole,
 * in time. HTTP 200 alone proves nothing: an image with broken weights answers 200 too.
 */
export const smokeTest: SmokeTest = async (context, audience, url) => {
  const { smoke } = context.deployment.release;
  const client = clientFor(context, audience, url);
  const started = context.clock.now().getTime();
  try {
    await waitUntilReady(client, warmUpOptions(context));
  } catch (error) {
    context.signal.throwIfAborted();
    return notPassed([messageOf(error)], error);
  }
  const startSeconds = (context.clock.now().getTime() - started) / 1000;
  const warm = await readGoldenPage(context, client);
  // The first page may still compile or load something; the second one is timed.
  const reading = warm.answered ? await readGoldenPage(context, client) : warm;
  if (!reading.answered)
    return { passed: false, findings: [reading.problem ?? 'the golden page was not answered'] };

  const { characterErrorRate = 1, finishReason, seconds = Infinity } = reading;
  const failures = [
    ...(characterErrorRate > smoke.maxCharacterErrorRate
      ? [`character error rate ${characterErrorRate.toFixed(3)}, limit ${smoke.maxCharacterErrorRate}`]
      : []),
    ...(finishReason !== 'stop' ? [`the page ended with finish_reason ${finishReason}, not stop`] : []),
    ...(seconds > smoke.latencySeconds
      ? [`a page took ${seconds.toFixed(1)} s, limit ${smoke.latencySeconds} s`]
      : []),
  ];
  if (failures.length > 0) return { passed: false, findings: failures };
  return {
    passed: true,
    findings: [
      `ready after ${startSeconds.toFixed(1)} s, character error rate ${characterErrorRate.toFixed(3)}, a page in ${seconds.toFixed(2)} s`,
    ],
  };
};

/** No token, nobody let us in, no connection: whoever was to be asked has not been, and nothing is proven. */
const NOT_ASKED = [
  'NO_IDENTITY_TOKEN',
  'NOT_AUTHORISED',
  'SERVICE_NOT_REACHABLE',
  'API_NOT_REACHABLE',
  'NO_CREDENTIALS',
];

export const couldNotAsk = ({ code }: Failure): boolean =>
  NOT_ASKED.includes(code) || /^API_40[13]$/.test(code);

const notPassed = (findings: readonly string[], error: unknown): SmokeResult => ({
  passed: false,
  findings,
  ...(error instanceof Failure && couldNotAsk(error) && { notAsked: error }),
});
