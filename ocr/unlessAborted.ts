/** What the promise gives, or the signal's reason as soon as it fires: for work that cannot be told to stop. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  promise.catch(() => undefined); // once the signal has fired nobody else looks at it
  signal.throwIfAborted();
  let stop = () => undefined as void;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What `for await` gives, ended with the signal's reason as soon as it fires, also while the source stands still. */
export async function* eachUnlessAborted<T>(
  source: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await unlessAborted<IteratorResult<T, unknown>>(Promise.resolve(iterator.next()), signal);
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: a source that stands still would hold up its own end.
    if (!ended) void (async () => iterator.return?.())().catch(() => undefined);
  }
}
