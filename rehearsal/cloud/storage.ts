import { createHash } from 'node:crypto';
import type { Access } from './access';
import { buckets as bucketStore } from './buckets';
import { crc32c } from './crc32c';
import { GoogleError, invalid, notFound } from './googleError';
import { type Call, jsonBody, type Json, noMethod, page, Reply, type RouteTable } from './routes';

export interface StoredObject {
  readonly content: Buffer;
  readonly contentType: string;
  /** Grows with every write to any object. */
  readonly generation: string;
  readonly timeCreated: string;
  readonly metadata?: unknown;
}

/** Cloud Storage's JSON API v1 for objects, newest version only (https://cloud.google.com/storage/docs/json_api). */
export interface Storage {
  read(bucket: string, name: string): StoredObject | undefined;
  /** What another of Google's services writes; nothing where there is no such bucket. */
  write(bucket: string, name: string, content: string): void;
  /** Names of a bucket's objects, sorted; undefined where there is no such bucket. */
  list(bucket: string): string[] | undefined;
  readonly routes: RouteTable;
  readonly downloads: RouteTable;
}

/** Parameters that would change the answer and are not there: refused, never ignored. */
const NOT_SUPPORTED = /^(ifGenerationNotMatch|ifMetageneration)/;

export function storage(now: () => number, buckets: readonly string[], access: Access): Storage {
  const all = bucketStore<StoredObject>(now, buckets, access);
  let lastGeneration = 0;

  function bucketOf(call: Call, name: string): Map<string, StoredObject> {
    const refused = [...call.query].find(([key, value]) => value !== '' && NOT_SUPPORTED.test(key))?.[0];
    if (refused) throw invalid(`${refused}: the local cloud does not support it.`);
    return all.find(name).objects;
  }

  /** Throws 412 when `ifGenerationMatch` does not hold; 0 means that there must be no object. */
  function checkGeneration(call: Call, object: StoredObject | undefined): void {
    const wanted = call.query.get('ifGenerationMatch');
    if (wanted === null || wanted === (object?.generation ?? '0')) return;
    throw new GoogleError(
      'CONDITION_NOT_MET',
      'At least one of the pre-conditions you specified did not hold.',
    );
  }

  function existing(call: Call, bucket: string, name: string): StoredObject {
    const object = bucketOf(call, bucket).get(name);
    const generation = call.query.get('generation');
    if (!object || (generation !== null && generation !== object.generation))
      throw notFound(`${bucket}/${name}`);
    checkGeneration(call, object);
    return object;
  }

  function upload(call: Call, bucket: string): Json {
    const objects = bucketOf(call, bucket);
    const { content, metadata } = readUpload(call);
    const name = call.query.get('name') ?? metadata.name;
    if (typeof name !== 'string' || name === '') throw invalid('name: must be set.');
    checkGeneration(call, objects.get(name));
    const contentType = (metadata.contentType as string | undefined) ?? 'application/octet-stream';
    return objectJson(bucket, name, put(objects, name, content, contentType, metadata.metadata));
  }

  function put(
    objects: Map<string, StoredObject>,
    name: string,
    content: Buffer,
    contentType: string,
    metadata?: unknown,
  ): StoredObject {
    lastGeneration = Math.max(lastGeneration + 1, now() * 1000);
    const generation = String(lastGeneration);
    const object = { content, contentType, generation, timeCreated: new Date(now()).toISOString(), metadata };
    objects.set(name, object);
    return object;
  }

  return {
    read: (bucket, name) => all.get(bucket)?.objects.get(name),
    write(bucket, name, content) {
      const found = all.get(bucket);
      if (found) put(found.objects, name, Buffer.from(content), 'text/plain');
    },
    list: (bucket) => (all.get(bucket) ? [...all.find(bucket).objects.keys()].sort() : undefined),
    routes: {
      ...all.routes,
      'GET /storage/v1/b/{bucket}/o': (call, bucket) => {
        const prefix = call.query.get('prefix') ?? '';
        const delimiter = call.query.get('delimiter') || undefined;
        /** A name that goes on after a delimiter is listed as its folder. */
        const folder = (name: string) => {
          const end = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
          return end < 0 ? undefined : name.slice(0, end + delimiter!.length);
        };
        const from = call.query.get('startOffset') ?? '';
        const before = call.query.get('endOffset') || undefined;
        const isAsked = (name: string) =>
          name.startsWith(prefix) && name >= from && (before === undefined || name < before);
        const found = [...bucketOf(call, bucket)]
          .filter(([name]) => isAsked(name))
          .sort(([a], [b]) => (a < b ? -1 : 1));
        const prefixes = new Set(found.map(([name]) => folder(name)).filter(Boolean));
        const items = found
          .filter(([name]) => folder(name) === undefined)
          .map(([name, object]) => objectJson(bucket, name, object));
        return {
          ...(prefixes.size > 0 && { prefixes: [...prefixes] }),
          ...page(call.query, 'items', items, 1000),
        };
      },
      'GET /storage/v1/b/{bucket}/o/{object}': (call, bucket, name) => {
        const object = existing(call, bucket, name);
        if (call.query.get('alt') === 'media') return media(bucket, name, object);
        return objectJson(bucket, name, object);
      },
      'DELETE /storage/v1/b/{bucket}/o/{object}': (call, bucket, name) => {
        existing(call, bucket, name);
        bucketOf(call, bucket).delete(name);
        return new Reply(204);
      },
      'POST /upload/storage/v1/b/{bucket}/o': upload,
    },
    // The XML API, by which Terraform's gcs backend reads. Its paths are of any form: last in the router.
    downloads: {
      'GET /{bucket}/{object=**}': (call, bucket, name) => {
        if (!all.get(bucket)) throw noMethod(call);
        return media(bucket, name, existing(call, bucket, name));
      },
    },
  };
}

