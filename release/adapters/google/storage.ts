import { z } from 'zod';
import type { Clock } from '../../../ocr/clock';
import { again } from '../again';
import { callFor, malformed } from './answer';
import { type CallApi, isStatus } from './googleApi';

export interface StoredObject {
  readonly content: Buffer;
  /** Of the version that was read; the precondition of the next write. */
  readonly generation: string;
}

/** Objects of Cloud Storage with generation preconditions (https://cloud.google.com/storage/docs/request-preconditions). */
export interface Storage {
  read(bucket: string, name: string): Promise<StoredObject | undefined>;
  /** Writes if the object still has this generation ("0": if there is none); returns the new one. ApiError 412 else. */
  write(
    bucket: string,
    name: string,
    content: Buffer | string,
    ifGeneration: string,
    contentType?: string,
  ): Promise<string>;
  /** An object that is never overwritten; false where it is there already, maybe by a try of ours. */
  create(bucket: string, name: string, content: Buffer | string, contentType?: string): Promise<boolean>;
}

/** `create` by `write`: a try that was not answered may have landed, and the next one then finds the object. */
export const createBy =
  (write: Storage['write'], clock: Clock): Storage['create'] =>
  (bucket, name, content, contentType) =>
    again({ clock }, async () => {
      try {
        await write(bucket, name, content, '0', contentType);
        return true;
      } catch (error) {
        if (!isStatus(error, 412)) throw error;
        return false;
      }
    });

export function storage(call: CallApi, clock: Clock): Storage {
  const store: Omit<Storage, 'create'> = {
    async read(bucket, name) {
      try {
        const { data, headers } = await call<ArrayBuffer>('storage', {
          path: `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`,
          query: { alt: 'media' },
          responseType: 'arraybuffer',
        });
        const generation = headers.get('x-goog-generation');
        // Without it nothing could be written safely, and it is no answer of Cloud Storage's.
        if (!generation) throw malformed({ path: `gs://${bucket}/${name}` }, 'no x-goog-generation');
        return { content: Buffer.from(data), generation };
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },
    async write(bucket, name, content, ifGeneration, contentType = 'application/json') {
      const request = {
        method: 'POST',
        path: `/upload/storage/v1/b/${bucket}/o`,
        query: { uploadType: 'media', name, ifGenerationMatch: ifGeneration },
        body: content,
        contentType,
      } as const;
      const { data } = await callFor(
        call,
        'storage',
        request,
        z.looseObject({ generation: z.string().min(1) }),
      );
      return data.generation;
    },
  };
  return { ...store, create: createBy(store.write, clock) };
}
