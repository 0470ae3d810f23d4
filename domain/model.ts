/**
 * Numbers of the model's vision encoder and decoder; source: the configuration of lightonai/LightOnOCR-2-1B
 * (Qwen3 text: 28 layers, 8 KV heads of 128; Pixtral encoder: patch 14, merge 2, at most 1540 px).
 */
export const PIXELS_PER_TOKEN = 28;
export const MAX_PAGE_PIXELS = 1540;

/** Size of a page after scaling its longest side down (never up) to `longestSide` pixels; at least 1 px a side. */
export function scaledSize(
  width: number,
  height: number,
  longestSide: number,
): { width: number; height: number } {
  const factor = Math.min(1, longestSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** Tokens that an image of this size takes in the context: ⌈w/28⌉ · ⌈h/28⌉. */
export function imageTokens(width: number, height: number): number {
  return Math.ceil(width / PIXELS_PER_TOKEN) * Math.ceil(height / PIXELS_PER_TOKEN);
}

/** The model that the numbers of this file belong to; others of its family begin with the same id. */
export const MODEL_ID = 'lightonai/LightOnOCR-2-1B';
/** Weights in bf16, from the size of the model's safetensors file. */
export const WEIGHTS_GIB = 1.87;
/** KV cache of one token: 28 layers · (key and value) · 8 heads · 128 · 2 B = 112 KiB. */
export const KV_CACHE_KIB_PER_TOKEN = (28 * 2 * 8 * 128 * 2) / 1024;

/** Tokens of the page that takes the most of them: a square one. 3025 at 1540 px. */
export function largestImageTokens(longestSidePixels: number): number {
  return imageTokens(longestSidePixels, longestSidePixels);
}

/** Memory of weights and of a full KV cache: every sequence at its longest. */
export function engineMemoryGib(maxNumSeqs: number, maxModelLen: number): number {
  return WEIGHTS_GIB + (maxNumSeqs * maxModelLen * KV_CACHE_KIB_PER_TOKEN) / 1024 ** 2;
}
