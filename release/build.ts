import { parse } from 'yaml';
import { Failure } from '../domain/failure';
import { bucketName, imageName, shortSha } from '../domain/names';
import { type Build, cloudBuild, type CloudBuild, RUNNING } from './cloudBuild';
import { BUILD_FILE, contentTag, IMAGE_FOLDER, substitutions } from './content';
import type { ReleaseContext } from './context';
import { isStatus } from './googleApi';
import { refuseOverQuota } from './quota';

export interface BuildResult {
  /** `sha256:…`, checked in the registry. */
  readonly digest: string;
  /** `known`: the SHA or its content was built before. */
  readonly outcome: 'known' | 'built';
}

/** Times that a call whose source is there already looks for the build that somebody else is submitting. */
const LOOKS_FOR_OTHERS = 5;
/** Pauses between two looks at a build of 30 to 60 minutes grow to this. Each look uses a fresh token, so none can run out. */
const MAX_POLL_SECONDS = 15;

/**
 * The image of a commit: by its content, by its own tag, by joining a running build, or by a new one. Content comes first:
 * a commit's tag alone does not say with which base image and model it was built.
 */
export async function build(context: ReleaseContext, options: { sha: string }): Promise<BuildResult> {
  const { registry, deployment, git } = context;
  const sha = await git.resolve(options.sha);
  const tag = shortSha(sha);
  const content = await contentTag(git, sha, deployment);
  const same = await registry.digestOf(content);
  if (same) {
    context.progress(`this content was built before; ${tag} is ${same}`);
    await registry.tag(tag, same);
    return { digest: same, outcome: 'known' };
  }

  const builds = cloudBuild(context.call, deployment);
  const known = await ownImage(context, builds, tag, content);
  if (known) return { digest: known, outcome: 'known' };

  await refuseOverQuota(context);
  const object = await upload(context, sha, content);
  const joined = await runningBuild(context, builds, content, object.isNew ? 1 : LOOKS_FOR_OTHERS);
  if (joined) context.progress(`joining build ${joined.id}, which is ${joined.status}`);
  const ended = await follow(
    context,
    builds,
    joined ?? (await submit(context, builds, sha, content, object.name)),
  );
  const digest = await registry.digestOf(tag);
  if (digest === undefined)
    throw buildFailed(ended, `the build ended well and ${imageName(deployment)}:${tag} is not there`);
  await registry.tag(content, digest);
  return { digest, outcome: 'built' };
}

/**
 * What the commit's tag names, unless that is known to be of other content. Pushed by a build of ours that was killed
 * before it could tag the content: it is tagged now. Pushed by hand: used, and never taken for the content.
 */
async function ownImage(
  { registry }: ReleaseContext,
  builds: CloudBuild,
  tag: string,
  content: string,
): Promise<string | undefined> {
  const digest = await registry.digestOf(tag);
  if (digest === undefined) return undefined;
  const ended = (await builds.tagged(content)).filter(({ status }) => status === 'SUCCESS');
  const isOurs = ended.some(({ results }) => results?.images?.some((image) => image.digest === digest));
  if (isOurs) await registry.tag(content, digest);
  const isOther = !isOurs && (await registry.tagsOf(digest)).some((name) => name.startsWith('content-'));
  return isOther ? undefined : digest;
}

/** The commit's source as an object that is created once: whoever comes second knows of the first. */
async function upload(
  context: ReleaseContext,
  sha: string,
  content: string,
): Promise<{ name: string; isNew: boolean }> {
  const archive = await context.git.archive(sha, [IMAGE_FOLDER, BUILD_FILE]);
  const name = `${shortSha(sha)}-${content}.tar.gz`;
  try {
    const bucket = bucketName(context.deployment, 'sources');
    await context.storage.write(bucket, name, archive, '0', 'application/gzip');
    return { name, isNew: true };
  } catch (error) {
    if (!isStatus(error, 412)) throw error;
    return { name, isNew: false };
  }
}

/** Looks for a build to join: a second apart, since a source that is there already may be about to be submitted. */
async function runningBuild(
  context: ReleaseContext,
  builds: CloudBuild,
  tag: string,
  looks: number,
): Promise<Build | undefined> {
  for (let look = 1; ; look++) {
    const found = (await builds.tagged(tag)).find(({ status }) => RUNNING.includes(status));
    if (found || look >= looks) return found;
    await context.clock.sleep(1, context.signal);
  }
}

async function submit(
  context: ReleaseContext,
  builds: CloudBuild,
  sha: string,
  content: string,
  object: string,
): Promise<Build> {
  const { deployment, git } = context;
  const bucket = bucketName(deployment, 'sources');
  const file = parse(await git.show(sha, BUILD_FILE)) as {
    substitutions?: Record<string, string>;
    tags?: string[];
  };
  const submitted = await builds.submit({
    ...file,
    source: { storageSource: { bucket, object } },
    substitutions: { ...file.substitutions, ...substitutions(deployment), SHORT_SHA: shortSha(sha) },
    tags: [...(file.tags ?? []), `sha-${shortSha(sha)}`, content],
  });
  context.progress(`build ${submitted.id} submitted${submitted.logUrl ? `, log: ${submitted.logUrl}` : ''}`);
  return submitted;
}

async function follow(context: ReleaseContext, builds: CloudBuild, first: Build): Promise<Build> {
  const started = context.clock.now().getTime();
  let current = first;
  for (let pauseSeconds = 0.5; ; pauseSeconds = Math.min(MAX_POLL_SECONDS, pauseSeconds * 2)) {
    switch (current.status) {
      case 'SUCCESS':
        return current;
      case 'FAILURE':
      case 'INTERNAL_ERROR':
      case 'TIMEOUT':
      case 'CANCELLED':
      case 'EXPIRED':
        throw buildFailed(current, current.failureInfo?.detail ?? current.statusDetail ?? 'no reason given');
      case 'STATUS_UNKNOWN':
      case 'PENDING':
      case 'QUEUED':
      case 'WORKING': {
        const minutes = (context.clock.now().getTime() - started) / 60_000;
        context.progress(`build ${current.id}: ${current.status}, ${minutes.toFixed(1)} min`);
        await context.clock.sleep(pauseSeconds, context.signal);
        current = await builds.get(current.id);
      }
    }
  }
}

function buildFailed(build: Build, reason: string): Failure {
  return new Failure({
    code: 'BUILD_FAILED',
    message: `The build ended as ${build.status}: ${reason}`,
    where: `build ${build.id}`,
    remedy: `read its log: ${build.logUrl ?? `gcloud builds log ${build.id}`}; then run the same command again`,
    exitCode: 1,
  });
}
