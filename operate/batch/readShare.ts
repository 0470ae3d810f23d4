import { blocksOfTask } from '../../domain/batch/blocks';
import { batchObjects, lines, type Manifest, type TaskProgress } from '../../domain/batch/manifest';
import { placeOf } from '../../domain/batch/places';
import { Failure } from '../../domain/failure';
import { readDocuments } from '../../ocr/batch';
import type { Clock } from '../../ocr/clock';
import { pageError, type PageResult } from '../../ocr/pageResult';
import type { PageReader } from '../../ocr/reader';
import { type BlockReading, isComplete, openBlock, type OpenDocument } from './blockReading';
import { type BatchStore, finishedBlocks } from './store';

export interface SharePorts extends Clock {
  readonly input: BatchStore;
  readonly out: BatchStore;
  readonly reader: Pick<PageReader, 'read'>;
  /** Requests that may be under way at most; those that are now. */
  readonly window: number;
  readonly limit: () => number;
  readonly signal: AbortSignal;
  /** Told before a document's bytes are touched, and when its results are written. */
  readonly onBegin: (document: string) => void;
  readonly onEnd: (document: string) => void;
  /** How many tasks are at work. */
  readonly onTasks: (tasks: number) => void;
}

export interface Share {
  readonly task: number;
  readonly tasks: number;
  /** Documents that ended the process that read them: read first, one at a time, so that the next end says which one it was. */
  readonly suspects: readonly string[];
  /** Those that did so again and again: their result says so, and nobody opens them. */
  readonly poison: readonly string[];
}

/** Between two looks at how many tasks are at work, and two lines of progress; two operations each. */
const PROGRESS_SECONDS = 60;

/**
 * Reads the blocks of one task, those that are finished left out. What is under way at the end of one block is under way together
 * with the next one's.
 * @throws Failure that ends a batch, as `readDocuments`; of the store, once its patience is over; the signal's reason.
 */
export async function readShare(ports: SharePorts, manifest: Manifest, share: Share): Promise<TaskProgress> {
  const { out, now, signal } = ports;
  const { prefix } = placeOf(manifest.out, 'out');
  const objects = batchObjects(prefix);
  const finished = await finishedBlocks(out, prefix);
  const blocks = blocksOfTask(manifest.blocks, share.tasks, share.task).filter(({ id }) => !finished.has(id));
  const counts = { documents: 0, pages: 0, failed: 0 };
  let saidAt = -Infinity;

  async function say(): Promise<void> {
    if (now().getTime() - saidAt < PROGRESS_SECONDS * 1000) return;
    saidAt = now().getTime();
    await out.replace(objects.progress(share.task), progressText(false));
    let tasks = 0;
    for await (const page of out.list({ prefix: objects.progressOf })) tasks += page.length;
    ports.onTasks(tasks);
  }
  const progress = (done: boolean): TaskProgress => ({
    at: now().toISOString(),
    ...counts,
    limit: ports.limit(),
    done,
  });
  const progressText = (done: boolean) => lines([progress(done)]);

  const open = new Map<string, { block: BlockReading; document: OpenDocument; ended: () => void }>();
  const nameOf = ({ document }: OpenDocument) =>
    `${manifest.input.replace(/^(gs:\/\/[^/]+\/).*/, '$1')}${document.name}`;

  async function end(name: string): Promise<void> {
    open.get(name)?.ended();
    open.delete(name);
    counts.documents += 1;
    ports.onEnd(name);
    await say();
  }

  /** Puts a document among those under way; resolves once its results are written. */
  function begin(block: BlockReading, document: OpenDocument): Promise<void> {
    ports.onBegin(nameOf(document));
    return new Promise((ended) => open.set(nameOf(document), { block, document, ended }));
  }

  /** Documents in order; those that need no reading are finished on the way. */
  async function* sources() {
    let last = Promise.resolve();
    for (const row of blocks) {
      signal.throwIfAborted();
      const block = await openBlock(out, manifest, row);
      const isSuspect = (each: OpenDocument) => share.suspects.includes(nameOf(each));
      const suspectsFirst = [...block.left].sort((a, b) => Number(isSuspect(b)) - Number(isSuspect(a)));
      for (const document of suspectsFirst) {
        const name = nameOf(document);
        if (share.poison.includes(name)) {
          await block.fail(document, crashed(name), now());
          counts.failed += 1;
          await end(name);
        } else if (isComplete(document)) {
          await block.finish(document);
          await end(name);
        } else {
          // Results come in order: once the last one is written, nothing else is under way.
          if (isSuspect(document)) await last;
          last = begin(block, document);
          yield { name, content: contentOf(document) };
          if (isSuspect(document)) await last;
        }
      }
    }
  }

  async function* contentOf({ document }: OpenDocument): AsyncGenerator<Uint8Array> {
    const content = await ports.input.readVersion(document);
    if (content === undefined) throw gone(document);
    yield content;
  }

  await say();
  const results = readDocuments(sources(), {
    reader: ports.reader,
    window: ports.window,
    longestSidePixels: manifest.service.longestSidePixels,
    signal,
    skip: ({ name }, page) => open.get(name)?.document.kept.has(page) ?? false,
  });
  for await (const result of results) {
    const { block, document } = open.get(result.document)!;
    counts.pages += Number(result.page > 0);
    counts.failed += Number(result.status === 'failed');
    if (await block.add(document, result, now())) await end(result.document);
    else await say();
  }
  await out.remove(objects.progress(share.task));
  return progress(true);
}

function gone({ name, generation }: { name: string; generation: string }): Failure {
  return new Failure({
    code: 'DOCUMENT_GONE',
    message: 'The version of the document that was listed is gone.',
    where: name,
    got: `no generation ${generation}`,
    remedy: 'start the batch again: it lists anew, and reads what is there now',
    exitCode: 1,
  });
}

function crashed(document: string): PageResult {
  const error = new Failure({
    code: 'DOCUMENT_CRASHES',
    message: 'The document ended the process that read it, three times.',
    where: document,
    remedy: 'open it with another program, save it anew and start the batch again',
    exitCode: 1,
  });
  const nothing = { sha256: '', page: 0, pages: 0, text: '', seconds: 0, attempts: 0, warnings: [] };
  return {
    document,
    ...nothing,
    status: 'failed',
    source: 'ocr',
    why: 'not opened',
    error: pageError(error),
  };
}
