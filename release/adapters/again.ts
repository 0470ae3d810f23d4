import { Failure } from '../../domain/failure';
import { isTransient, pauseBefore } from '../../domain/releases/next/faults';
import type { Clock } from '../../ocr/clock';

/** What waiting takes; `random`, 0 to 1, is for the jitter and `Math.random` by default. */
export interface Patience {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly random?: () => number;
}

/**
 * Tries a call until it is answered: after each fault that passes (429, 5xx, no answer, an answer that is not the thing) a
 * growing pause with jitter, about a minute in all. A write that failed may have landed, so whoever writes reads again first.
 * @param attempt `isFirst`: nothing of this can have landed yet.
 * @throws what does not pass, or has not passed.
 */
export async function again<T>(
  { clock, signal, random = Math.random }: Patience,
  attempt: (isFirst: boolean) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries === 1);
    } catch (error) {
      const pause = error instanceof Failure && isTransient(error) ? pauseBefore(tries) : undefined;
      if (pause === undefined) throw error;
      await clock.sleep(pause * (0.5 + random()), signal);
    }
  }
}
