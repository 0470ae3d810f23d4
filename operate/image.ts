import { Failure } from '../domain/failure';
import {
  type Discovery,
  type ImageBuild,
  type ImageRecord,
  type ModelRecord,
  type RawCount,
  readModel,
  readVulnerabilities,
  type Vulnerabilities,
} from '../domain/image/imageRecord';
import { IMAGE, imageName, REPOSITORY, SHORT_SHA_LENGTH } from '../domain/names';
import { unknownRevision } from '../domain/service/unknownRevision';
import { SHA_LABEL } from '../domain/template';
import { servingRevision, sharesOf } from '../domain/releases/traffic';
import { type Build, cloudBuild } from '../release/adapters/google/cloudBuild';
import type { ReleaseContext } from '../release/ports/context';
import { buildLogPlace } from '../release/verbs/followBuild';
import { isStatus } from '../release/adapters/google/googleApi';
import { requireService } from '../release/checks/requireService';

interface Version {
  readonly createTime?: string;
  readonly metadata?: { readonly imageSizeBytes?: string };
}

/**
 * What is known of the image that serves, or of another revision's: from Cloud Run, the registry, Artifact Analysis and Cloud
 * Build. What one of them does not tell is said in its place, and the rest stands.
 * @param options.revision short name; default: the one that serves.
 * @throws Failure `NO_SERVICE`, `SERVING_UNCLEAR`, `NO_REVISION`, exit code 3; `UNKNOWN_REVISION`, exit code 2.
 */
export async function image(
  context: ReleaseContext,
  options: { revision?: string } = {},
): Promise<ImageRecord> {
  const { deployment, cloudRun, ledger } = context;
  const [service, known] = await Promise.all([requireService(context), ledger.read()]);
  const { trafficStatuses } = service;
  const name =
    options.revision ?? servingRevision(deployment.service, trafficStatuses, known?.intent?.revision);
  if (name === undefined) throw noRevision(context);
  const revision = await cloudRun.revision(name);
  if (revision === undefined) throw unknownRevision(deployment, name);
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(revision.image)?.[1];
  const sha = revision.labels[SHA_LABEL];
  const of = { revision: revision.name, percent: sharesOf(trafficStatuses).get(revision.name) ?? 0 };
  const head = { ...of, image: revision.image, ...(sha !== undefined && { sha }) };
  if (digest === undefined) {
    const why = 'it was deployed by tag, and what the tag named then is not known';
    const unknown = { state: 'not known', why } as const;
    return { ...head, registry: unknown, vulnerabilities: unknown, model: unknown };
  }
  const registry = await inRegistry(context, digest);
  const tags = registry.state === 'there' ? registry.tags : [];
  const [vulnerabilities, model] = await Promise.all([
    findVulnerabilities(context, digest),
    findModel(context, digest, [...tags, ...(sha === undefined ? [] : [sha.slice(0, SHORT_SHA_LENGTH)])]),
  ]);
  return { ...head, digest, registry, vulnerabilities, model };
}

async function inRegistry(
  { call, deployment, registry }: ReleaseContext,
  digest: string,
): Promise<ImageRecord['registry']> {
  const name = `projects/${deployment.project}/locations/${deployment.region}/repositories/${REPOSITORY}/packages/${IMAGE}`;
  try {
    const path = `/v1/${name}/versions/${digest}`;
    const { data } = await call<Version>('artifactregistry', { path, query: { view: 'FULL' } });
    const size = data.metadata?.imageSizeBytes;
    return {
      state: 'there',
      tags: await registry.tagsOf(digest),
      ...(size !== undefined && { sizeBytes: Number(size) }),
      ...(data.createTime !== undefined && { pushedAt: data.createTime }),
    };
  } catch (error) {
    if (isStatus(error, 404)) return { state: 'gone', why: `it is not in ${imageName(deployment)}` };
    return { state: 'not known', why: unreadable(error) };
  }
}

/** Artifact Analysis names an image with `https://` in front (https://cloud.google.com/artifact-analysis/docs/investigate-vulnerabilities). */
async function findVulnerabilities(
  { call, deployment }: ReleaseContext,
  digest: string,
): Promise<Vulnerabilities> {
  const resource = `resourceUrl="https://${imageName(deployment)}@${digest}"`;
  const path = `/v1/projects/${deployment.project}/occurrences`;
  try {
    const { data } = await call<{ occurrences?: { discovery?: Discovery; updateTime?: string }[] }>(
      'containeranalysis',
      { path, query: { filter: `kind="DISCOVERY" AND ${resource}`, pageSize: 100 } },
    );
    const [newest] = [...(data.occurrences ?? [])].sort((a, b) =>
      (b.updateTime ?? '').localeCompare(a.updateTime ?? ''),
    );
    const found = await call<{ counts?: RawCount[] }>('containeranalysis', {
      path: `${path}:vulnerabilitySummary`,
      query: { filter: resource },
    });
    return readVulnerabilities(newest?.discovery, found.data.counts ?? []);
  } catch (error) {
    return { state: 'not known', why: unreadable(error) };
  }
}

async function findModel(
  context: ReleaseContext,
  digest: string,
  tags: readonly string[],
): Promise<ModelRecord> {
  const { call, deployment, storage } = context;
  const { id, revision } = deployment.model;
  const wanted = { id, ...(revision !== undefined && { revision }) };
  let build: Build | undefined;
  try {
    build = await buildOf(cloudBuild(call, deployment), digest, tags);
  } catch (error) {
    return { state: 'not known', why: `builds: ${unreadable(error)}` };
  }
  if (build === undefined) return readModel(undefined, wanted);
  const place = buildLogPlace(build);
  const log = await (place ? storage.read(place.bucket, place.name) : Promise.resolve(undefined)).catch(
    (error: unknown) => {
      if (error instanceof Failure) return undefined;
      throw error;
    },
  );
  const { substitutions } = build;
  const record: ImageBuild = {
    id: build.id,
    ...(substitutions && { substitutions }),
    log: log?.content.toString('utf8'),
  };
  return readModel(record, wanted);
}

/** The build that pushed this digest: builds carry the tags `content-…` and `sha-SHA` of the images that they make. */
async function buildOf(
  builds: ReturnType<typeof cloudBuild>,
  digest: string,
  tags: readonly string[],
): Promise<Build | undefined> {
  const keys = new Set(tags.map((tag) => (tag.startsWith('content-') ? tag : `sha-${tag}`)));
  for (const key of keys) {
    const ended = await builds.tagged(key, 'SUCCESS');
    const made = ended.find(({ results }) => results?.images?.some((one) => one.digest === digest));
    if (made) return made;
  }
  return undefined;
}

/** Why an API tells nothing: a permission that is missing is said as such. */
function unreadable(error: unknown): string {
  if (!(error instanceof Failure)) throw error;
  return isStatus(error, 403)
    ? `cannot be read: permission (${error.message})`
    : `cannot be read: ${error.code}, ${error.message}`;
}

function noRevision({ deployment }: ReleaseContext): Failure {
  return new Failure({
    code: 'NO_REVISION',
    message: 'No revision serves.',
    where: `service ${deployment.service}`,
    got: 'no traffic',
    remedy: `name one with --revision; there are: bin/lightonocr revisions ${deployment.name}`,
    exitCode: 3,
  });
}
