import { parse } from 'yaml';
import { Failure } from '../../domain/failure';
import { bucketName, imageName, shortSha } from '../../domain/names';
import { type Build, cloudBuild, type CloudBuild, RUNNING } from '../adapters/google/cloudBuild';
import { BUILD_FILE, contentTag, IMAGE_FOLDER, substitutions } from './content';
import type { ReleaseContext } from '../ports/context';
import { followBuild, IMAGE_BUILD_TAG, submitBuild } from './followBuild';
import { isStatus } from '../adapters/google/googleApi';
import { refuseOverQuota } from '../adapters/google/quota';

export interface BuildResult {
  /** `sha256:…`, checked in the registry. */
  readonly digest: string;
  /** `known`: the SHA or its content was built before. */
  readonly outcome: 'known' | 'built';
  /** Id in Cloud Build, of a build that was waited for. */
  readonly build?: string;
}

export interface BuildOptions {
  readonly sha: string;
  /** Builds anew what is known, every layer of it: for an image whose download broke off unnoticed. */
  readonly noCache?: boolean;
  /** Cancels the build when the command is stopped. */
  readonly cancelOnExit?: boolean;
}

/** Times that a call whose source is there already looks for the build that somebody else is submitting. */
const LOOKS_FOR_OTHERS = 5;

/**
 * The image of a commit: by its content, by its own tag, by joining a running build, or by a new one. Content comes first:
 * a commit's tag alone does not say with which base image and model it was built.
 */
export async function build(context: ReleaseContext, options: BuildOptions): Promise<BuildResult> {
  const { registry, deployment, git } = context;
  const sha = await git.resolve(options.sha);
  const tag = shortSha(sha);
  const content = await contentTag(git, sha, deployment);
  const same = options.noCache ? undefined : await registry.digestOf(content);
  if (same) {
    context.progress(`this content was built before; ${tag} is ${same}`);
    await moveTag(context, tag, same);
    return { digest: same, outcome: 'known' };
  }

  const builds = cloudBuild(context.call, deployment);
  const known = options.noCache ? undefined : await ownImage(context, builds, tag, content);
  if (known) return { digest: known, outcome: 'known' };

  await refuseOverQuota(context);
  // The build's push takes the commit's tag, and does not ask who has it.
  await keep(context, await registry.digestOf(tag));
  const object = await upload(context, sha, content);
  // A build with a cache is not what --no-cache asks for: the two do not join each other.
  const key = options.noCache ? `no-cache-${content}` : content;
  const joined = await runningBuild(context, builds, key, object.isNew ? 1 : LOOKS_FOR_OTHERS);
  if (joined) context.progress(`joining build ${joined.id}, which is ${joined.status}`);
  const submitted = joined ?? (await submit(context, builds, sha, key, object.name, options.noCache));
  const ended = await followBuild(context, builds, submitted, options);
  const digest = await registry.digestOf(tag);
  if (digest === undefined) throw noImage(context, ended, tag);
  await moveTag(context, content, digest);
  return { digest, outcome: 'built', build: ended.id };
}

/** Gives an image a tag; the image that has it now is kept. */
async function moveTag(context: ReleaseContext, tag: string, digest: string): Promise<void> {
  const current = await context.registry.digestOf(tag);
  if (current !== digest) await keep(context, current);
  await context.registry.tag(tag, digest);
}

/**
 * A tag that nothing takes away, before another one is: the cleanup policies delete what has none, and this image may serve
 * or be what a rollback goes to (docs/images.md).
 */
async function keep({ registry }: ReleaseContext, digest: string | undefined): Promise<void> {
  if (digest !== undefined) await registry.tag(`kept-${digest.slice('sha256:'.length).slice(0, 12)}`, digest);
}

/**
 * What the commit's tag names, unless that is known to be of other content. Pushed by a build of ours that was killed
 * before it could tag the content: it is tagged now. Pushed by hand: used, and never taken for the content.
 */
async function ownImage(
  context: ReleaseContext,
  builds: CloudBuild,
  tag: string,
  content: string,
): Promise<string | undefined> {
  const { registry } = context;
  const digest = await registry.digestOf(tag);
  if (digest === undefined) return undefined;
  const ended = (await builds.tagged(content)).filter(({ status }) => status === 'SUCCESS');
  const isOurs = ended.some(({ results }) => results?.images?.some((image) => image.digest === digest));
  if (isOurs) await moveTag(context, content, digest);
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
  const bucket = bucketName(context.deployment, 'sources');
  try {
    return { name, isNew: await context.storage.create(bucket, name, archive, 'application/gzip') };
  } catch (error) {
    // Maybe for who may create and not overwrite, where there is one already.
    if (!isStatus(error, 403)) throw error;
    if ((await context.storage.read(bucket, name)) === undefined) throw error;
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
  key: string,
  object: string,
  noCache = false,
): Promise<Build> {
  const { deployment, git } = context;
  const bucket = bucketName(deployment, 'sources');
  const file = parse(await git.show(sha, BUILD_FILE)) as {
    substitutions?: Record<string, string>;
    tags?: string[];
  };
  const body = {
    ...file,
    source: { storageSource: { bucket, object } },
    substitutions: {
      ...file.substitutions,
      ...substitutions(deployment),
      SHORT_SHA: shortSha(sha),
      ...(noCache && { _NO_CACHE: 'true' }),
    },
    tags: [...(file.tags ?? []), IMAGE_BUILD_TAG, `sha-${shortSha(sha)}`, key],
  };
  // A submission that was not answered may have begun a build: that one is joined.
  const submitted = await submitBuild(context, builds, body, () =>
    runningBuild(context, builds, key, LOOKS_FOR_OTHERS),
  );
  context.progress(`build ${submitted.id} submitted${submitted.logUrl ? `, log: ${submitted.logUrl}` : ''}`);
  return submitted;
}

function noImage({ deployment }: ReleaseContext, { id, logUrl }: Build, tag: string): Failure {
  return new Failure({
    code: 'BUILD_WITHOUT_IMAGE',
    message: 'The build ended well, and its image is not in the registry.',
    where: `build ${id}`,
    got: `${imageName(deployment)}:${tag} is not there`,
    remedy: `read its log: ${logUrl ?? `gcloud builds log ${id}`}; then run the same command again`,
    exitCode: 1,
  });
}
