import { canonicalJson, sha256 } from '../domain/canonical';
import type { Deployment } from '../domain/deployment';
import { IMAGE, REPOSITORY } from '../domain/names';
import type { Git } from './git';

/** What goes into the image, from the repository. */
export const IMAGE_FOLDER = 'gpu-container';
export const BUILD_FILE = 'cloudbuild/gpu-cloudbuild.yaml';

/** The build's substitutions that a deployment sets (`cloudbuild/gpu-cloudbuild.yaml`). */
export function substitutions(deployment: Deployment): Record<string, string> {
  const { image, model, vllm } = deployment;
  return {
    _REGION: deployment.region,
    _REPOSITORY: REPOSITORY,
    _IMAGE: IMAGE,
    _VLLM_IMAGE: image.base,
    ...(image.baseDigest && { _VLLM_DIGEST: image.baseDigest }),
    _MODEL_ID: model.id,
    ...(model.revision && { _MODEL_REVISION: model.revision }),
    ...(vllm.transformersVersion && { _TRANSFORMERS_VERSION: vllm.transformersVersion }),
  };
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
