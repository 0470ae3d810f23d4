import { engineMemory } from '../engineMemory';
import { GPU_KINDS } from '../gpus';
import { DEFAULT_MODEL, findModel, modelNamed, MODELS } from '../models';
import { type Rule, when } from './rule';

/** The CUDA context and vLLM's own peaks live outside the share; 0.95 of an L4 leaves them 1.1 GiB. */
const MAX_UTILIZATION = 0.95;

/** Weights and KV cache fit the share of the GPU. Derived from the model's configuration; activations are not counted. */
export const gpuMemoryRule: Rule = ({ model, size, vllm }) => {
  const { gpuMemoryUtilization, maxNumSeqs, maxModelLen } = vllm;
  const [about, gpu] = [modelNamed(model.id), GPU_KINDS[size.gpu]];
  const { shareGib, fullGib, sequenceGib } = engineMemory(vllm, about, gpu);
  const weightsAlone = about.weightsGib + sequenceGib > shareGib;
  return [
    ...when(!(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= MAX_UTILIZATION), {
      code: 'GPU_UTILIZATION_RANGE',
      key: 'vllm.gpuMemoryUtilization',
      got: gpuMemoryUtilization,
      reason: `vLLM takes this share of the GPU for itself, and CUDA needs some of the rest: above 0, at most ${MAX_UTILIZATION}.`,
      remedy: 'Write 0.80 (the guide) to 0.90.',
    }),
    ...when(fullGib > shareGib, {
      code: 'KV_CACHE_TOO_LARGE',
      key: 'vllm.maxNumSeqs',
      got: `${maxNumSeqs} × ${maxModelLen} tokens`,
      reason: `Weights ${about.weightsGib} GiB + ${maxNumSeqs} sequences of ${maxModelLen} tokens × ${sequenceGib.toFixed(2)} GiB = ${fullGib.toFixed(1)} GiB, and the share of the ${gpu.name} is ${shareGib.toFixed(1)} GiB: vLLM ${weightsAlone ? 'does not start' : 'would throw pages out and start them again'} (derived, not yet run on one).`,
      remedy: weightsAlone
        ? 'Lower vllm.maxModelLen, take a smaller model, or a larger GPU (size.gpu).'
        : 'Lower vllm.maxNumSeqs or vllm.maxModelLen.',
    }),
    ...when(findModel(model.id) === undefined, {
      code: 'MODEL_UNKNOWN',
      key: 'model.id',
      got: model.id,
      reason: `The rules for memory and pages, and the client, use the numbers of ${DEFAULT_MODEL.id}; known are ${MODELS.map(({ id }) => id).join(', ')}.`,
      remedy: 'Compare domain/models/ with the configuration of your model, and add a file for it.',
      severity: 'warning',
    }),
  ];
};
