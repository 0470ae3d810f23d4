import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { list as readTar } from 'tar';
import { sha256 } from '../../domain/canonical';
import type { Clock } from '../../ocr/clock';
import { GoogleError, invalid, notFound } from './googleError';
import { parseReference, type Registry } from './registry';
import { jsonBody, type Json, page, type RouteTable } from './routes';
import type { Storage } from './storage';

interface Build extends Json {
  readonly id: string;
  readonly name: string;
  readonly images: readonly string[];
  readonly source: { readonly storageSource: { readonly bucket: string; readonly object: string } };
  readonly tags: readonly string[];
  readonly steps: readonly Json[];
  readonly logsBucket?: string;
  status: 'QUEUED' | 'WORKING' | 'SUCCESS' | 'FAILURE' | 'TIMEOUT' | 'CANCELLED';
}

export interface BuildOptions {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly imageEntrypoint: readonly string[];
  readonly buildSeconds: number;
  readonly clock: Clock;
}

/** The folder that the image is made of; its Dockerfile's `ENV` lines are the image's environment. */
const FOLDER = 'gpu-container/';
const DOCKERFILE = `${FOLDER}Dockerfile`;

/** Cloud Build v1 (https://cloud.google.com/build/docs/api/reference/rest), without running the steps. */
export function cloudBuild(options: BuildOptions): { routes: RouteTable; close(): void } {
  const { clock, buildSeconds } = options;
  const builds = new Map<string, Build>();
  const work = new Map<string, AbortController>();
  const time = () => clock.now().toISOString();
  const find = (name: string) => {
    const build = builds.get(name);
    if (!build) throw notFound(name);
    return build;
  };

  function submit(parent: string, body: Json): Json {
    const { source, images, tags = [], substitutions = {}, steps } = body as Partial<Build>;
    if (!source?.storageSource?.bucket || !source.storageSource.object) {
      throw invalid('source.storageSource: bucket and object must be set.');
    }
    if (!Array.isArray(steps) || steps.length === 0) throw invalid('steps: a build needs at least one.');
    const [, project = '', , location = ''] = parent.split('/');
    const id = randomUUID();
    const known = {
      PROJECT_ID: project,
      LOCATION: location,
      BUILD_ID: id,
      ...(substitutions as Record<string, string>),
    };
    const expanded = (images ?? []).map((image) => expand(image, known));
    const { logsBucket } = body as Partial<Build>;
    const unknown = expanded.find((image) => !parseReference(image));
    if (unknown !== undefined) throw invalid(`images: "${unknown}" is no image of Artifact Registry.`);
    const name = `${parent}/builds/${id}`;
    const build: Build = {
      ...body,
      source,
      tags,
      steps,
      images: expanded,
      ...(logsBucket !== undefined && { logsBucket: expand(logsBucket, known) }),
      id,
      name,
      projectId: project,
      status: 'QUEUED',
      createTime: time(),
    };
    builds.set(name, build);
    const metadata = {
      '@type': 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata',
      build: { ...build },
    };
    Object.assign(build, { status: 'WORKING', startTime: time() });
    const timeoutSeconds = Number.parseFloat((body as { timeout?: string }).timeout ?? '600s');
    log(build, ['Step 1/1 : FROM scratch']); // grows while the build is at work
    const stop = new AbortController();
    work.set(name, stop);
    clock.sleep(Math.min(buildSeconds, timeoutSeconds), stop.signal).then(
      () => finish(build, buildSeconds > timeoutSeconds),
      () => undefined,
    );
    return { name: `${parent}/operations/build-${id}`, metadata };
  }

  /** What Cloud Build writes into the bucket of the logs: each line with the step in front. */
  function log(build: Build, lines: readonly string[]): void {
    const bucket = build.logsBucket?.replace(/^gs:\/\//, '');
    const [{ id: step } = {}] = build.steps as { id?: string }[];
    const text = [
      `starting build "${build.id}"`,
      '',
      ...lines.map((line) => `Step #0${step ? ` - "${step}"` : ''}: ${line}`),
    ];
    if (bucket) options.storage.write(bucket, `log-${build.id}.txt`, `${text.join('\n')}\n`);
  }

  /** The steps are not run: the first one stands for them all. */
  function end(build: Build, status: 'SUCCESS' | 'FAILURE' | 'TIMEOUT', change: Json): void {
    const [first, ...others] = build.steps;
    const rest = status === 'SUCCESS' ? others.map((step) => ({ ...step, status })) : others;
    Object.assign(build, { ...change, status, steps: [{ ...first, status }, ...rest], finishTime: time() });
  }

  async function finish(build: Build, timedOut: boolean): Promise<void> {
    if (timedOut) {
      log(build, ['context deadline exceeded']);
      return end(build, 'TIMEOUT', { statusDetail: 'build timed out' });
    }
    try {
      const source = await readSource(options.storage, build.source.storageSource);
      const { _NO_CACHE: noCache, _VLLM_IMAGE: base } = (build.substitutions ?? {}) as Record<string, string>;
      // Layers that are built anew have other times in them.
      const version = /:v(\d+\.\d+\.\d+)/.exec(base ?? '')?.[1];
      const env = { ...source.env, ...(version !== undefined && { STAND_IN_VERSION: version }) };
      const digest = noCache === 'true' ? another(source.digest, build.id) : source.digest;
      const image = { ...source, env, digest };
      const pushed = build.images.map((reference) => {
        const [name = '', tag = 'latest'] = reference.split(':');
        return {
          name: reference,
          digest: options.registry.push({ name, tags: [tag], entrypoint: options.imageEntrypoint, ...image }),
        };
      });
      log(build, ['Successfully built']);
      end(build, 'SUCCESS', { results: { images: pushed } });
    } catch (error) {
      const detail = (error as Error).message;
      const failureInfo = { type: 'USER_BUILD_STEP', detail };
      log(build, [detail]);
      end(build, 'FAILURE', { statusDetail: detail, failureInfo });
    }
  }

  return {
    close: () => work.forEach((one) => one.abort()),
    routes: {
      'POST /v1/{parent=projects/*/locations/*}/builds': (call, parent) => submit(parent, jsonBody(call)),
      'GET /v1/{parent=projects/*/locations/*}/builds': (call, parent) => {
        const matches = readFilter(call.query.get('filter') ?? '');
        const mine = [...builds.values()].filter(({ name }) => name.startsWith(`${parent}/builds/`));
        return page(call.query, 'builds', mine.filter(matches).reverse());
      },
      'POST /v1/{name=projects/*/locations/*/builds/*}:cancel': (_call, name) => {
        const build = find(name);
        if (build.status !== 'WORKING')
          throw new GoogleError('FAILED_PRECONDITION', `Build ${build.id} is ${build.status}.`);
        work.get(name)?.abort();
        return Object.assign(build, { status: 'CANCELLED', finishTime: time() });
      },
      'GET /v1/{name=projects/*/locations/*/builds/*}': (_call, name) => find(name),
    },
  };
}

/** `$NAME` and `${NAME}`; a name without a value is refused, as Cloud Build does. */
function expand(image: string, substitutions: Readonly<Record<string, string>>): string {
  return image.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? '';
    const value = substitutions[name];
    if (value === undefined) throw invalid(`images: "${image}": ${name} has no substitution.`);
    return value;
  });
}

