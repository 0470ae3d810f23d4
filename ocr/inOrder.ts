/** Work that is under way. In an object: an asynchronous generator would wait for a bare promise before it yields it. */
export interface Begun<T> {
  readonly done: Promise<T>;
}

/**
 * The results of work that is begun one after the other, in that order; at most `most` are begun and not taken. What is done
 * does not wait for the next one to begin, which may take its time.
 */
export async function* inOrder<T>(begun: AsyncGenerator<Begun<T>>, most: number): AsyncGenerator<T> {
  const pending: Promise<T>[] = [];
  let next: Promise<IteratorResult<Begun<T>>> | undefined;
  try {
    for (;;) {
      if (next === undefined && pending.length < most) next = begun.next();
      const [first] = pending;
      const beginning = await Promise.race([
        ...(first ? [first.then(() => undefined)] : []),
        ...(next ? [next] : []),
      ]);
      if (beginning === undefined) {
        void pending.shift();
        yield await first!;
        continue;
      }
      if (beginning.done) break;
      const { done } = beginning.value;
      done.catch(() => undefined); // it is looked at in its turn
      pending.push(done);
      next = undefined;
    }
    for (const last of pending) yield await last;
  } finally {
    await begun.return(undefined);
  }
}
