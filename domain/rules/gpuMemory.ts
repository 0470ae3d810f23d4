import { engineMemory } from '../engineMemory';
import { KV_CACHE_KIB_PER_TOKEN, MODEL_ID, WEIGHTS_GIB } from '../model';
import { type Rule, when } from './rule';

/** The CUDA context and vLLM's own peaks live outside the share; 0.95 leaves them 1.1 GiB. */
const MAX_UTILIZATION = 0.95;

/** Weights and KV cache fit the share of the GPU. Derived from the model's configuration; activations are not counted. */
export const gpuMemoryRule: Rule = ({ model, vllm }) => {
  const { gpuMemoryUtilization, maxNumSeqs, maxModelLen } = vllm;
  const { shareGib, fullGib: neededGib } = engineMemory(vllm);
  return [
    ...when(!(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= MAX_UTILIZATION), {
      code: 'GPU_UTILIZATION_RANGE',
      key: 'vllm.gpuMemoryUtilization',
      got: gpuMemoryUtilization,
      reason: `vLLM takes this share of the GPU for itself, and CUDA needs some of the rest: above 0, at most ${MAX_UTILIZATION}.`,
      remedy: 'Write 0.80 (the guide) to 0.90.',
    }),
    ...when(neededGib > shareGib, {
      code: 'KV_CACHE_TOO_LARGE',
      key: 'vllm.maxNumSeqs',
      got: `${maxNumSeqs} × ${maxModelLen} tokens`,
      reason: `Weights ${WEIGHTS_GIB} GiB + ${maxNumSeqs} × ${maxModelLen} × ${KV_CACHE_KIB_PER_TOKEN} KiB = ${neededGib.toFixed(1)} GiB, and the share of the L4 is ${shareGib.toFixed(1)} GiB: vLLM would throw pages out and start them again (derived, not yet run on an L4).`,
      remedy: 'Lower vllm.maxNumSeqs or vllm.maxModelLen.',
    }),
    ...when(!model.id.startsWith(MODEL_ID), {
      code: 'MODEL_UNKNOWN',
      key: 'model.id',
      got: model.id,
      reason: `The rules for memory and pages use the numbers of ${MODEL_ID}.`,
      remedy: 'Compare domain/model.ts with the configuration of your model.',
      severity: 'warning',
    }),
  ];
};
