import { setTimeout as wait } from 'node:timers/promises';

/** Time, handed in: tests wait for nothing. */
export interface Clock {
  now(this: void): Date;
  /** Rejects with the signal's reason when it fires. */
  sleep(this: void, seconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (seconds, signal) =>
    wait(seconds * 1000, undefined, { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    }),
};
