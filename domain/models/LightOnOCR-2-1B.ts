import type { OcrModel } from './ocrModel';

/** The Pixtral encoder under a Qwen3 decoder of generation 2 and of 3-1B: 28 layers, 8 KV heads of 128; patch 14, merge 2. */
export const PIXTRAL = {
  grid: { pixelsPerToken: 28, longestSidePixels: 1540, rounding: 'up' },
  cache: { attentionLayers: 28, keyValueHeads: 8, headSize: 128 },
  // The size of model.safetensors.
  weightsGib: 1.87,
} as const satisfies Partial<OcrModel>;

/** https://huggingface.co/lightonai/LightOnOCR-2-1B: its card and configuration. */
export const lightOnOcr2: OcrModel = {
  id: 'lightonai/LightOnOCR-2-1B',
  clientsLookFor: 'LightOnOCR-2-',
  ...PIXTRAL,
  weightsGrade: 'derived',
  sampling: { temperature: 0.2, topP: 0.9 },
  // The card's max_tokens.
  textTokens: 4096,
  // Holds the largest page (3025 tokens) and its text: docs/decisions/2026-11-24-context-8192.md.
  maxModelLen: 8192,
  escapesMath: false,
  olmOcrBench: 83.2,
  source: 'https://huggingface.co/lightonai/LightOnOCR-2-1B',
};
