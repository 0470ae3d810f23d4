import { PIXTRAL } from './LightOnOCR-2-1B';
import { GENERATION_3 } from './generation3';
import type { OcrModel } from './ocrModel';

/** https://huggingface.co/lightonai/LightOnOCR-3-1B: the architecture of 2-1B, so its numbers; 1540 px and 16384 by its makers. */
export const lightOnOcr3Of1B: OcrModel = {
  id: 'lightonai/LightOnOCR-3-1B',
  clientsLookFor: 'LightOnOCR-3-1B',
  ...PIXTRAL,
  ...GENERATION_3,
  weightsGrade: 'derived',
  maxModelLen: 16384,
  olmOcrBench: 84,
};
