/** How sure a number of a model is: in a public source, or computed from what is. */
export type ModelGrade = 'public' | 'derived';

/** How the image processor turns pixels into tokens. */
export interface ImageGrid {
  /** Pixels of a token's side: the encoder's patch times what is merged. */
  readonly pixelsPerToken: number;
  /** Longest side that the model was trained on, in px; a page is scaled down to it. */
  readonly longestSidePixels: number;
  /** `up`: a started token counts whole (Pixtral). `nearest`: the image is stretched to whole tokens first (Qwen). */
  readonly rounding: 'up' | 'nearest';
  /** Area below which the processor scales an image up, in px. */
  readonly leastAreaPixels?: number;
}

/** What the decoder keeps of a page on the GPU. */
export interface CacheLayout {
  /** Layers with full attention: their cache grows with every token. */
  readonly attentionLayers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Layers with linear attention: one state a sequence, whatever its length. */
  readonly stateLayers?: number;
  /** Of one such layer, bytes: the recurrent state in 32 bits, and the convolution's in 16. */
  readonly stateBytes?: number;
}

/** What is asked of a model, and what it answers. Every numeric field says where it comes from in its model's file. */
export interface OcrModel {
  /** Hugging Face id; ids that begin with it are its variants. */
  readonly id: string;
  /** What official clients look for in the name under which it is served. */
  readonly clientsLookFor: string;
  readonly grid: ImageGrid;
  readonly cache: CacheLayout;
  /** Weights in bf16. */
  readonly weightsGib: number;
  readonly weightsGrade: ModelGrade;
  readonly sampling: { readonly temperature: number; readonly topP: number };
  /** Text tokens that a page may need: asked for at first; what loops ends there. */
  readonly textTokens: number;
  /** `--max-model-len`, where no key says another: image and text of one page. */
  readonly maxModelLen: number;
  /** `--default-chat-template-kwargs`; none where the template takes none. */
  readonly chatTemplate?: Readonly<Record<string, boolean>>;
  /** Word after the image that asks for layout blocks; undefined where the model was not trained on it. */
  readonly groundingPrompt?: string;
  /** The text may escape the dollars of its formulas (`\$x\$`), which the client takes back. */
  readonly escapesMath: boolean;
  /** olmOCR-bench, of 100, by its makers. */
  readonly olmOcrBench: number;
  /** Where the numbers are from. */
  readonly source: string;
}
