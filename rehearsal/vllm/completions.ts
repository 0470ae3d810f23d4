import { setTimeout as sleep } from 'node:timers/promises';
import { modelNamed } from '../../domain/models';
import type { VllmOptions } from './args';
import { garbled, type Fault } from './fault';
import { groundedPage } from './grounding';
import type { PageReader } from './reader';

/** An answer in vLLM's error form, `{"error": {message, type, param, code}}`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly type = 'BadRequestError',
    readonly param: string | null = null,
  ) {
    super(message);
  }

  get body(): unknown {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.status } };
  }
}

/** Characters of text that count as one token: an approximation, the stand-in has no tokenizer. */
const CHARACTERS_PER_TOKEN = 4;
/** Tokens of the chat template around the image: an approximation. */
const TEMPLATE_TOKENS = 16;

interface ChatRequest {
  readonly images: readonly Buffer[];
  readonly textTokens: number;
  readonly maxTokens: number | undefined;
  /** Texts beside the images. */
  readonly prompt: string;
}

const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** Checks a chat request as vLLM does, and harder in one point: images come as data URLs, nothing is ever fetched. */
function parseChatRequest(body: unknown, options: VllmOptions): ChatRequest {
  const request = (body ?? {}) as Record<string, unknown>;
  if (!options.servedModelNames.includes(String(request.model))) {
    throw new ApiError(
      404,
      `The model \`${String(request.model)}\` does not exist.`,
      'NotFoundError',
      'model',
    );
  }
  if (request.stream === true)
    throw new ApiError(400, 'the stand-in for vLLM does not stream', undefined, 'stream');
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && Number(maxTokens) >= 1)) {
    throw new ApiError(
      400,
      `max_tokens must be at least 1, got ${JSON.stringify(maxTokens)}.`,
      undefined,
      'max_tokens',
    );
  }
  if (!Array.isArray(request.messages) || request.messages.length === 0) {
    throw new ApiError(400, 'messages: a list with at least one message is required', undefined, 'messages');
  }
  const parts = (request.messages as { content?: unknown }[]).flatMap(({ content }) =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : (content as Record<string, unknown>[]),
  );
  const images: Buffer[] = [];
  let textTokens = 0;
  let prompt = '';
  for (const part of parts) {
    if (part?.type === 'text') {
      textTokens += tokensOf(String(part.text));
      prompt += String(part.text);
    } else if (part?.type === 'image_url') images.push(imageOf(part.image_url));
    else throw new ApiError(400, `Unknown part type: ${String(part?.type)}`, undefined, 'messages');
  }
  if (images.length > options.imagesPerPrompt) {
    const message = `At most ${options.imagesPerPrompt} image(s) may be provided in one prompt. Set \`--limit-mm-per-prompt\` to increase this limit.`;
    throw new ApiError(400, message, undefined, 'image');
  }
  if (images.length === 0)
    throw new ApiError(400, 'the stand-in for vLLM answers requests with an image only');
  return { images, textTokens, maxTokens: maxTokens as number | undefined, prompt };
}

function imageOf(value: unknown): Buffer {
  const url = String((value as { url?: unknown } | null)?.url);
  const [, base64] = /^data:image\/[a-z.+-]+;base64,([A-Za-z0-9+/]+=*)$/.exec(url) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  const found = url.slice(0, url.search(/[:,]|$/));
  throw new ApiError(
    400,
    `image_url must be a base64 data URL of an image; got one that starts with '${found}:'`,
  );
}

function outputTokens(request: ChatRequest, promptTokens: number, maxModelLen: number): number {
  const room = maxModelLen - promptTokens;
  if (room >= 1 && (request.maxTokens ?? 1) <= room) return request.maxTokens ?? room;
  const asked = request.maxTokens ?? 0;
  throw new ApiError(
    400,
    `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${asked} output tokens and your prompt contains at least ${promptTokens} input tokens, for a total of at least ${promptTokens + asked} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`,
    undefined,
    'input_tokens',
  );
}

export interface Completions {
  /** The OpenAI answer to a chat request. Throws ApiError. */
  complete(body: unknown): Promise<unknown>;
}

export function completions(options: VllmOptions, fault: Fault, reader: PageReader): Completions {
  let succeeded = 0;
  return {
    async complete(body) {
      const request = parseChatRequest(body, options);
      if (fault.kind === 'errors-after' && succeeded >= fault.completions) {
        throw new ApiError(
          500,
          'EngineCore encountered an issue. See stack trace (above) for the root cause.',
          'InternalServerError',
        );
      }
      const pages = await Promise.all(request.images.map((image) => reader.read(image))).catch(
        (error: unknown) => {
          throw new ApiError(
            400,
            `cannot identify image file: ${error instanceof Error ? error.message : 'unreadable'}`,
          );
        },
      );
      const promptTokens = pages.reduce(
        (sum, page) => sum + page.tokens,
        TEMPLATE_TOKENS + request.textTokens,
      );
      const limit = outputTokens(request, promptTokens, options.maxModelLen);
      if (fault.kind === 'slow') await sleep(fault.milliseconds);
      const text = pages.map((page) => page.text).join('\n\n');
      const { groundingPrompt } = modelNamed(options.model);
      const whole = request.prompt !== '' && request.prompt === groundingPrompt ? groundedPage(text) : text;
      const wanted = fault.kind === 'garbage' ? garbled(whole) : whole;
      const length = Math.min(
        limit * CHARACTERS_PER_TOKEN,
        fault.kind === 'cut' ? Math.floor(wanted.length / 2) : Infinity,
      );
      const answer = wanted.slice(0, length);
      const completionTokens = tokensOf(answer);
      succeeded += 1;
      return {
        id: `chatcmpl-${succeeded}`,
        object: 'chat.completion',
        created: Math.floor(Date.now() / 1000),
        model: options.servedModelNames[0],
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: answer },
            finish_reason: answer.length < wanted.length ? 'length' : 'stop',
          },
        ],
        usage: {
          prompt_tokens: promptTokens,
          completion_tokens: completionTokens,
          total_tokens: promptTokens + completionTokens,
        },
      };
    },
  };
}
