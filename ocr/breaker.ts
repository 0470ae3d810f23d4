import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import { Failure } from '../domain/failure';
import type { Clock } from './clock';
import { ServiceFailure } from './serviceFailure';

export interface BreakerOptions {
  /** Failures in a row that open it; default 3, the deployment guide's. */
  readonly failures?: number;
  /** How long it stays open before one request may try; default 30. */
  readonly openSeconds?: number;
}

/** The breaker is open: nothing was sent. */
export class CircuitOpen extends Failure {
  constructor(
    url: string,
    /** Until the next request may try. */
    readonly secondsLeft: number,
    /** Time that it has been open in all since a request was last answered, this opening to its end. */
    readonly openSeconds: number,
  ) {
    super({
      code: 'CIRCUIT_OPEN',
      message: 'Too many requests failed in a row; nothing is sent for a while.',
      where: url,
      got: `open for another ${secondsLeft.toFixed(0)} s`,
      remedy: `look at the failures before this one; try again in ${secondsLeft.toFixed(0)} s`,
      exitCode: 1,
    });
  }
}

/**
 * Failures that say something about the service: it does not answer, answers late, or answers nonsense. A refused page, a
 * refused token and 429 (a service that is well and full) do not.
 */
const saysServiceIsIll = (error: unknown): boolean =>
  error instanceof ServiceFailure &&
  ['SERVICE_NOT_REACHABLE', 'SERVICE_ERROR', 'TIMED_OUT', 'BAD_ANSWER'].includes(error.code);

/** Runs a request unless the breaker is open. Shared by all requests to one service. */
export type Breaker = <T>(act: () => Promise<T>) => Promise<T>;

/** @throws CircuitOpen, or what the request throws. */
export function createBreaker(
  url: string,
  { failures = 3, openSeconds = 30 }: BreakerOptions,
  now: Clock['now'],
): Breaker {
  const policy: CircuitBreakerPolicy = circuitBreaker(handleWhen(saysServiceIsIll), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: openSeconds * 1000,
  });
  let openedAt = 0;
  let openings = 0;
  policy.onBreak(() => {
    openedAt = now().getTime();
    openings += 1;
  });
  policy.onReset(() => (openings = 0));
  return async (act) => {
    try {
      return await policy.execute(act);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      const secondsLeft = Math.max(0, openedAt + openSeconds * 1000 - now().getTime()) / 1000;
      throw new CircuitOpen(url, secondsLeft, openings * openSeconds);
    }
  };
}
