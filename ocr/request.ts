import { setMaxListeners } from 'node:events';
import { Failure } from '../domain/failure';
import { type BreakerOptions, CircuitOpen, createBreaker } from './breaker';
import { type Clock, type Deadline, systemClock, systemDeadline, type TimeLimit } from './clock';
import { retryPauses } from './retry';
import { isColdStart, ServiceFailure, timedOut } from './serviceFailure';
import { coldStartOverBudget } from './warmUp';

export interface PolicyOptions extends Partial<Clock> {
  /** Times that a request is sent before its failure counts; default 3, the deployment guide's. */
  readonly attempts?: number;
  /** Time that a cold start may take, from the first request until the first success; default 480. */
  readonly warmUpBudgetSeconds?: number;
  /** The service was found ready (`waitUntilReady`): nothing that it answers is a cold start any more. Default false. */
  readonly warm?: boolean;
  readonly breaker?: BreakerOptions;
  /** Ends what is under way when the budget of the cold start is spent; default by the system's clock. */
  readonly deadline?: Deadline;
  /**
   * How long the breaker may be open without an answer in between, and be waited for; a request that has sent nothing yet
   * waits for its one trial in any case. 0 fails at once. Default 0, of `createPageReader` 90.
   */
  readonly circuitWaitSeconds?: number;
}

/** What requests cost. */
export interface Effort {
  /** Requests that were sent. */
  readonly attempts: number;
  /** For the token, on the way and in the service, all of them together, whatever became of each; without the pauses between. */
  readonly seconds: number;
}

/** What came back, and what it cost. */
export interface Requested<T> extends Effort {
  readonly value: T;
}

/** What is sent must end with the signal that it is given: the caller's, and until the first success the budget's. */
export type Request = <T>(
  act: (signal: AbortSignal | undefined) => Promise<T>,
  signal?: AbortSignal,
) => Promise<Requested<T>>;

/** Failures after which the same request may succeed: all that pass by themselves, vLLM's own 500, and a failed mint. */
const mayPass = (error: unknown): error is Failure & { retryAfterSeconds?: number } =>
  error instanceof ServiceFailure
    ? error.transient || error.code === 'TIMED_OUT' || error.code === 'SERVICE_ERROR'
    : error instanceof Failure && error.code === 'NO_IDENTITY_TOKEN';

/**
 * How requests to one service are sent: again when the failure may pass, not at all while the breaker is open. Until the
 * first success the answers of a cold start cost neither attempts nor breaker, only the warm-up budget, which all requests
 * share. Errors carry what they cost: `effortOf`.
 * @throws what the last attempt threw; CircuitOpen; Failure COLD_START_OVER_BUDGET; the signal's reason.
 */
export function createRequest(baseUrl: string, options: PolicyOptions = {}): Request {
  const { attempts: maxAttempts = 3, warmUpBudgetSeconds = 480, circuitWaitSeconds = 0 } = options;
  const { now = systemClock.now, sleep = systemClock.sleep, deadline = systemDeadline } = options;
  const breaker = createBreaker(baseUrl, options.breaker ?? {}, now);
  let { warm = false } = options;
  let firstSentAt: number | undefined;
  let limit: TimeLimit | undefined;

  const budgetLeft = () => warmUpBudgetSeconds - (now().getTime() - (firstSentAt ??= now().getTime())) / 1000;
  /** One for all requests of the cold start: the first success stops its timer, for those that are under way too. */
  const budgetSignal = (): AbortSignal | undefined => {
    const left = budgetLeft();
    if (left <= 0) return undefined;
    if (limit === undefined) {
      limit = deadline(left);
      setMaxListeners(0, limit.signal);
    }
    return limit.signal;
  };

  return async <T>(act: (signal: AbortSignal | undefined) => Promise<T>, signal?: AbortSignal) => {
    const pauseAfter = retryPauses();
    let sent = 0;
    let seconds = 0;
    let counted = 0;

    /** The pages before this one may be what the service cannot bear: it is tried once before it counts as dead. */
    const mayWait = ({ openSeconds }: CircuitOpen) =>
      circuitWaitSeconds > 0 && (sent === 0 || openSeconds <= circuitWaitSeconds);
    /** What a cold start answers must not reach the breaker, so it leaves it as a value. */
    const send = async (): Promise<T | ColdAnswer> => {
      const budget = warm ? undefined : budgetSignal();
      const startedAt = now().getTime();
      try {
        const value = await act(budget && signal ? AbortSignal.any([signal, budget]) : (budget ?? signal));
        sent += 1;
        return value;
      } catch (thrown) {
        signal?.throwIfAborted();
        const error = budget?.aborted ? timedOut(warmUpBudgetSeconds, baseUrl) : thrown;
        // Any other failure comes before something is sent: no token, no room for the page.
        sent += Number(error instanceof ServiceFailure);
        if (!warm && isColdStart(error)) return new ColdAnswer(error, budget?.aborted);
        throw error;
      } finally {
        seconds += (now().getTime() - startedAt) / 1000;
      }
    };

    for (;;) {
      signal?.throwIfAborted();
      try {
        const value = await breaker(send);
        if (!(value instanceof ColdAnswer)) {
          warm = true;
          limit?.end();
          return { value, attempts: sent, seconds };
        }
        const left = budgetLeft();
        const answer = value.failure.got ?? value.failure.message;
        if (left <= 0 || value.overBudget) throw coldStartOverBudget(baseUrl, warmUpBudgetSeconds, answer);
        await sleep(Math.min(pauseAfter(value.failure.retryAfterSeconds), left), signal);
      } catch (error) {
        if (error instanceof CircuitOpen && mayWait(error)) {
          await sleep(error.secondsLeft, signal);
          continue;
        }
        if (!mayPass(error) || ++counted >= maxAttempts) throw withEffort(error, { attempts: sent, seconds });
        await sleep(pauseAfter(error.retryAfterSeconds), signal);
      }
    }
  };
}

class ColdAnswer {
  constructor(
    readonly failure: ServiceFailure,
    readonly overBudget = false,
  ) {}
}

function withEffort(error: unknown, effort: Effort): unknown {
  return error instanceof Error ? Object.assign(error, effort) : error;
}

/** What was spent before this error; nothing for one that carries no such numbers. */
export function effortOf(error: unknown): Effort {
  const { attempts, seconds } = (error ?? {}) as Partial<Record<keyof Effort, unknown>>;
  return {
    attempts: typeof attempts === 'number' ? attempts : 0,
    seconds: typeof seconds === 'number' ? seconds : 0,
  };
}
