import { createHash } from 'node:crypto';
import { crc32c } from './crc32c';
import { GoogleError, invalid, notFound } from './googleError';
import { type Call, jsonBody, type Json, page, Reply, type RouteTable } from './routes';

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
  /** Names of a bucket's objects, sorted; undefined where there is no such bucket. */
  list(bucket: string): string[] | undefined;
  readonly routes: RouteTable;
}

/** Parameters that would change the answer and are not there: refused, never ignored. */
const NOT_SUPPORTED = /^(ifGenerationNotMatch|ifMetageneration|delimiter|versions|startOffset|endOffset)/;

export function storage(now: () => number, buckets: readonly string[]): Storage {
  const all = new Map(buckets.map((name) => [name, new Map<string, StoredObject>()]));
  let lastGeneration = 0;

  function bucketOf(call: Call, name: string): Map<string, StoredObject> {
    const refused = [...call.query.keys()].find((key) => NOT_SUPPORTED.test(key));
    if (refused) throw invalid(`${refused}: the local cloud does not support it.`);
    const bucket = all.get(name);
    if (!bucket) throw new GoogleError('NOT_FOUND', 'The specified bucket does not exist.');
    return bucket;
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
    lastGeneration = Math.max(lastGeneration + 1, now() * 1000);
    const object: StoredObject = {
      content,
      contentType: (metadata.contentType as string | undefined) ?? 'application/octet-stream',
      generation: String(lastGeneration),
      timeCreated: new Date(now()).toISOString(),
      metadata: metadata.metadata,
    };
    objects.set(name, object);
    return objectJson(bucket, name, object);
  }

  const bucketJson = (name: string): Json => ({
    kind: 'storage#bucket',
    id: name,
    name,
    location: 'US',
    storageClass: 'STANDARD',
  });

  return {
    read: (bucket, name) => all.get(bucket)?.get(name),
    list: (bucket) => (all.has(bucket) ? [...(all.get(bucket)?.keys() ?? [])].sort() : undefined),
    routes: {
      'POST /storage/v1/b': (call) => {
        const { name } = jsonBody(call);
        if (typeof name !== 'string' || !/^[a-z0-9][-_.a-z0-9]{1,61}[a-z0-9]$/.test(name)) {
          throw invalid(`name: "${String(name)}" is no name of a bucket.`);
        }
        if (all.has(name))
          throw new GoogleError(
            'ALREADY_EXISTS',
            'Your previous request to create the named bucket succeeded.',
          );
        all.set(name, new Map());
        return bucketJson(name);
      },
      'GET /storage/v1/b/{bucket}': (call, bucket) => {
        bucketOf(call, bucket);
        return bucketJson(bucket);
      },
      'GET /storage/v1/b/{bucket}/o': (call, bucket) => {
        const prefix = call.query.get('prefix') ?? '';
        const found = [...bucketOf(call, bucket)]
          .filter(([name]) => name.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1));
        return page(
          call.query,
          'items',
          found.map(([name, object]) => objectJson(bucket, name, object)),
          1000,
        );
      },
      'GET /storage/v1/b/{bucket}/o/{object}': (call, bucket, name) => {
        const object = existing(call, bucket, name);
        const json = objectJson(bucket, name, object);
        if (call.query.get('alt') !== 'media') return json;
        return new Reply(200, object.content, {
          'content-type': object.contentType,
          'x-goog-generation': object.generation,
          'x-goog-metageneration': '1',
          'x-goog-hash': `crc32c=${String(json.crc32c)},md5=${String(json.md5Hash)}`,
        });
      },
      'DELETE /storage/v1/b/{bucket}/o/{object}': (call, bucket, name) => {
        existing(call, bucket, name);
        bucketOf(call, bucket).delete(name);
        return new Reply(204);
      },
      'POST /upload/storage/v1/b/{bucket}/o': upload,
    },
  };
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
