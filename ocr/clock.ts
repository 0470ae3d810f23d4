import { setTimeout as wait } from 'node:timers/promises';

/** Time, handed in: tests wait for nothing. */
export interface Clock {
  now(this: void): Date;
  /** Rejects with an AbortError when the signal fires. */
  sleep(this: void, seconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (seconds, signal) => wait(seconds * 1000, undefined, { signal }),
};
