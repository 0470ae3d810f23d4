import { deltaNetBytes, GENERATION_3, NO_THINKING, QWEN_GRID } from './generation3';
import type { OcrModel } from './ocrModel';

/**
 * https://huggingface.co/lightonai/LightOnOCR-3-0.8B, over Qwen3.5-0.8B: 24 layers, every fourth with full attention, 2 KV
 * heads of 256; 16 value heads in the others. Derived from Qwen's configuration; the checkpoint's own was not read.
 */
export const lightOnOcr3Of08B: OcrModel = {
  id: 'lightonai/LightOnOCR-3-0.8B',
  clientsLookFor: 'LightOnOCR-3-0.8B',
  ...GENERATION_3,
  grid: QWEN_GRID,
  cache: {
    attentionLayers: 6,
    keyValueHeads: 2,
    headSize: 256,
    stateLayers: 18,
    stateBytes: deltaNetBytes(16),
  },
  // 752 million parameters of text and 101 of the encoder, as conversions of the checkpoint count them, 2 B each.
  weightsGib: 1.59,
  weightsGrade: 'derived',
  maxModelLen: 18_000,
  chatTemplate: NO_THINKING,
  olmOcrBench: 84.7,
};
