import { Failure, messageOf } from '../../domain/failure';
import type { ListedObject } from '../../domain/batch/inventory';
import { batchObjects } from '../../domain/batch/manifest';
import type { Place } from '../../domain/batch/places';
import type { Clock } from '../../ocr/clock';
import {
  type ListedPlace,
  listObjects,
  readObject,
  removeObject,
} from '../../release/adapters/google/objects';
import { ApiError, type CallApi, isStatus } from '../../release/adapters/google/googleApi';
import { storage } from '../../release/adapters/google/storage';

/** Objects of one bucket, for work that goes on for days: what may pass is waited for. */
export interface BatchStore {
  /** Undefined where there is none. */
  read(name: string): Promise<Buffer | undefined>;
  /** The version that was listed; undefined where it is gone. */
  readVersion(object: Pick<ListedObject, 'name' | 'generation'>): Promise<Buffer | undefined>;
  /**
   * Writes an object where there is none, and says what stands there then: another task, or this one before an answer that was
   * lost, may have been first.
   */
  add(name: string, content: string): Promise<string>;
  /** Writes over whatever is there. */
  replace(name: string, content: string): Promise<void>;
  list(range: Omit<ListedPlace, 'bucket'>): AsyncGenerator<ListedObject[]>;
  remove(name: string): Promise<void>;
}

/** Blocks of a batch that have their result: one listing. @param prefix of the output's folder. */
export async function finishedBlocks(store: Pick<BatchStore, 'list'>, prefix: string): Promise<Set<string>> {
  const { results } = batchObjects(prefix);
  const finished = new Set<string>();
  for await (const page of store.list({ prefix: results }))
    for (const { name } of page) finished.add(name.slice(results.length).replace(/\.jsonl$/, ''));
  return finished;
}

export interface StoreOptions extends Clock {
  readonly signal: AbortSignal;
  /** 0 to 1. */
  readonly random: () => number;
  /** What is waited for, for a person. */
  readonly progress: (line: string) => void;
}

/** A write that nobody lets through for this long ends the task: a right that was lost by mistake is given back by then. An own choice. */
const PATIENCE_SECONDS = 900;
const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 20;

/** Busy, broken, not reached; 403 too: rights on a bucket take minutes to arrive, and are lost for minutes. */
const mayPass = (error: unknown): boolean =>
  error instanceof ApiError
    ? [403, 408, 429].includes(error.status) || error.status >= 500
    : error instanceof Failure && ['API_NOT_REACHABLE', 'API_MALFORMED'].includes(error.code);

export function batchStore(
  call: CallApi,
  { bucket }: Pick<Place, 'bucket'>,
  options: StoreOptions,
): BatchStore {
  const { now, sleep, signal, random, progress } = options;
  const objects = storage(call, options);

  async function patiently<T>(what: string, act: () => Promise<T>): Promise<T> {
    const started = now().getTime();
    for (let pause = FIRST_PAUSE_SECONDS; ; pause = Math.min(LONGEST_PAUSE_SECONDS, pause * 2)) {
      try {
        return await act();
      } catch (error) {
        signal.throwIfAborted();
        const waited = (now().getTime() - started) / 1000;
        if (!mayPass(error) || waited >= PATIENCE_SECONDS) throw error;
        progress(`${what}: ${messageOf(error)}; again`);
        // Half of it is jitter: tasks that were refused together do not come back together.
        await sleep(pause * (0.5 + random() / 2), signal);
      }
    }
  }

  const read = (name: string) =>
    patiently(`read gs://${bucket}/${name}`, async () => (await objects.read(bucket, name))?.content);

  return {
    read,
    readVersion: (object) =>
      patiently(`read gs://${bucket}/${object.name}`, () => readObject(call, bucket, object, signal)),
    async add(name, content) {
      try {
        await patiently(`write gs://${bucket}/${name}`, () =>
          objects.write(bucket, name, content, '0', typeOf(name)),
        );
        return content;
      } catch (error) {
        if (!isStatus(error, 412)) throw error;
        return (await read(name))?.toString('utf8') ?? content;
      }
    },
    async replace(name, content) {
      await patiently(`write gs://${bucket}/${name}`, async () => {
        const { generation = '0' } = (await objects.read(bucket, name)) ?? {};
        await objects.write(bucket, name, content, generation, typeOf(name));
      });
    },
    async *list(range) {
      // A listing that breaks off is begun anew by whoever needs it whole: its pages are small and few.
      const pages = await patiently(`list gs://${bucket}/${range.prefix}`, async () => {
        const all: ListedObject[][] = [];
        for await (const page of listObjects(call, { bucket, ...range }, signal)) all.push(page);
        return all;
      });
      yield* pages;
    },
    remove: (name) => patiently(`remove gs://${bucket}/${name}`, () => removeObject(call, bucket, name)),
  };
}

const typeOf = (name: string): string =>
  name.endsWith('.md')
    ? 'text/markdown; charset=utf-8'
    : name.endsWith('.json')
      ? 'application/json'
      : 'application/jsonl';
