import { setTimeout as sleep } from 'node:timers/promises';
import { modelNamed } from '../../domain/models';
import { ApiError } from './apiError';
import type { VllmOptions } from './args';
import { type ChatRequest, readChatRequest } from './chatRequest';
import { contextRules, outputTokens } from './context';
import { garbled, type Fault } from './fault';
import { groundedPage } from './grounding';
import type { PageReader } from './reader';
import type { RequestBody } from './requestBody';

/** Characters of an answer that count as one token: an approximation, the stand-in has no tokenizer. */
const CHARACTERS_PER_TOKEN = 4;

interface Choice {
  readonly text: string;
  readonly tokens: number;
  readonly finishReason: string;
}

/** What a chat request is answered with. */
export interface Completion {
  readonly request: Pick<ChatRequest, 'stream' | 'includeUsage' | 'n'>;
  readonly promptTokens: number;
  readonly choice: Choice;
}

/** @throws ApiError. */
export type Complete = (body: RequestBody, stopping: AbortSignal) => Promise<Completion>;

/** @param stopping fires when the engine drops what is in flight: it is then answered with `abort` and no text. */
export function completions(
  options: VllmOptions,
  version: string,
  fault: Fault,
  reader: PageReader,
): Complete {
  const rules = contextRules(version);
  let succeeded = 0;

  async function choose(limit: number, texts: readonly string[], stopping: AbortSignal): Promise<Choice> {
    try {
      if (fault.kind === 'slow') await sleep(fault.milliseconds, undefined, { signal: stopping });
    } catch {
      return { text: '', tokens: 0, finishReason: 'abort' };
    }
    const whole = texts.join('\n\n');
    const wanted = fault.kind === 'garbage' ? garbled(whole) : whole;
    const half = fault.kind === 'cut' ? Math.floor(wanted.length / 2) : Infinity;
    const text = wanted.slice(0, Math.min(limit * CHARACTERS_PER_TOKEN, half));
    const tokens = Math.ceil(text.length / CHARACTERS_PER_TOKEN);
    return { text, tokens, finishReason: text.length < wanted.length ? 'length' : 'stop' };
  }

  return async (body, stopping) => {
    const request = readChatRequest(body, options, version);
    if (fault.kind === 'errors-after' && succeeded >= fault.completions) {
      const message = 'EngineCore encountered an issue. See stack trace (above) for the root cause.';
      throw new ApiError(500, message, 'InternalServerError');
    }
    const { textTokens, characters, maxTokens } = request;
    // The text alone is looked at before an image is opened.
    outputTokens({ textTokens, characters, tokens: 0 }, maxTokens, options.maxModelLen, rules);
    const sizes = await Promise.all(request.images.map((image) => reader.measure(image)));
    const tokens = sizes.reduce((sum, each) => sum + each - 1, textTokens);
    const limit = outputTokens({ textTokens, characters, tokens }, maxTokens, options.maxModelLen, rules);
    const texts = await Promise.all(request.images.map((image) => reader.read(image)));
    const { groundingPrompt } = modelNamed(options.model);
    const isGrounded = request.prompt !== '' && request.prompt === groundingPrompt;
    const choice = await choose(limit, isGrounded ? texts.map(groundedPage) : texts, stopping);
    succeeded += 1;
    return { request, promptTokens: tokens, choice };
  };
}

/** The fields that vLLM 0.30 always writes and that a page's request leaves empty. */
const EMPTY_MESSAGE = { refusal: null, annotations: null, audio: null, function_call: null, reasoning: null };
const EMPTY_CHOICE = { logprobs: null, stop_reason: null, token_ids: null, routed_experts: null };
const EMPTY_ANSWER = {
  ...{ prompt_logprobs: null, prompt_token_ids: null, prompt_text: null },
  ...{ kv_transfer_params: null, ec_transfer_params: null, metrics: null },
};

export interface Stamp {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly fingerprint: string;
}

/** The OpenAI answer as one JSON object. */
export function completionBody({ request, promptTokens, choice }: Completion, stamp: Stamp): unknown {
  const { text: content, tokens, finishReason } = choice;
  const { id, created, model, fingerprint } = stamp;
  return {
    ...{ id, object: 'chat.completion', created, model },
    choices: Array.from({ length: request.n }, (_, index) => ({
      index,
      message: { role: 'assistant', content, ...EMPTY_MESSAGE },
      finish_reason: finishReason,
      ...EMPTY_CHOICE,
    })),
    ...{ service_tier: null, system_fingerprint: fingerprint },
    usage: {
      ...usageOf(promptTokens, tokens * request.n),
      ...{ prompt_tokens_details: null, completion_tokens_details: null },
    },
    ...EMPTY_ANSWER,
  };
}

const usageOf = (prompt: number, completion: number) => ({
  prompt_tokens: prompt,
  total_tokens: prompt + completion,
  completion_tokens: completion,
});

/** The same as server-sent events: who speaks, the text, why it ends, and the usage where it was asked for. */
export function completionEvents({ request, promptTokens, choice }: Completion, stamp: Stamp): string {
  const { id, created, model, fingerprint } = stamp;
  const chunk = { id, object: 'chat.completion.chunk', created, model };
  const part = (delta: object, finish: string | null) => ({
    ...chunk,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const events = [
    { ...part({ role: 'assistant', content: '' }, null), prompt_token_ids: null, prompt_text: null },
    { ...part({ content: choice.text }, choice.finishReason), system_fingerprint: fingerprint },
    ...(request.includeUsage
      ? [
          {
            ...chunk,
            choices: [],
            usage: usageOf(promptTokens, choice.tokens),
            system_fingerprint: fingerprint,
          },
        ]
      : []),
  ];
  return [...events.map((event) => JSON.stringify(event)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('');
}
