/**
 * Kinds of answers of a vLLM service behind Cloud Run:
 * - `answered`: a 2xx;
 * - `identity-refused`: 401 or 403, which IAM answers before vLLM sees the request;
 * - `callers-mistake`: the same request will never succeed, and the service is well;
 * - `overloaded`: 429, no instance has room;
 * - `not-ready`: 408, 502, 503 or 504, what a start or a proxy in between answers;
 * - `draining`: a 500 of an instance that was told to stop: the same request succeeds on another one;
 * - `service-failed`: every other 5xx.
 */
export type AnswerKind =
  | 'answered'
  | 'identity-refused'
  | 'callers-mistake'
  | 'overloaded'
  | 'not-ready'
  | 'draining'
  | 'service-failed';

/** An answer's status and, where it has them, the fields of vLLM's `{"error": {message, type, param, code}}`. */
export interface Answer {
  readonly status: number;
  readonly message?: string;
}

/** vLLM 0.30.0 after SIGTERM, while `/health` is still 200 (measured on real vLLM, CPU). */
const DRAINING = /cannot schedule new futures after (?:interpreter )?shutdown/;

/**
 * What vLLM answers with a 500 although only the request is wrong (measured on real vLLM 0.30.0, CPU): an image URL that it
 * cannot fetch, in aiohttp's words; a file of its own disk; an image over Pillow's limit.
 */
const CALLERS_500: readonly RegExp[] = [
  /^Cannot connect to host \S+/,
  /^Cannot load local files without `--allowed-local-media-path`/,
  /could be decompression bomb/,
];

/** What an answer says of the service; of a 500 only its message tells whose fault it is. */
export function answerKind({ status, message = '' }: Answer): AnswerKind {
  if (status >= 200 && status < 300) return 'answered';
  if (status === 401 || status === 403) return 'identity-refused';
  if (status === 429) return 'overloaded';
  if ([408, 502, 503, 504].includes(status)) return 'not-ready';
  if (status < 500 || status === 501) return 'callers-mistake';
  if (status > 500) return 'service-failed';
  if (DRAINING.test(message)) return 'draining';
  return CALLERS_500.some((words) => words.test(message)) ? 'callers-mistake' : 'service-failed';
}

/** True where the service is to blame: what counts in an error rate. A start, a full or a stopping instance does not. */
export const isServiceFault = (answer: Answer): boolean => answerKind(answer) === 'service-failed';

/** vLLM's `error` object in a body; nothing for a proxy's page. */
export function vllmError(body: string): { type?: unknown; param?: unknown; message?: unknown } {
  try {
    return (JSON.parse(body) as { error?: object } | null)?.error ?? {};
  } catch {
    return {};
  }
}

/**
 * What a completion's `finish_reason` says of its text: `whole`; `cut` by a limit of tokens; `loop`, which vLLM ended itself;
 * `interrupted`: it says nothing of the page, and the same request may succeed (vLLM answers 200 with `abort` and an empty
 * text when it is stopped; measured on real vLLM 0.30.0, CPU). A reason that nobody knows is an interruption too.
 */
export type FinishKind = 'whole' | 'cut' | 'loop' | 'interrupted';

const FINISHES: Readonly<Record<string, FinishKind>> = { stop: 'whole', length: 'cut', repetition: 'loop' };

export const finishKind = (finishReason: string | null): FinishKind =>
  FINISHES[finishReason ?? ''] ?? 'interrupted';

/**
 * The tokens of a request that is longer than the context, by vLLM's sentences of several versions: 0.30's
 * `Input length (2384) exceeds model's maximum context length (2048).` among them. Undefined for any other message.
 */
export function contextExceeded(message: string): { context: number; input?: number } | undefined {
  const context = /maximum (?:context|model) length (?:is |of |\()(\d+)/.exec(message)?.[1];
  if (context === undefined) return undefined;
  const input =
    /Input length \((\d+)\)|contains at least (\d+) input tokens|has (\d+) input tokens|\((\d+) in the messages|prompt \(length (\d+)\)/
      .exec(message)
      ?.slice(1)
      .find(Boolean);
  return { context: Number(context), ...(input !== undefined && { input: Number(input) }) };
}
