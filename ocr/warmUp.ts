import { ExponentialBackoff, noJitterGenerator } from 'cockatiel';
import { Failure } from '../domain/failure';
import type { OcrClient } from './client';
import { type Clock, type Deadline, type TimeLimit, systemClock, systemDeadline } from './clock';
import { ServiceFailure } from './serviceFailure';

export interface WarmUpOptions extends Partial<Clock> {
  /** From the first request until the model answers. */
  readonly budgetSeconds: number;
  readonly signal?: AbortSignal;
  /** Ends a request that hangs; default by the system's clock. */
  readonly deadline?: Deadline;
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
  options: WarmUpOptions,
): Promise<number> {
  const { answer, seconds } = await untilAnswered(client.models, client.baseUrl, options);
  if (!answer.includes(client.model)) throw modelNotServed(client, answer);
  return seconds;
}

/** Polls through a cold start until one question is answered. @throws as `waitUntilReady`. */
export async function untilAnswered<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  baseUrl: string,
  options: WarmUpOptions,
): Promise<{ readonly answer: T; readonly seconds: number }> {
  const { budgetSeconds, signal, onWait, deadline = systemDeadline } = options;
  const { now = systemClock.now, sleep = systemClock.sleep } = options;
  const started = now().getTime();
  const elapsedSeconds = (): number => (now().getTime() - started) / 1000;
  for (let pause = PAUSES.next(); ; pause = pause.next(undefined)) {
    const asked = await askOnce(ask, deadline(budgetSeconds - elapsedSeconds()), signal);
    if ('answer' in asked) return { answer: asked.answer, seconds: elapsedSeconds() };
    onWait?.(elapsedSeconds(), asked.starting);
    const left = budgetSeconds - elapsedSeconds();
    if (left > 0) await sleep(Math.min(pause.duration / 1000, left), signal);
    if (elapsedSeconds() >= budgetSeconds) throw coldStartOverBudget(baseUrl, budgetSeconds, asked.starting);
  }
}

/** The answer, or what a starting service said. A request that hangs ends with the budget. */
async function askOnce<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { signal: budget, end }: TimeLimit,
  signal: AbortSignal | undefined,
): Promise<{ readonly answer: T } | { readonly starting: string }> {
  try {
    return { answer: await ask(signal ? AbortSignal.any([signal, budget]) : budget) };
  } catch (error) {
    signal?.throwIfAborted();
    if (budget.aborted) return { starting: 'no answer' };
    const isStarting = error instanceof ServiceFailure && (error.transient || error.code === 'TIMED_OUT');
    if (isStarting) return { starting: error.got ?? error.message };
    throw error;
  } finally {
    end();
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
