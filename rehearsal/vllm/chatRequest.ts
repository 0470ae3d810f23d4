import { ApiError, refusedValue } from './apiError';
import type { VllmOptions } from './args';
import { imageBytes } from './imageUrl';
import type { Message, RequestBody } from './requestBody';
import { isOlder } from '../../domain/vllmVersions';

/** What a chat request asks for. */
export interface ChatRequest extends Pick<RequestBody, 'maxTokens' | 'n' | 'stream' | 'includeUsage'> {
  readonly images: readonly Buffer[];
  /** Texts beside the images. */
  readonly prompt: string;
  /** Tokens of the prompt without its images; one for each of those. */
  readonly textTokens: number;
  /** Characters of the prompt as the chat template writes it. */
  readonly characters: number;
}

/**
 * What the chat template of the model that was recorded writes: around a message beside its role, at the end of the prompt,
 * and for an image.
 */
const MESSAGE = { tokens: 4, characters: '<|im_start|>\n<|im_end|>\n'.length };
const END = { tokens: 11, characters: '<|im_start|>assistant\n'.length };
const IMAGE = { tokens: 1, characters: '<|image_pad|>'.length };

/** @throws ApiError with the words of vLLM, in its order: model, sampling, messages, images. */
export function readChatRequest(body: RequestBody, options: VllmOptions, version: string): ChatRequest {
  const { model, messages, maxTokens, temperature = 1, topP = 1, n } = body;
  if (model !== undefined && !options.servedModelNames.includes(model)) {
    const aliases = isOlder(version, '0.32') ? '' : ` Valid aliases: ${options.servedModelNames.join(', ')}.`;
    const message = `The model \`${model}\` does not exist.${aliases}`;
    throw new ApiError(404, message, 'NotFoundError', 'model');
  }
  if (messages.length === 0) {
    const message = 'Cannot apply chat template to an empty conversation. Provide at least one message.';
    throw new ApiError(400, message);
  }
  checkSampling({ maxTokens, temperature, topP, n });
  const parts = messages.flatMap(partsOf);
  const urls = parts.flatMap((part) => (part.image === undefined ? [] : [part.image]));
  if (urls.length > options.imagesPerPrompt) {
    const message = `At most ${options.imagesPerPrompt} image(s) may be provided in one prompt. (parameter=image)`;
    throw new ApiError(400, message, undefined, 'image');
  }
  const images = urls.map((url) => imageBytes(url, options));
  const written = (each: number) => messages.reduce((sum, { role }) => sum + each + role.length, 0);
  const text = parts.map((part) => part.text ?? '').join('');
  return {
    images,
    prompt: text,
    // The model that was recorded has one token a byte; a real one has fewer, and a page's request has no text at all.
    textTokens: END.tokens + written(MESSAGE.tokens) + Buffer.byteLength(text) + images.length * IMAGE.tokens,
    characters: END.characters + written(MESSAGE.characters) + text.length + images.length * IMAGE.characters,
    n,
    stream: body.stream,
    includeUsage: body.includeUsage,
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

interface Sampling {
  readonly maxTokens: number | undefined;
  readonly temperature: number;
  readonly topP: number;
  readonly n: number;
}

/** Python writes a float with its point. */
const float = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

function checkSampling({ maxTokens, temperature, topP, n }: Sampling): void {
  if (n < 1) throw new ApiError(400, `n must be at least 1, got ${n}.`);
  if (temperature === 0 && n > 1)
    throw new ApiError(400, `n must be 1 when using greedy sampling, got ${n}.`);
  const told = float(temperature);
  if (temperature < 0)
    throw refusedValue(`temperature must be non-negative, got ${told}.`, 'temperature', told);
  if (temperature > 2) throw refusedValue(`temperature must be in [0, 2], got ${told}.`, 'temperature', told);
  if (topP <= 0 || topP > 1)
    throw refusedValue(`top_p must be in (0, 1], got ${float(topP)}.`, 'top_p', float(topP));
  if (maxTokens !== undefined && maxTokens < 1)
    throw refusedValue(`max_tokens must be at least 1, got ${maxTokens}.`, 'max_tokens', maxTokens);
}

interface Part {
  readonly text?: string;
  readonly image?: string;
}

function partsOf({ content }: Message): Part[] {
  if (typeof content === 'string') return [{ text: content }];
  return (content ?? []).map((part) => {
    if (part?.type === 'text' && typeof part.text === 'string') return { text: part.text };
    if (part?.type === 'image_url') {
      const { url } = (part.image_url ?? {}) as { url?: unknown };
      if (typeof url === 'string') return { image: url };
      if (typeof part.image_url === 'string') throw new ApiError(400, WRONG_IMAGE);
    }
    throw new ApiError(400, '8 validation errors for ValidatorIterator');
  });
}

/** Nothing of the value: vLLM's message repeats its beginning and end. */
const WRONG_IMAGE =
  '1 validation error for ChatCompletionContentPartImageParam\nimage_url\n  Input should be a valid dictionary [type=dict_type, input_type=str]';
