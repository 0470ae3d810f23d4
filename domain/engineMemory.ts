import { engineMemoryGib, KV_CACHE_KIB_PER_TOKEN, WEIGHTS_GIB } from './model';

/**
 * What CUDA reports of an L4, and vLLM takes its share of: "GPU 0 has a total capacity of 22.03 GiB" in PyTorch's own
 * message (`nvidia-smi` counts 23034 MiB with what the driver keeps).
 */
export const L4_MEMORY_GIB = 22.03;
/** What a process's CUDA context takes before vLLM looks at what is free; an approximation, not measured on Cloud Run. */
export const CUDA_CONTEXT_GIB = 0.3;
/** Tokens that vLLM gives out together (its `--block-size` on CUDA). */
const BLOCK_TOKENS = 16;

/** The flags of vLLM that decide how much of the GPU it wants. */
export interface MemoryFlags {
  /** 0 to 1. */
  readonly gpuMemoryUtilization: number;
  readonly maxNumSeqs: number;
  readonly maxModelLen: number;
}

export interface EngineMemory {
  /** What vLLM may take. */
  readonly shareGib: number;
  /** What is left of the share for the KV cache; not above 0 when the weights alone fill it. Activations are not counted. */
  readonly cacheGib: number;
  /** KV cache of one sequence at its longest: vLLM does not start without room for it. */
  readonly sequenceGib: number;
  /** Weights, and every sequence at its longest: less room makes vLLM throw pages out and start them again. */
  readonly fullGib: number;
  /** The longest context that fits the cache. */
  readonly longestTokens: number;
}

/** vLLM's own sums for this model on an L4: `request_memory` of its worker, `_check_enough_kv_cache_memory` of its core. */
export function engineMemory({ gpuMemoryUtilization, maxNumSeqs, maxModelLen }: MemoryFlags): EngineMemory {
  const shareGib = L4_MEMORY_GIB * gpuMemoryUtilization;
  const cacheGib = shareGib - WEIGHTS_GIB;
  const blockKib = BLOCK_TOKENS * KV_CACHE_KIB_PER_TOKEN;
  return {
    shareGib,
    cacheGib,
    sequenceGib: engineMemoryGib(1, maxModelLen) - WEIGHTS_GIB,
    fullGib: engineMemoryGib(maxNumSeqs, maxModelLen),
    longestTokens: Math.max(0, Math.floor((cacheGib * 1024 ** 2) / blockKib)) * BLOCK_TOKENS,
  };
}
