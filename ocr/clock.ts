import { setTimeout as wait } from 'node:timers/promises';

/** Time, handed in: tests wait for nothing. */
export interface Clock {
  now(this: void): Date;
  /**
   * Rejects with the signal's reason when it fires.
   * @param options `ref: false` is for what nobody waits for: as with Node's timers, no process stays for it.
   */
  sleep(
    this: void,
    seconds: number,
    signal?: AbortSignal,
    options?: { readonly ref?: boolean },
  ): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (seconds, signal, { ref = true } = {}) =>
    wait(seconds * 1000, undefined, { signal, ref }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    }),
};

/** A signal that fires after so many seconds, unless it is ended before. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  end(this: void): void;
}

/** Sets a limit of so many seconds; whoever sets it ends it. */
export type Deadline = (this: void, seconds: number) => TimeLimit;

/** Limits by a clock. */
export const deadlineBy =
  ({ sleep }: Pick<Clock, 'sleep'>): Deadline =>
  (seconds) => {
    const limit = new AbortController();
    const ended = new AbortController();
    sleep(seconds, ended.signal).then(
      () => limit.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      () => undefined,
    );
    return { signal: limit.signal, end: () => ended.abort() };
  };

/** No process stays for one. */
export const systemDeadline = deadlineBy({
  sleep: (seconds, signal) => systemClock.sleep(seconds, signal, { ref: false }),
});