function media(bucket: string, name: string, object: StoredObject): Reply {
  const { crc32c: crc, md5Hash } = objectJson(bucket, name, object);
  return new Reply(200, object.content, {
    'content-type': object.contentType,
    'x-goog-generation': object.generation,
    'x-goog-metageneration': '1',
    'x-goog-hash': `crc32c=${String(crc)},md5=${String(md5Hash)}`,
  });
}

function objectJson(bucket: string, name: string, { content, ...object }: StoredObject): Json {
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${object.generation}`,
    bucket,
    name,
    ...object,
    updated: object.timeCreated,
    metageneration: '1',
    storageClass: 'STANDARD',
    size: String(content.length),
    md5Hash: createHash('md5').update(content).digest('base64'),
    crc32c: crc32c(content),
    etag: Buffer.from(object.generation).toString('base64'),
  };
}

function readUpload(call: Call): { content: Buffer; metadata: Json } {
  const contentType = call.headers['content-type'] ?? '';
  const uploadType = call.query.get('uploadType');
  if (uploadType === 'media')
    return { content: call.body, metadata: { contentType: contentType || undefined } };
  if (uploadType !== 'multipart')
    throw invalid(`uploadType: the local cloud takes media and multipart, got "${uploadType}".`);
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!boundary) throw invalid('content-type: multipart/related with a boundary is needed.');
  const [json, media] = splitParts(call.body, `--${boundary}`);
  if (!json || !media) throw invalid('body: two parts are needed, metadata and content.');
  const metadata = jsonBody({ ...call, body: json.content });
  return { content: media.content, metadata: { contentType: media.contentType, ...metadata } };
}

/** Parts of a multipart body, byte for byte. */
function splitParts(body: Buffer, delimiter: string): { contentType?: string; content: Buffer }[] {
  const parts: { contentType?: string; content: Buffer }[] = [];
  let start = body.indexOf(delimiter);
  for (;;) {
    const end = body.indexOf(`\r\n${delimiter}`, start + delimiter.length);
    if (start < 0 || end < 0) return parts;
    const part = body.subarray(start + delimiter.length, end);
    const blank = part.indexOf('\r\n\r\n');
    const contentType = /content-type:\s*(.+)/i.exec(part.subarray(0, blank).toString())?.[1]?.trim();
    parts.push({ ...(contentType && { contentType }), content: part.subarray(blank + 4) });
    start = end + 2;
  }
}
