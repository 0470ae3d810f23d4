import { Failure } from '../../domain/failure';
import type { Clock } from '../../ocr/clock';

/** What a reading process says. */
export type ReaderMessage =
  | { readonly kind: 'begin' | 'end'; readonly document: string }
  | { readonly kind: 'alive' }
  /** The batch cannot go on for now: nobody answers, no token, no right. */
  | { readonly kind: 'stopped'; readonly code: string; readonly text: string }
  | { readonly kind: 'done' };

/** A process that reads a task's share. */
export interface Reader {
  /** Resolves when it is gone, with why for a person; undefined where it ended by itself. */
  readonly exited: Promise<string | undefined>;
  onMessage(hear: (message: ReaderMessage) => void): void;
  kill(): void;
  /** Bytes in memory; undefined where the system does not tell. */
  memoryBytes(): number | undefined;
}

export interface SupervisePorts extends Clock {
  start(
    this: void,
    order: { readonly suspects: readonly string[]; readonly poison: readonly string[] },
  ): Reader;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** A reader over this is ended. */
  readonly maxMemoryBytes: number;
}

/** Ends of a process before a document counts as what ended it. */
const TRIES = 3;
/** A reader says every few seconds that it lives; one that is silent for so long hangs in a document. */
const SILENCE_SECONDS = 90;
const LOOK_SECONDS = 2;
/** The service's troubles are waited for: an hour without a page ends the task, and Cloud Run starts it again. Own choices. */
const PAUSE_SECONDS = 30;
const PATIENCE_SECONDS = 3600;

/**
 * Keeps a reading process at its share: one that crashes, hangs or grows too large is started again, and a document that is under
 * way at three such ends is given up.
 * @throws Failure `BATCH_STOPPED` (1) where nobody answered for an hour; the signal's reason.
 */
export async function supervise(ports: SupervisePorts): Promise<void> {
  const { now, signal, progress } = ports;
  const ends = new Map<string, number>();
  let readAt = now().getTime();
  for (;;) {
    signal.throwIfAborted();
    const tried = (is: (ends: number) => boolean) =>
      [...ends].filter(([, count]) => is(count)).map(([document]) => document);
    const order = { suspects: tried((count) => count < TRIES), poison: tried((count) => count >= TRIES) };
    const { underWay, stopped, isDone, why, read } = await watch(ports, ports.start(order));
    if (isDone) return;
    if (read) readAt = now().getTime();
    signal.throwIfAborted();
    if (stopped === undefined) {
      progress(`the reading process ended: ${why}; under way: ${[...underWay].join(', ') || 'nothing'}`);
      for (const document of underWay) ends.set(document, (ends.get(document) ?? 0) + 1);
      // Without a document it would end so for ever.
      if (underWay.size === 0) await pause(`it ended: ${why}`);
      continue;
    }
    await pause(`${stopped.code}: ${stopped.text}`);
  }

  async function pause(because: string): Promise<void> {
    if ((now().getTime() - readAt) / 1000 > PATIENCE_SECONDS) throw stoppedFor(because);
    progress(`waiting ${PAUSE_SECONDS} s: ${because}`);
    await ports.sleep(PAUSE_SECONDS, signal);
  }
}

async function watch(ports: SupervisePorts, reader: Reader) {
  const underWay = new Set<string>();
  let stopped: Extract<ReaderMessage, { kind: 'stopped' }> | undefined;
  let isDone = false;
  let read = false;
  let heardAt = ports.now().getTime();
  let because: string | undefined;
  reader.onMessage((message) => {
    heardAt = ports.now().getTime();
    if (message.kind === 'begin') underWay.add(message.document);
    if (message.kind === 'end') read = underWay.delete(message.document);
    if (message.kind === 'stopped') stopped = message;
    if (message.kind === 'done') isDone = true;
  });
  const ended = new AbortController();
  const end = (why: string) => {
    because ??= why;
    reader.kill();
  };
  const onAbort = () => end('the task is ended');
  ports.signal.addEventListener('abort', onAbort);
  const looking = (async () => {
    while (!ended.signal.aborted) {
      await ports.sleep(LOOK_SECONDS, ended.signal);
      if ((ports.now().getTime() - heardAt) / 1000 > SILENCE_SECONDS)
        end(`it said nothing for ${SILENCE_SECONDS} s`);
      const bytes = reader.memoryBytes() ?? 0;
      if (bytes > ports.maxMemoryBytes) end(`it takes ${Math.round(bytes / 2 ** 20)} MiB`);
    }
  })().catch(() => undefined);
  const exit = await reader.exited;
  ended.abort();
  await looking;
  ports.signal.removeEventListener('abort', onAbort);
  return { underWay, stopped, isDone, read, why: because ?? exit ?? 'without a word' };
}

function stoppedFor(because: string): Failure {
  return new Failure({
    code: 'BATCH_STOPPED',
    message: `No page could be read for ${PATIENCE_SECONDS / 60} minutes.`,
    where: 'the task of the batch',
    got: because,
    remedy:
      'see whether the service answers: bin/lightonocr status DEPLOYMENT; then: bin/lightonocr batch resume NAME',
    exitCode: 1,
  });
}
