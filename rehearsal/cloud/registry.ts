import { canonicalJson, sha256 } from '../../domain/canonical';
import { GoogleError, invalid, notFound } from './googleError';
import { jsonBody, type Json, page, type RouteTable } from './routes';

export interface Image {
  /** `sha256:…`. */
  readonly digest: string;
  /** Command that a container of it starts with. */
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** All layers; absent for one that has none here. */
  readonly sizeBytes?: number;
  /** ISO 8601. */
  readonly uploadTime: string;
}

export interface PushedImage extends Omit<Image, 'digest' | 'uploadTime'> {
  /** `REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE`. */
  readonly name: string;
  readonly tags: readonly string[];
  /** Default: hash of entrypoint and environment. */
  readonly digest?: string;
}

interface Package {
  readonly versions: Map<string, Image>;
  /** Tag → digest. */
  readonly tags: Map<string, string>;
}

/** Artifact Registry v1 for Docker images (https://cloud.google.com/artifact-registry/docs/reference/rest). */
export interface Registry {
  /** Returns the digest. */
  push(image: PushedImage): string;
  /** By `NAME@DIGEST` or `NAME:TAG`. */
  find(reference: string): Image | undefined;
  /** Package names with their tags. */
  tags(): Record<string, Record<string, string>>;
  readonly routes: RouteTable;
}

/** `NAME[:TAG|@DIGEST]` to the package's resource name and the rest. */
export function parseReference(reference: string) {
  const match =
    /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\/([^:@]+)(?::([\w.-]+)|@(sha256:[0-9a-f]{64}))?$/.exec(
      reference,
    );
  if (!match) return undefined;
  const [, location, project, repository, image = '', tag, digest] = match;
  const path = `projects/${project}/locations/${location}/repositories/${repository}/packages/${encodeURIComponent(image)}`;
  return { path, tag, digest };
}

/** @param now milliseconds since the epoch, for when an image was pushed. */
export function registry(now: () => number = Date.now): Registry {
  const packages = new Map<string, Package>();

  /** The package that a resource name begins with, and the last part of that name. */
  const locate = (name: string) => {
    const [, path = '', id = ''] = /^(.*\/packages\/[^/]+)\/(?:tags|versions)(?:\/(.+))?$/.exec(name) ?? [];
    const found = packages.get(path);
    if (!found) throw notFound(path);
    return { ...found, path, id };
  };
  const tagJson = (path: string, tag: string, digest: string): Json => ({
    name: `${path}/tags/${tag}`,
    version: `${path}/versions/${digest}`,
  });
  const setTag = ({ path, versions, tags }: Package & { path: string }, tag: string, version: unknown) => {
    const digest = String(version).replace(`${path}/versions/`, '');
    if (!versions.has(digest)) throw notFound(String(version));
    tags.set(tag, digest);
    return tagJson(path, tag, digest);
  };

  return {
    push({
      name,
      tags,
      entrypoint,
      env,
      sizeBytes,
      digest = `sha256:${sha256(canonicalJson({ entrypoint, env }))}`,
    }) {
      const parsed = parseReference(name);
      if (!parsed)
        throw invalid(`image: "${name}" is not of the form REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE.`);
      const known = packages.get(parsed.path) ?? {
        versions: new Map<string, Image>(),
        tags: new Map<string, string>(),
      };
      packages.set(parsed.path, known);
      const { uploadTime = new Date(now()).toISOString() } = known.versions.get(digest) ?? {};
      known.versions.set(digest, {
        ...{ digest, entrypoint, env, uploadTime },
        ...(sizeBytes !== undefined && { sizeBytes }),
      });
      for (const tag of tags) known.tags.set(tag, digest);
      return digest;
    },
    find(reference) {
      const parsed = parseReference(reference);
      const found = parsed && packages.get(parsed.path);
      return found?.versions.get(parsed?.digest ?? found.tags.get(parsed?.tag ?? 'latest') ?? '');
    },
    tags: () => Object.fromEntries([...packages].map(([path, { tags }]) => [path, Object.fromEntries(tags)])),
    routes: {
      'GET /v1/{name=projects/*/locations/*/repositories/*/packages/*/tags/*}': (_call, name) => {
        const { path, tags, id } = locate(name);
        const digest = tags.get(id);
        if (!digest) throw notFound(name);
        return tagJson(path, id, digest);
      },
      'GET /v1/{parent=projects/*/locations/*/repositories/*/packages/*}/tags': (call, parent) => {
        const { path, tags } = locate(`${parent}/tags`);
        const filter = call.query.get('filter');
        const version = filter ? /^version\s*=\s*"([^"]+)"$/.exec(filter)?.[1] : undefined;
        if (filter && !version)
          throw invalid(`filter: the local cloud takes version="NAME" only, got ${filter}.`);
        const listed = [...tags].map(([tag, digest]) => tagJson(path, tag, digest));
        return page(
          call.query,
          'tags',
          listed.filter((tag) => !version || tag.version === version),
        );
      },
      'POST /v1/{parent=projects/*/locations/*/repositories/*/packages/*}/tags': (call, parent) => {
        const found = locate(`${parent}/tags`);
        const tag = call.query.get('tagId') ?? '';
        if (!/^[\w][\w.-]{0,127}$/.test(tag)) throw invalid(`tagId: "${tag}" is no tag.`);
        if (found.tags.has(tag)) throw new GoogleError('ALREADY_EXISTS', `Tag "${tag}" already exists.`);
        return setTag(found, tag, jsonBody(call).version);
      },
      'PATCH /v1/{name=projects/*/locations/*/repositories/*/packages/*/tags/*}': (call, name) => {
        const mask = call.query.get('updateMask') ?? 'version';
        if (mask !== 'version') throw invalid(`updateMask: only version can change, got "${mask}".`);
        const found = locate(name);
        if (!found.tags.has(found.id)) throw notFound(name);
        return setTag(found, found.id, jsonBody(call).version);
      },
      'GET /v1/{name=projects/*/locations/*/repositories/*/packages/*/versions/*}': (_call, name) => {
        const { versions, tags, path, id } = locate(name);
        const image = versions.get(id);
        if (!image) throw notFound(name);
        const { sizeBytes, uploadTime } = image;
        const related = [...tags]
          .filter(([, digest]) => digest === id)
          .map(([tag]) => tagJson(path, tag, id));
        const metadata = {
          name: `${path.replace('/packages/', '/dockerImages/')}@${id}`,
          ...(sizeBytes !== undefined && { imageSizeBytes: String(sizeBytes) }),
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
        };
        return { name, createTime: uploadTime, updateTime: uploadTime, relatedTags: related, metadata };
      },
      'DELETE /v1/{name=projects/*/locations/*/repositories/*/packages/*/versions/*}': (call, name) => {
        const { versions, tags, path, id } = locate(name);
        if (!versions.has(id)) throw notFound(name);
        const tagged = [...tags].filter(([, digest]) => digest === id).map(([tag]) => tag);
        if (tagged.length > 0 && call.query.get('force') !== 'true') {
          throw new GoogleError(
            'FAILED_PRECONDITION',
            `Version ${id} has tags: ${tagged.join(', ')}; delete with force.`,
          );
        }
        versions.delete(id);
        for (const tag of tagged) tags.delete(tag);
        return {
          name: `${path.replace(/\/repositories\/.*/, '')}/operations/delete-${id}`,
          done: true,
          response: {},
        };
      },
    },
  };
}
