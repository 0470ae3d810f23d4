import { z } from 'zod';
import type { ListedObject } from '../../../domain/batch/inventory';
import type { ObjectStore } from '../../../ocr/inputs/bucket';
import { callFor } from './answer';
import { type CallApi, isStatus } from './googleApi';

/** The most that one answer has: https://cloud.google.com/storage/docs/json_api/v1/objects/list */
const PAGE_SIZE = 1000;

const pageSchema = z.object({
  items: z
    .array(
      z.object({
        name: z.string(),
        size: z.string().regex(/^\d+$/),
        generation: z.string(),
        contentType: z.string().optional(),
      }),
    )
    .optional(),
  nextPageToken: z.string().optional(),
});

export interface ListedPlace {
  readonly bucket: string;
  readonly prefix: string;
  /** First name, and the one that ends the listing; default: all with the prefix. */
  readonly from?: string;
  readonly before?: string;
}

/** Objects of a bucket whose names start so, page after page: one call each, and no page is kept. */
export async function* listObjects(
  call: CallApi,
  { bucket, prefix, from: startOffset, before: endOffset }: ListedPlace,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject[]> {
  let pageToken: string | undefined;
  do {
    const { data } = await callFor(
      call,
      'storage',
      {
        path: `/storage/v1/b/${bucket}/o`,
        query: {
          ...{ prefix, startOffset, endOffset, maxResults: PAGE_SIZE, pageToken },
          fields: 'items(name,size,generation,contentType),nextPageToken',
        },
        ...(signal && { signal }),
      },
      pageSchema,
    );
    yield (data.items ?? []).map(({ size, ...item }) => ({ ...item, bytes: Number(size) }));
    pageToken = data.nextPageToken;
  } while (pageToken !== undefined);
}

/** One object's bytes, of the version that was listed; undefined where it is gone. */
export async function readObject(
  call: CallApi,
  bucket: string,
  { name, generation }: Pick<ListedObject, 'name' | 'generation'>,
  signal?: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    const { data } = await call<ArrayBuffer>('storage', {
      path: `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`,
      query: { alt: 'media', generation },
      responseType: 'arraybuffer',
      ...(signal && { signal }),
    });
    return Buffer.from(data);
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** Objects as documents need them: `gs://BUCKET/…`. */
export function objectStore(call: CallApi): ObjectStore {
  return {
    async list(bucket, prefix) {
      const found: ListedObject[] = [];
      for await (const page of listObjects(call, { bucket, prefix })) found.push(...page);
      return found;
    },
    read: (bucket, object) => readObject(call, bucket, object),
  };
}

/** Takes an object away; nothing happens where there is none. */
export async function removeObject(call: CallApi, bucket: string, name: string): Promise<void> {
  try {
    await call('storage', {
      method: 'DELETE',
      path: `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`,
    });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** Those of the permissions that the caller has on a bucket; undefined where there is no such bucket. Asking takes no right. */
export async function bucketPermissions(
  call: CallApi,
  bucket: string,
  permissions: readonly string[],
): Promise<readonly string[] | undefined> {
  try {
    const { data } = await callFor(
      call,
      'storage',
      { path: `/storage/v1/b/${bucket}/iam/testPermissions`, query: { permissions } },
      z.object({ permissions: z.array(z.string()).optional() }),
    );
    return data.permissions ?? [];
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    if (isStatus(error, 403)) return [];
    throw error;
  }
}
