import { z } from 'zod';
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
}

export function storage(call: CallApi): Storage {
  return {
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
}
