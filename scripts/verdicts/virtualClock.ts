import type { Clock } from '../../ocr/clock';

/** A clock that moves only as far as somebody sleeps: hours take milliseconds. */
export interface VirtualClock extends Clock {
  /** Plays the work to its end; what sleeps is woken in the order of time. */
  play<T>(this: void, work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly signal: AbortSignal | undefined;
  wake(): void;
  reject(error: unknown): void;
}

/** @param start milliseconds since 1970 that it begins with. */
export function virtualClock(start = 0): VirtualClock {
  let now = start;
  /** In the order of falling asleep, which decides between two of one moment. */
  let sleepers: Sleeper[] = [];
  /** One listener for all who sleep under a signal: those of Node are dear. */
  const watched = new WeakSet<AbortSignal>();

  function watch(signal: AbortSignal): void {
    if (watched.has(signal)) return;
    watched.add(signal);
    signal.addEventListener('abort', () => {
      const woken = sleepers.filter((sleeper) => sleeper.signal === signal);
      sleepers = sleepers.filter((sleeper) => sleeper.signal !== signal);
      for (const sleeper of woken) sleeper.reject(signal.reason);
    });
  }

  const next = () => {
    let first = 0;
    for (let at = 1; at < sleepers.length; at++) if (sleepers[at]!.at < sleepers[first]!.at) first = at;
    const [sleeper] = sleepers.splice(first, 1);
    now = Math.max(now, sleeper!.at);
    sleeper!.wake();
  };

  return {
    now: () => new Date(now),
    sleep: (seconds, signal) =>
      new Promise<void>((wake, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        if (signal) watch(signal);
        sleepers.push({ at: now + seconds * 1000, signal, wake, reject });
      }),
    async play(work) {
      let isDone = false;
      const settled = work.finally(() => (isDone = true));
      settled.catch(() => undefined);
      for (;;) {
        await new Promise(setImmediate); // whoever was woken goes on
        if (isDone) return settled;
        if (sleepers.length === 0) throw new Error('nobody sleeps and the work is not done');
        next();
      }
    },
  };
}
