import { setMaxListeners } from 'node:events';
import type { Clock } from '../ocr/clock';

/** A clock that moves only when everybody waits: the simulations' and the tests'. */
export interface VirtualTime {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back after so many seconds, in the order of time, then of asking.
   * @param ref false: time does not move for it alone, as no process stays for a timer of Node's that is `unref`ed.
   * @returns takes the call back.
   */
  after(seconds: number, call: () => void, ref?: boolean): () => void;
  /** The same as the engine and the local cloud take it. */
  readonly clock: Clock;
  /** Lets time go by until the work is done, or nobody waits for anything any more. */
  run(work: Promise<unknown>): Promise<'done' | 'stuck'>;
  /** Lets time go by from now on, whenever somebody waits. */
  start(): void;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly ref: boolean;
  /** Absent once it was taken back. */
  call?: (() => void) | undefined;
}

/** Microtasks that are let by before time goes on: more than lie between one call of a process and its next. */
const TICKS = 24;

async function microtasks(): Promise<void> {
  for (let tick = 0; tick < TICKS; tick++) await Promise.resolve();
}

/**
 * @param start milliseconds.
 * @param settled resolves when nothing can go on without time; it may ask how many milliseconds it is to the next call. Default:
 * after some microtasks, which is all that a model of promises needs.
 */
export function virtualTime(
  start: number,
  settled: (untilNext: () => number) => Promise<void> = microtasks,
): VirtualTime {
  let now = start;
  let order = 0;
  /** Those that time moves for. */
  let awaited = 0;
  let wake = () => undefined as void;
  const timers = timerHeap();
  const untilNext = () => (timers.first()?.at ?? Infinity) - now;

  const after: VirtualTime['after'] = (seconds, call, ref = true) => {
    const timer: Timer = { at: now + Math.max(0, seconds) * 1000, order: order++, ref, call };
    timers.push(timer);
    if (ref) awaited++;
    if (ref) wake();
    return () => {
      if (ref && timer.call) awaited--;
      timer.call = undefined;
    };
  };

  const next = () => {
    const timer = timers.pop()!;
    const { call, ref, at } = timer;
    if (!call) return;
    timer.call = undefined;
    if (ref) awaited--;
    now = at;
    call();
  };

  const sleep: Clock['sleep'] = (seconds, signal, { ref } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const stop = () => {
        takeBack();
        reject(signal!.reason as Error);
      };
      const awake = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const takeBack = after(seconds, awake, ref);
      if (!signal) return;
      setMaxListeners(0, signal);
      signal.addEventListener('abort', stop, { once: true });
    });

  return {
    now: () => now,
    after,
    clock: { now: () => new Date(now), sleep },
    async run(work) {
      let isDone = false;
      const end = work.then(
        () => (isDone = true),
        () => (isDone = true),
      );
      for (;;) {
        // Everything that can go on without time does, before time goes on.
        await settled(untilNext);
        if (isDone) break;
        if (awaited === 0) {
          await new Promise((resolve) => setImmediate(resolve));
          if (isDone) break;
          if (awaited === 0) return 'stuck';
        } else next();
      }
      await end;
      return 'done';
    },
    start() {
      const goOn = async (): Promise<never> => {
        for (;;) {
          if (awaited === 0) await new Promise<void>((resolve) => (wake = resolve));
          await settled(untilNext);
          if (awaited > 0) next();
        }
      };
      void goOn();
    },
  };
}

/** A binary heap: schedules have thousands of timers. */
function timerHeap() {
  const heap: Timer[] = [];
  const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);
  return {
    first: () => heap[0],
    push(timer: Timer) {
      let at = heap.push(timer) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(timer, heap[parent]!)) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = timer;
    },
    pop(): Timer | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
        if (!isBefore(heap[child]!, last)) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = last;
      return first;
    },
  };
}
