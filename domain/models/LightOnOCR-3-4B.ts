import { deltaNetBytes, GENERATION_3, NO_THINKING, QWEN_GRID } from './generation3';
import type { OcrModel } from './ocrModel';

/**
 * https://huggingface.co/lightonai/LightOnOCR-3-4B, over Qwen3.5-4B: 32 layers, every fourth with full attention, 4 KV heads
 * of 256; 32 value heads in the others. Derived from Qwen's configuration; the checkpoint's own was not read.
 */
export const lightOnOcr3Of4B: OcrModel = {
  id: 'lightonai/LightOnOCR-3-4B',
  clientsLookFor: 'LightOnOCR-3-4B',
  ...GENERATION_3,
  grid: QWEN_GRID,
  cache: {
    attentionLayers: 8,
    keyValueHeads: 4,
    headSize: 256,
    stateLayers: 24,
    stateBytes: deltaNetBytes(32),
  },
  // 4,205,751,296 parameters of text, as a conversion of the checkpoint counts them, and about 334 million of the encoder, 2 B each.
  weightsGib: 8.46,
  weightsGrade: 'derived',
  maxModelLen: 18_000,
  chatTemplate: NO_THINKING,
  olmOcrBench: 85.4,
};
