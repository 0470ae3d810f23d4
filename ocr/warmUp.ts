import { ExponentialBackoff, noJitterGenerator } from 'cockatiel';
import { Failure } from '../domain/failure';
import type { OcrClient } from './client';
import { systemClock, type Clock } from './clock';
import { ServiceFailure } from './serviceFailure';

export interface WarmUpOptions extends Partial<Clock> {
  /** From the first request until the model answers. */
  readonly budgetSeconds: number;
  readonly signal?: AbortSignal;
  /** Called after each answer that was not the model, with the answer in short. */
  readonly onWait?: (elapsedSeconds: number, lastAnswer: string) => void;
}

/** Pauses between polls: 0.25 s, doubled up to 5 s. */
const PAUSES = new ExponentialBackoff({ generator: noJitterGenerator, initialDelay: 250, maxDelay: 5000 });

/**
 * Polls `/v1/models` through a cold start until it names the client's model. A starting instance answers 429, 502, 503 or
 * 504, does not answer in time, or cannot be reached yet; any other failure ends the wait at once.
 * @returns seconds that it took.
 * @throws Failure COLD_START_OVER_BUDGET with the last answer, MODEL_NOT_SERVED when another model answers; what `models`
 * throws; the signal's reason.
 */
export async function waitUntilReady(
  client: Pick<OcrClient, 'models' | 'model' | 'baseUrl'>,
  { budgetSeconds, signal, onWait, now = systemClock.now, sleep = systemClock.sleep }: WarmUpOptions,
): Promise<number> {
  const started = now().getTime();
  const elapsedSeconds = (): number => (now().getTime() - started) / 1000;
  for (let pause = PAUSES.next(); ; pause = pause.next(undefined)) {
    const answer = await ask(client, budgetSeconds - elapsedSeconds(), signal);
    if (answer === 'ready') return elapsedSeconds();
    onWait?.(elapsedSeconds(), answer);
    const left = budgetSeconds - elapsedSeconds();
    if (left > 0) await sleep(Math.min(pause.duration / 1000, left), signal);
    if (elapsedSeconds() >= budgetSeconds) throw coldStartOverBudget(client.baseUrl, budgetSeconds, answer);
  }
}

/** `ready`, or what a starting service answered. A request that hangs ends with the budget. */
async function ask(
  client: Pick<OcrClient, 'models' | 'model' | 'baseUrl'>,
  secondsLeft: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const budget = AbortSignal.timeout(Math.max(1, Math.ceil(secondsLeft * 1000)));
  try {
    const served = await client.models(signal ? AbortSignal.any([signal, budget]) : budget);
    if (served.includes(client.model)) return 'ready';
    throw modelNotServed(client, served);
  } catch (error) {
    signal?.throwIfAborted();
    if (budget.aborted) return 'no answer';
    const starting = error instanceof ServiceFailure && (error.transient || error.code === 'TIMED_OUT');
    if (starting) return error.got ?? error.message;
    throw error;
  }
}

export function coldStartOverBudget(url: string, budgetSeconds: number, lastAnswer: string): Failure {
  return new Failure({
    code: 'COLD_START_OVER_BUDGET',
    message: `The service was not ready within ${budgetSeconds} s.`,
    where: url,
    got: lastAnswer,
    remedy: "read the revision's logs; raise release.smoke.coldStartSeconds when it only needs longer",
    exitCode: 1,
  });
}

function modelNotServed(
  { model, baseUrl }: Pick<OcrClient, 'model' | 'baseUrl'>,
  served: readonly string[],
): Failure {
  return new Failure({
    code: 'MODEL_NOT_SERVED',
    message: `The service is up and does not serve ${model}.`,
    where: `${baseUrl}/v1/models`,
    got: served.join(', ') || 'no models',
    remedy: 'set model.id or model.servedName in the deployment to the name that is served',
    exitCode: 1,
  });
}
