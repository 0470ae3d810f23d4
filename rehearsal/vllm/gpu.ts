import { CUDA_CONTEXT_GIB, engineMemory } from '../../domain/engineMemory';
import { DEFAULT_GPU, type Gpu } from '../../domain/gpus';
import { modelNamed } from '../../domain/models';
import type { VllmOptions } from './args';

/** What vLLM's engine says of the memory that its flags give it. */
export interface GpuStart {
  /** In the order in which vLLM logs them. */
  readonly lines: readonly string[];
  /** vLLM's own words, when it does not start. */
  readonly error?: string;
}

const gib = (amount: number) => amount.toFixed(2);
const thousands = (amount: number) => Math.floor(amount).toLocaleString('en-US');
const HELP = 'See https://docs.vllm.ai/en/latest/configuration/conserving_memory/ for more details.';

/**
 * Whether the flags fit a GPU, in vLLM's order: the share against what is free, then the KV cache of one sequence against
 * what the weights leave of the share. The sums are `domain/engineMemory.ts`, which the rules use too; the words are vLLM's
 * (`vllm/v1/worker/utils.py`, `vllm/v1/core/kv_cache_utils.py`). Activations and CUDA graphs are not counted, so real vLLM
 * refuses a little earlier.
 */
export function startOnGpu(options: VllmOptions, gpu: Gpu = DEFAULT_GPU): GpuStart {
  const { shareGib, cacheGib, sequenceGib, longestTokens } = engineMemory(
    options,
    modelNamed(options.model),
    gpu,
  );
  const freeGib = gpu.memoryGib - CUDA_CONTEXT_GIB;
  if (shareGib > freeGib) {
    const error =
      `Free memory on device cuda:0 (${gib(freeGib)}/${gib(gpu.memoryGib)} GiB) on startup is less than desired GPU memory ` +
      `utilization (${options.gpuMemoryUtilization}, ${gib(shareGib)} GiB). Decrease GPU memory utilization or reduce GPU ` +
      'memory used by other processes.';
    return { lines: [], error };
  }
  const lines = [
    `Starting to load model ${options.model}...`,
    `Model loading took ${gib(shareGib - cacheGib)} GiB memory and 0.000000 seconds`,
    `Available KV cache memory: ${gib(cacheGib)} GiB`,
  ];
  if (cacheGib <= 0) {
    const error = `No available memory for the cache blocks. Try increasing \`gpu_memory_utilization\` when initializing the engine. ${HELP}`;
    return { lines, error };
  }
  if (sequenceGib > cacheGib) {
    const longest =
      longestTokens > 0
        ? `Based on the available memory, the estimated maximum model length is ${longestTokens}. `
        : '';
    const error =
      `To serve at least one request with the models's max seq len (${options.maxModelLen}), (${gib(sequenceGib)} GiB KV cache ` +
      `is needed, which is larger than the available KV cache memory (${gib(cacheGib)} GiB). ${longest}Try increasing ` +
      `\`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine. ${HELP}`;
    return { lines, error };
  }
  const together = cacheGib / sequenceGib;
  const capacity =
    `GPU KV cache size: ${thousands(longestTokens)} tokens, Maximum concurrency for ` +
    `${thousands(options.maxModelLen)} tokens per request: ${together.toFixed(2)}x`;
  return { lines: [...lines, capacity] };
}
