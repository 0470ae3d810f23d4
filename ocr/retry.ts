import { ExponentialBackoff } from 'cockatiel';

/** Longest pause between two attempts, also when `Retry-After` asks for more. */
const MAX_PAUSE_SECONDS = 30;

/**
 * Pauses between attempts: they grow from about 1 s with jitter (cockatiel's decorrelated one), and last at least what
 * `Retry-After` asked for, at most 30 s. The loop around them is `request.ts`: cockatiel's own does not end its pause when a
 * signal fires, and knows no budget.
 */
export function retryPauses(): (retryAfterSeconds: number | undefined) => number {
  let backoff = new ExponentialBackoff({ initialDelay: 1000, maxDelay: MAX_PAUSE_SECONDS * 1000 }).next();
  return (retryAfterSeconds = 0) => {
    const seconds = Math.min(Math.max(backoff.duration / 1000, retryAfterSeconds), MAX_PAUSE_SECONDS);
    backoff = backoff.next(undefined);
    return seconds;
  };
}
