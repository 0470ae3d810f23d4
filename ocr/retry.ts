import { ExponentialBackoff } from 'cockatiel';
import type { Clock } from './clock';
import { ServiceFailure } from './serviceFailure';

/** Longest pause that `Retry-After` may ask for. */
const MAX_PAUSE_SECONDS = 30;

/**
 * Tries again when a failure is transient: pauses grow from about 1 s with jitter (cockatiel's decorrelated one), and last
 * at least what `Retry-After` asks for, at most 30 s. The loop is our own because cockatiel's does not end its pause when
 * the signal fires.
 * @throws the last attempt's error, or the signal's AbortError.
 */
export async function withRetries<T>(
  attempts: number,
  sleep: Clock['sleep'],
  signal: AbortSignal | undefined,
  act: () => Promise<T>,
): Promise<T> {
  let backoff = new ExponentialBackoff({ initialDelay: 1000, maxDelay: MAX_PAUSE_SECONDS * 1000 }).next();
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ServiceFailure && error.transient) || attempt >= attempts) throw error;
      const pause = Math.max(backoff.duration / 1000, error.retryAfterSeconds ?? 0);
      await sleep(Math.min(pause, MAX_PAUSE_SECONDS), signal);
      backoff = backoff.next(undefined);
    }
  }
}
