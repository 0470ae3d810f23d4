import type { CacheLayout, OcrModel } from './ocrModel';

/** Tokens that vLLM gives out together: its `--block-size` on CUDA, and what a larger block is a multiple of. */
const BLOCK_TOKENS = 16;
const GIB = 2 ** 30;

/** Bytes of keys and values of one token in one layer, in bf16. */
const tokenBytes = ({ keyValueHeads, headSize }: CacheLayout): number => 2 * keyValueHeads * headSize * 2;

/**
 * Tokens of one block. Where a model has states too, vLLM makes a block so long that a page of the cache holds one state, and
 * every layer takes whole pages (`vllm/model_executor/models/config.py`, HybridAttentionMambaModelConfig).
 */
function blockTokens(cache: CacheLayout): number {
  const { stateBytes = 0 } = cache;
  const least = BLOCK_TOKENS * tokenBytes(cache);
  return BLOCK_TOKENS * Math.max(1, Math.ceil(stateBytes / least));
}

/** KV cache of one token in all layers, KiB: 112 for the default model. */
export const kvCacheKibPerToken = ({ cache }: OcrModel): number =>
  (cache.attentionLayers * tokenBytes(cache)) / 1024;

/** What one sequence of so many tokens takes of the cache, its states included. */
export function sequenceGib({ cache }: OcrModel, tokens: number): number {
  const page = blockTokens(cache) * tokenBytes(cache);
  const blocks = Math.ceil(tokens / blockTokens(cache));
  return (page * (blocks * cache.attentionLayers + (cache.stateLayers ?? 0))) / GIB;
}

/** The longest sequence that fits a cache of this size, in whole blocks; 0 where none does. */
export function longestSequence({ cache }: OcrModel, cacheGib: number): number {
  const page = blockTokens(cache) * tokenBytes(cache);
  const pages = Math.floor((cacheGib * GIB) / page) - (cache.stateLayers ?? 0);
  return Math.max(0, Math.floor(pages / cache.attentionLayers)) * blockTokens(cache);
}
