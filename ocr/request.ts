import { type BreakerOptions, CircuitOpen, createBreaker } from './breaker';
import { type Clock, systemClock } from './clock';
import { retryPauses } from './retry';
import { isColdStart, ServiceFailure } from './serviceFailure';
import { coldStartOverBudget } from './warmUp';

export interface PolicyOptions extends Partial<Clock> {
  /** Times that a request is sent before its failure counts; default 3, the deployment guide's. */
  readonly attempts?: number;
  /** Time that a cold start may take, from the first request until the first success; default 480. */
  readonly warmUpBudgetSeconds?: number;
  readonly breaker?: BreakerOptions;
  /** How long a request may wait for an open breaker in all; 0 fails at once. Default 0, of `createPageReader` 90. */
  readonly circuitWaitSeconds?: number;
}

/** What came back, and how many requests it took. */
export interface Requested<T> {
  readonly value: T;
  readonly attempts: number;
}

export type Request = <T>(act: () => Promise<T>, signal?: AbortSignal) => Promise<Requested<T>>;

/** Failures after which the same request may succeed: all that pass by themselves, and vLLM's own 500. */
const mayPass = (error: unknown): error is ServiceFailure =>
  error instanceof ServiceFailure &&
  (error.transient || error.code === 'TIMED_OUT' || error.code === 'SERVICE_ERROR');

/**
 * How requests to one service are sent: again when the failure may pass, not at all while the breaker is open. Until the
 * first success the answers of a cold start cost neither attempts nor breaker, only the warm-up budget, which all requests
 * share. Errors carry how many requests they took in `attempts`.
 * @throws what the last attempt threw; CircuitOpen; Failure COLD_START_OVER_BUDGET; the signal's reason.
 */
export function createRequest(baseUrl: string, options: PolicyOptions = {}): Request {
  const { attempts: maxAttempts = 3, warmUpBudgetSeconds = 480, circuitWaitSeconds = 0 } = options;
  const { now = systemClock.now, sleep = systemClock.sleep } = options;
  const breaker = createBreaker(baseUrl, options.breaker ?? {}, now);
  let warm = false;
  let firstSentAt: number | undefined;

  return async (act, signal) => {
    const pauseAfter = retryPauses();
    let sent = 0;
    let counted = 0;
    let waited = 0;
    for (;;) {
      signal?.throwIfAborted();
      firstSentAt ??= now().getTime();
      try {
        const value = await breaker(async () => {
          sent += 1;
          // What a cold start answers must not reach the breaker, so it leaves it as a value.
          return act().catch((error: unknown) => {
            if (!warm && isColdStart(error)) return new ColdAnswer(error);
            throw error;
          });
        });
        if (!(value instanceof ColdAnswer)) {
          warm = true;
          return { value, attempts: sent };
        }
        const left = warmUpBudgetSeconds - (now().getTime() - firstSentAt) / 1000;
        const answer = value.failure.got ?? value.failure.message;
        if (left <= 0) throw coldStartOverBudget(baseUrl, warmUpBudgetSeconds, answer);
        await sleep(Math.min(pauseAfter(value.failure.retryAfterSeconds), left), signal);
      } catch (error) {
        if (error instanceof CircuitOpen && waited + error.secondsLeft <= circuitWaitSeconds) {
          waited += error.secondsLeft;
          await sleep(error.secondsLeft, signal);
          continue;
        }
        if (!mayPass(error) || ++counted >= maxAttempts) throw withAttempts(error, sent);
        await sleep(pauseAfter(error.retryAfterSeconds), signal);
      }
    }
  };
}

class ColdAnswer {
  constructor(readonly failure: ServiceFailure) {}
}

function withAttempts(error: unknown, attempts: number): unknown {
  return error instanceof Error ? Object.assign(error, { attempts }) : error;
}

/** Requests that were sent before this error; 0 for one that came before any. */
export function attemptsOf(error: unknown): number {
  const attempts = (error as { attempts?: unknown } | undefined)?.attempts;
  return typeof attempts === 'number' ? attempts : 0;
}
