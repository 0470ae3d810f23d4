/** Times of which the earliest is taken first: a binary heap that grows as it has to. */
export interface Earliest {
  /** Infinity where there is none. */
  first(): number;
  add(time: number): void;
  /** Takes the first away. */
  take(): void;
}

export function earliest(): Earliest {
  const heap: number[] = [];
  return {
    first: () => heap[0] ?? Infinity,
    add(time) {
      let at = heap.push(time) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (heap[parent]! <= time) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = time;
    },
    take() {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
        if (child >= heap.length || heap[child]! >= last) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = last;
    },
  };
}