/** `tags="x" AND status="WORKING"`, in any order. */
function readFilter(filter: string): (build: Build) => boolean {
  const tests = filter
    .split(/\s+AND\s+/)
    .filter(Boolean)
    .map((term) => {
      const [, key, quoted, bare] = /^(tags|status)\s*=\s*(?:"([^"]*)"|(\w+))$/.exec(term.trim()) ?? [];
      const value = quoted ?? bare ?? '';
      if (key === 'tags') return (build: Build) => build.tags.includes(value);
      if (key === 'status') return (build: Build) => build.status === value;
      throw invalid(`filter: the local cloud takes tags="…" and status="…", got ${term}.`);
    });
  return (build) => tests.every((test) => test(build));
}

function another(digest: string, build: string): string {
  return `sha256:${sha256(`${digest} ${build}`)}`;
}

/** The image that a source makes: its digest covers every file's path and content below the folder. */
async function readSource(storage: Storage, { bucket, object }: { bucket: string; object: string }) {
  const archive = storage.read(bucket, object);
  if (!archive) throw new Error(`Source gs://${bucket}/${object} does not exist.`);
  const files = new Map<string, Buffer>();
  const parser = readTar({
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
      entry.on('end', () => files.set(entry.path.replace(/^\.\//, ''), Buffer.concat(chunks)));
    },
  });
  await pipeline(Readable.from([archive.content]), parser as unknown as NodeJS.WritableStream);
  const dockerfile = files.get(DOCKERFILE);
  if (!dockerfile)
    throw new Error(
      `unable to evaluate symlinks in Dockerfile path: lstat /workspace/${DOCKERFILE}: no such file or directory`,
    );
  const inside = [...files]
    .filter(([path]) => path.startsWith(FOLDER) && !path.endsWith('/'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = sha256(inside.map(([path, content]) => `${path} ${sha256(content)}\n`).join(''));
  const sizeBytes = inside.reduce((sum, [, content]) => sum + content.length, 0);
  return { digest: `sha256:${digest}`, env: readEnv(dockerfile.toString('utf8')), sizeBytes };
}

function readEnv(dockerfile: string): Record<string, string> {
  const lines = dockerfile
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .filter((line) => /^ENV\s/i.test(line));
  const pairs = lines.flatMap((line) => [...line.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)]);
  return Object.fromEntries(pairs.map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare]));
}
