import type { Deployment } from '../deployment';

/**
 * `docker build --build-arg` of `gpu-container/Dockerfile`; what a deployment leaves open is the Dockerfile's default. An
 * empty `TRANSFORMERS_VERSION` installs none.
 */
export function buildArguments({ image, model, vllm }: Deployment): Record<string, string> {
  const all = {
    VLLM_IMAGE: image.base,
    VLLM_DIGEST: image.baseDigest,
    MODEL_ID: model.id,
    MODEL_REVISION: model.revision,
    TRANSFORMERS_VERSION: vllm.transformersVersion === 'none' ? '' : vllm.transformersVersion,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
