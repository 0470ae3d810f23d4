import type { ImageGrid, OcrModel } from './ocrModel';

/**
 * What the LightOnOCR-3 models share, from their makers' client (https://github.com/lightonai/LightOnOCR, `lightonocr/`):
 * top_p 1.0, temperature 0.2 (the README advises 0.1 to 0.2), grounding by one word after the image, escaped dollars.
 */
export const GENERATION_3 = {
  sampling: { temperature: 0.2, topP: 1 },
  // An own choice: the makers' client sets no limit. Twice generation 2's, since blocks with boxes are longer than plain text.
  textTokens: 8192,
  groundingPrompt: 'grounding',
  escapesMath: true,
  source: 'https://github.com/lightonai/LightOnOCR',
} as const satisfies Partial<OcrModel>;

/**
 * The image processor of the models over Qwen3.5: patch 16, merge 2, stretched to whole tokens, at least 256 × 256 px
 * (`smart_resize` of transformers' Qwen processors; derived, the checkpoint's own file was not read). 2048 px by the makers.
 */
export const QWEN_GRID: ImageGrid = {
  pixelsPerToken: 32,
  longestSidePixels: 2048,
  rounding: 'nearest',
  leastAreaPixels: 65_536,
};

/** Trained without thinking, which the template of Qwen3.5 turns on. */
export const NO_THINKING = { enable_thinking: false } as const;

/**
 * State of one Gated DeltaNet layer: heads × key size × value size in 32 bits, and three columns of the convolution in 16.
 * The sizes of keys and values are 128, and there are 16 key heads (configurations of Qwen3.5).
 */
export const deltaNetBytes = (valueHeads: number): number =>
  valueHeads * 128 * 128 * 4 + (2 * 16 * 128 + valueHeads * 128) * 3 * 2;
