import { ExponentialBackoff, halfJitterGenerator } from 'cockatiel';

/** Longest pause between two attempts, also when `Retry-After` asks for more. */
const MAX_PAUSE_SECONDS = 30;

/**
 * Pauses between attempts: the first 0.5 to 1 s, each next one twice as long, and at least what `Retry-After` asked for; at most
 * 30 s. Half of a pause is jitter and half is not: cockatiel's default, all jitter, begins with one of some milliseconds now and
 * then. The loop around them is `request.ts`: cockatiel's own does not end its pause when a signal fires, and knows no budget.
 */
export function retryPauses(): (retryAfterSeconds: number | undefined) => number {
  let backoff = new ExponentialBackoff({
    generator: halfJitterGenerator,
    initialDelay: 1000,
    maxDelay: MAX_PAUSE_SECONDS * 1000,
  }).next();
  return (retryAfterSeconds = 0) => {
    const seconds = Math.min(Math.max(backoff.duration / 1000, retryAfterSeconds), MAX_PAUSE_SECONDS);
    backoff = backoff.next(undefined);
    return seconds;
  };
}
