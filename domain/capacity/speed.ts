import { COST_INPUTS } from '../cost/costInputs';
import { MODELS, modelNamed, type OcrModel } from '../models';
import { seenTokens } from '../models/geometry';
import { sequenceGib } from '../models/memory';

/** How fast a deployment is. */
export interface Speed {
  /** Of one instance that is given enough pages at a time. */
  readonly pagesPerSecond: number;
  /** From the start of an instance until the engine answers; the startup probe may see it later. */
  readonly startSeconds: number;
  /** Where both come from. */
  readonly source: string;
}

/** What `cost` assumes too, where nothing was measured. */
export const ASSUMED_SPEED: Speed = {
  pagesPerSecond: COST_INPUTS.pagesPerSecond.default,
  startSeconds: COST_INPUTS.startSeconds.default,
  source: `assumed [?]: ${COST_INPUTS.pagesPerSecond.default} pages a second of one instance, ${COST_INPUTS.startSeconds.default} s to start; not measured`,
};

/** US Letter at 200 dpi: any size above the model's own is scaled down to it. */
const LETTER_PIXELS = { width: 1700, height: 2200 };
/** Text of a usual page, tokens. An own choice: a full page of print has about 700 words, a form far fewer. */
const PAGE_TEXT_TOKENS = 1000;

/** GiB that the GPU reads for one step of decoding: the weights once, and the cache of every sequence at half of its text. */
const stepGib = (model: OcrModel, sequences: number): number =>
  model.weightsGib + sequences * sequenceGib(model, seenTokens(LETTER_PIXELS, model) + PAGE_TEXT_TOKENS / 2);

/**
 * Speed of another model against the one that is deployed, on the same GPU: decoding waits for memory, so a step takes as long as
 * what it reads. Derived, not measured; left out are the encoder, the prompt, and texts of different length.
 * @param sequences decoded together: `vllm.maxNumSeqs`.
 */
export function relativeSpeed(deployed: string, other: OcrModel, sequences: number): number {
  return stepGib(modelNamed(deployed), sequences) / stepGib(other, sequences);
}

/** Models beside the one that is deployed. */
export const otherModels = (deployed: string): OcrModel[] =>
  MODELS.filter(({ id }) => id !== modelNamed(deployed).id);
