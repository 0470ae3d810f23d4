import type { Access } from './access';
import { GoogleError, invalid } from './googleError';
import { nextPolicy, NO_POLICY } from './iamPolicy';
import { jsonBody, type Json, page, type RouteTable } from './routes';

interface Bucket<Stored> {
  json: Json;
  policy: Json;
  readonly objects: Map<string, Stored>;
}

/** Buckets of Cloud Storage's JSON API v1 (https://cloud.google.com/storage/docs/json_api/v1/buckets), their settings as sent. */
export interface Buckets<Stored> {
  get(name: string): Bucket<Stored> | undefined;
  /** Throws 404. */
  find(name: string): Bucket<Stored>;
  readonly routes: RouteTable;
}

export function buckets<Stored>(
  now: () => number,
  names: readonly string[],
  access: Access,
): Buckets<Stored> {
  const all = new Map<string, Bucket<Stored>>();

  function create(sent: Json & { name: string }): Bucket<Stored> {
    const timeCreated = new Date(now()).toISOString();
    const location = typeof sent.location === 'string' ? sent.location.toUpperCase() : 'US';
    const bucket: Bucket<Stored> = {
      json: {
        kind: 'storage#bucket',
        id: sent.name,
        storageClass: 'STANDARD',
        ...sent,
        ...{
          location,
          locationType: 'region',
          projectNumber: '1',
          timeCreated,
          updated: timeCreated,
          metageneration: '1',
        },
      },
      policy: NO_POLICY,
      objects: new Map<string, Stored>(),
    };
    all.set(sent.name, bucket);
    return bucket;
  }
  for (const name of names) create({ name });

  const find = (name: string) => {
    const bucket = all.get(name);
    if (!bucket) throw new GoogleError('NOT_FOUND', 'The specified bucket does not exist.');
    return bucket;
  };

  return {
    get: (name) => all.get(name),
    find,
    routes: {
      'POST /storage/v1/b': (call) => {
        const { name, ...settings } = jsonBody(call);
        if (typeof name !== 'string' || !/^[a-z0-9][-_.a-z0-9]{1,61}[a-z0-9]$/.test(name)) {
          throw invalid(`name: "${String(name)}" is no name of a bucket.`);
        }
        if (all.has(name)) {
          throw new GoogleError(
            'ALREADY_EXISTS',
            'Your previous request to create the named bucket succeeded.',
          );
        }
        return create({ ...settings, name }).json;
      },
      'GET /storage/v1/b': (call) =>
        page(
          call.query,
          'items',
          [...all.values()].map(({ json }) => json),
        ),
      'GET /storage/v1/b/{bucket}': (_call, bucket) => find(bucket).json,
      'PATCH /storage/v1/b/{bucket}': (call, name) => {
        const bucket = find(name);
        const metageneration = String(Number(bucket.json.metageneration) + 1);
        bucket.json = {
          ...merge(bucket.json, jsonBody(call)),
          updated: new Date(now()).toISOString(),
          metageneration,
        };
        return bucket.json;
      },
      'DELETE /storage/v1/b/{bucket}': (_call, name) => {
        if (find(name).objects.size > 0) {
          throw new GoogleError('ABORTED', 'The bucket you tried to delete is not empty.');
        }
        all.delete(name);
        return {};
      },
      // Asked for before a bucket is emptied (force_destroy); without an answer the provider empties nothing.
      'GET /storage/v1/b/{bucket}/anywhereCaches/': (call, bucket) => {
        find(bucket);
        return page(call.query, 'items', []);
      },
      'GET /storage/v1/b/{bucket}/iam': (_call, bucket) => find(bucket).policy,
      'GET /storage/v1/b/{bucket}/iam/testPermissions': (call, bucket) => {
        find(bucket);
        const permissions = access.granted(call.query.getAll('permissions'));
        return {
          kind: 'storage#testIamPermissionsResponse',
          ...(permissions.length > 0 && { permissions }),
        };
      },
      'PUT /storage/v1/b/{bucket}/iam': (call, bucket) => {
        const found = find(bucket);
        found.policy = nextPolicy(found.policy, jsonBody(call));
        return found.policy;
      },
    },
  };
}

/** JSON merge patch (RFC 7386), as the API takes it: null takes a setting away. */
function merge(current: Json, sent: Json): Json {
  const next: Json = { ...current };
  for (const [key, value] of Object.entries(sent)) {
    if (value === null) delete next[key];
    else if (typeof value === 'object' && !Array.isArray(value))
      next[key] = merge((next[key] ?? {}) as Json, value as Json);
    else next[key] = value;
  }
  return next;
}
