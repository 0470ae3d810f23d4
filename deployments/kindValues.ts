import { DEFAULT_GPU, type Gpu, GPU_KINDS } from '../domain/gpus';
import { DEFAULT_MODEL, findModel } from '../domain/models';
import type { Given } from './fill';
import type { ProfileValues } from './profiles';

/**
 * What a file's model and GPU say in place of the profile, key by key: page and context of the model, the smallest instance
 * of the GPU. Nothing for those of the profiles, nor for a model that is not known.
 */
export function kindValues(given: {
  readonly model?: { readonly id?: string };
  readonly size?: { readonly gpu?: Gpu['id'] };
}): Given<ProfileValues> {
  const model = findModel(given.model?.id ?? DEFAULT_MODEL.id);
  const gpu = GPU_KINDS[given.size?.gpu ?? DEFAULT_GPU.id];
  return {
    ...(model !== undefined &&
      model !== DEFAULT_MODEL && {
        page: { longestSidePixels: model.grid.longestSidePixels, textTokens: model.textTokens },
        vllm: { maxModelLen: model.maxModelLen },
      }),
    ...(gpu !== DEFAULT_GPU && { size: { cpu: gpu.cpus[0]!, memoryGib: gpu.memoryGibRange.least } }),
  };
}
