import type { Gpu } from './gpus';
import { longestSequence, sequenceGib } from './models/memory';
import type { OcrModel } from './models';

/** What a process's CUDA context takes before vLLM looks at what is free; an approximation, not measured on Cloud Run. */
export const CUDA_CONTEXT_GIB = 0.3;

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

/** vLLM's own sums for a model on a GPU: `request_memory` of its worker, `_check_enough_kv_cache_memory` of its core. */
export function engineMemory(
  { gpuMemoryUtilization, maxNumSeqs, maxModelLen }: MemoryFlags,
  model: OcrModel,
  gpu: Gpu,
): EngineMemory {
  const shareGib = gpu.memoryGib * gpuMemoryUtilization;
  const cacheGib = shareGib - model.weightsGib;
  const sequence = sequenceGib(model, maxModelLen);
  return {
    shareGib,
    cacheGib,
    sequenceGib: sequence,
    fullGib: model.weightsGib + maxNumSeqs * sequence,
    longestTokens: longestSequence(model, cacheGib),
  };
}
