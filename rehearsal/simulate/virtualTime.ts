/** A clock that moves only when everybody waits. */
export interface VirtualTime {
  /** Milliseconds. */
  now(): number;
  /** Calls back after so many seconds, in the order of time, then of asking. */
  after(seconds: number, call: () => void): void;
  /** Lets time go by until the work is done, or nobody waits for anything any more. */
  run(work: Promise<unknown>): Promise<'done' | 'stuck'>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly call: () => void;
}

/** Microtasks that are let by before time goes on: more than lie between one call of a process and its next. */
const TICKS = 24;

/** @param start milliseconds. */
export function virtualTime(start: number): VirtualTime {
  let now = start;
  let order = 0;
  const heap: Timer[] = [];
  const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

  const push = (timer: Timer) => {
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  };
  const pop = (): Timer | undefined => {
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
  };

  return {
    now: () => now,
    after: (seconds, call) => push({ at: now + Math.max(0, seconds) * 1000, order: order++, call }),
    async run(work) {
      let isDone = false;
      const end = work.then(
        () => (isDone = true),
        () => (isDone = true),
      );
      for (;;) {
        // Everything that can go on without time does, before time goes on.
        for (let tick = 0; tick < TICKS; tick++) await Promise.resolve();
        if (isDone) break;
        const timer = pop();
        if (timer === undefined) {
          await new Promise((resolve) => setImmediate(resolve));
          if (isDone) break;
          if (heap.length === 0) return 'stuck';
          continue;
        }
        now = timer.at;
        timer.call();
      }
      await end;
      return 'done';
    },
  };
}
