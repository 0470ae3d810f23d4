import { canonicalJson, sha256 } from '../../domain/canonical';
import { buildArguments } from '../../domain/image/buildArguments';
import type { Deployment } from '../../domain/deployment';
import { IMAGE, REPOSITORY } from '../../domain/names';
import type { Git } from '../adapters/git';

/** What goes into the image, from the repository. */
export const IMAGE_FOLDER = 'gpu-container';
export const BUILD_FILE = 'cloudbuild/gpu-cloudbuild.yaml';

/** The build's substitutions that a deployment sets (`cloudbuild/gpu-cloudbuild.yaml`): a `_` before each build argument. */
export function substitutions(deployment: Deployment): Record<string, string> {
  const substituted: Record<string, string> = {
    _REGION: deployment.region,
    _REPOSITORY: REPOSITORY,
    _IMAGE: IMAGE,
  };
  for (const [name, value] of Object.entries(buildArguments(deployment))) substituted[`_${name}`] = value;
  return substituted;
}

/**
 * `content-<hash>`: a tag for everything that goes into the image: the container's folder, the build file with its
 * substitutions, the base image and the model. Two commits with the same content share one image. Only the engine sets it,
 * after the build has ended well.
 */
export async function contentTag(git: Git, sha: string, deployment: Deployment): Promise<string> {
  const files = await git.files(sha, [IMAGE_FOLDER, BUILD_FILE]);
  return `content-${sha256(canonicalJson({ files, substitutions: substitutions(deployment) })).slice(0, 32)}`;
}
