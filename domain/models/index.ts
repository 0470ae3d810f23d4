import { lightOnOcr2 } from './LightOnOCR-2-1B';
import { lightOnOcr3Of08B } from './LightOnOCR-3-0.8B';
import { lightOnOcr3Of1B } from './LightOnOCR-3-1B';
import { lightOnOcr3Of4B } from './LightOnOCR-3-4B';
import type { OcrModel } from './ocrModel';

export type { OcrModel } from './ocrModel';

/** The model of both profiles, and whose numbers stand in for those of a model that is not known. */
export const DEFAULT_MODEL: OcrModel = lightOnOcr2;

/** Every model that is known, the default first. Another one is a file beside these, and a line here. */
export const MODELS: readonly OcrModel[] = [lightOnOcr2, lightOnOcr3Of08B, lightOnOcr3Of1B, lightOnOcr3Of4B];

const shortName = ({ id }: OcrModel): string => id.split('/').at(-1)!.toLowerCase();

/**
 * The model by its Hugging Face id, by a variant's (`LightOnOCR-2-1B-bbox`), or by a name in `/v1/models` that holds it, a
 * snapshot's path included. Undefined for a name that says nothing.
 */
export function findModel(name: string): OcrModel | undefined {
  // A path of the Hugging Face cache writes the slash of an id as two hyphens.
  const written = name.toLowerCase();
  return MODELS.find((model) => written.includes(shortName(model)));
}

/** The model by a name, or the default where the name says nothing: the rules warn of that (`MODEL_UNKNOWN`). */
export const modelNamed = (name: string): OcrModel => findModel(name) ?? DEFAULT_MODEL;
