import { ApiError, type Invalid, invalidBody } from './apiError';

/** A chat request whose fields have the right types; `null` counts as left out, unknown fields are let pass, as vLLM does. */
export interface RequestBody {
  readonly model?: string;
  readonly messages: readonly Message[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly n: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export interface Message {
  readonly role: string;
  readonly content: string | readonly Readonly<Record<string, unknown>>[];
}

const INTEGER = /^\s*[+-]?\d+(?:\.0*)?\s*$/;

/** @throws ApiError of FastAPI's form, all problems together. */
export function readRequestBody(text: string, contentType: string | undefined): RequestBody {
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType ?? ''))
    throw new ApiError(
      400,
      "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
      'Bad Request',
    );
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    const input = Array.isArray(body) ? `<list of ${body.length} items>` : String(body);
    throw invalidBody([{ type: 'model_attributes_type', loc: 'body', msg, input }]);
  }
  return readFields(body as Record<string, unknown>);
}

function parseJson(text: string): unknown {
  if (text === '')
    throw invalidBody([{ type: 'missing', loc: 'body', msg: 'Field required', input: 'None' }]);
  try {
    return JSON.parse(text);
  } catch (error) {
    const said = (error as Error).message;
    const at = /position (\d+)/.exec(said)?.[1] ?? String(text.length);
    const ctx = /property name/.test(said)
      ? 'Expecting property name enclosed in double quotes'
      : 'Expecting value';
    const problem = { type: 'json_invalid', msg: 'JSON decode error', input: '<dict of 0 items>', ctx };
    throw invalidBody([{ ...problem, loc: `body.${at}` }]);
  }
}

/** Reads fields one by one and collects what is wrong with them, as pydantic does. */
function readFields(body: Record<string, unknown>): RequestBody {
  const problems: Invalid[] = [];
  const wrong = (type: string, key: string, msg: string, input: unknown) =>
    void problems.push({ type, loc: `body.${key}`, msg, input: String(input) });

  const number = (key: string, whole: boolean): number | undefined => {
    const value = body[key] ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value === undefined ? value : Number(value);
    const [kind, what] = whole ? ['int', 'a valid integer'] : ['float', 'a valid number'];
    if (typeof value === 'string') {
      const isNumber = whole ? INTEGER.test(value) : value.trim() !== '' && Number.isFinite(Number(value));
      if (isNumber) return Number(value);
      const a = whole ? 'an integer' : 'a number';
      wrong(`${kind}_parsing`, key, `Input should be ${what}, unable to parse string as ${a}`, value);
    } else if (typeof value !== 'number') wrong(`${kind}_type`, key, `Input should be ${what}`, value);
    else if (!whole || Number.isInteger(value)) return value;
    else wrong('int_from_float', key, `Input should be ${what}, got a number with a fractional part`, value);
    return undefined;
  };

  const messages = readMessages(body, problems);
  const { model } = body;
  if (model !== undefined && model !== null && typeof model !== 'string')
    wrong('string_type', 'model', 'Input should be a valid string', model);
  const maxTokens = number('max_completion_tokens', true) ?? number('max_tokens', true);
  const [temperature, topP, n] = [number('temperature', false), number('top_p', false), number('n', true)];
  if (problems.length > 0) throw invalidBody(problems);
  const { include_usage: includeUsage } = (body.stream_options ?? {}) as { include_usage?: unknown };
  return {
    messages,
    n: n ?? 1,
    stream: body.stream === true,
    includeUsage: includeUsage === true,
    ...(typeof model === 'string' && { model }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
  };
}

function readMessages(body: Record<string, unknown>, problems: Invalid[]): readonly Message[] {
  const { messages } = body;
  const input = `<dict of ${Object.keys(body).length} items>`;
  if (messages === undefined)
    problems.push({ type: 'missing', loc: 'body.messages', msg: 'Field required', input });
  else if (!Array.isArray(messages)) {
    const msg = 'Input should be a valid list';
    problems.push({ type: 'list_type', loc: 'body.messages', msg, input: typeof messages });
  } else {
    for (const [at, message] of messages.entries()) problems.push(...messageProblems(message, at));
    return messages as Message[];
  }
  return [];
}

/** vLLM lists what is wrong for each kind of message; here the first. */
function messageProblems(message: unknown, at: number): Invalid[] {
  const loc = `body.messages.${at}.ChatCompletionDeveloperMessageParam`;
  const { role, content } = (message ?? {}) as Partial<Record<string, unknown>>;
  if (role === undefined) {
    const input = `<dict of ${Object.keys(message ?? {}).length} items>`;
    return [{ type: 'missing', loc: `${loc}.role`, msg: 'Field required', input }];
  }
  if (typeof content === 'string' || Array.isArray(content) || content === undefined || content === null)
    return [];
  const msg = 'Input should be a valid string';
  return [{ type: 'string_type', loc: `${loc}.content`, msg, input: typeof content }];
}
