import { ApiError, refusedValue } from './apiError';
import { isOlder } from '../../domain/vllmVersions';

/** Characters of a prompt that vLLM counts as at most one token, before it tokenizes it. */
const CHARACTERS_PER_TOKEN = 16;

export interface Prompt {
  /** Of its text, the chat template's and an image's one placeholder each included. */
  readonly textTokens: number;
  readonly characters: number;
  /** With the images in it. */
  readonly tokens: number;
}

/** Where the versions differ. */
export interface ContextRules {
  /** Before 0.32 the text alone must leave the room that was asked for, although `max_tokens` is lowered afterwards. */
  readonly isOutputReserved: boolean;
}

export const contextRules = (version: string): ContextRules => ({
  isOutputReserved: isOlder(version, '0.32'),
});

/**
 * How many tokens a prompt may be answered with: what was asked for, or what is left of the context where that is less.
 * vLLM refuses by the text first, then by the whole prompt (measured on real vLLM 0.30.0 and 0.32.0, CPU).
 * @throws ApiError 400.
 */
export function outputTokens(
  prompt: Prompt,
  asked: number | undefined,
  context: number,
  { isOutputReserved }: ContextRules,
): number {
  if (asked !== undefined && asked > context) {
    const limits = `max_model_len=${isOutputReserved ? 'max_total_tokens=' : ''}${context}`;
    const message = `max_tokens=${asked} cannot be greater than ${limits}. Please request fewer output tokens.`;
    throw refusedValue(message, 'max_tokens', asked);
  }
  const wanted = isOutputReserved ? (asked ?? 0) : 0;
  const room = context - wanted;
  const { characters, textTokens, tokens } = prompt;
  if (characters > room * CHARACTERS_PER_TOKEN) {
    const most = `(more than ${room * CHARACTERS_PER_TOKEN} characters, which is the upper bound for ${room} input tokens)`;
    throw tooLong(context, wanted, `${characters} characters ${most}`, '', ['input_text', characters]);
  }
  if (textTokens > room) {
    const total =
      wanted > 0
        ? `, for a total of at least ${context + 1} tokens`
        : ', which exceeds this limit even without any output tokens';
    throw tooLong(context, wanted, `at least ${room + 1} input tokens`, total, ['input_tokens', room + 1]);
  }
  if (tokens > context)
    throw new ApiError(400, `Input length (${tokens}) exceeds model's maximum context length (${context}).`);
  return Math.min(asked ?? Infinity, context - tokens);
}

function tooLong(
  context: number,
  wanted: number,
  contains: string,
  total: string,
  [param, value]: readonly [string, number],
): ApiError {
  const asked = wanted > 0 ? `you requested ${wanted} output tokens and ` : '';
  const reduce = `Please reduce the length of the input prompt${wanted > 0 ? ' or the number of requested output tokens' : ''}.`;
  const message = `This model's maximum context length is ${context} tokens. However, ${asked}your prompt contains ${contains}${total}. ${reduce}`;
  return refusedValue(message, param, value);
}
