import { vllmError } from '../../domain/service/answerKind';
import type { RecordedAnswer } from './record';

/** Of an answer, what the project reads and what does not change from one run to the next. */
export interface ComparedAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly allow?: string;
  /** Of a validation the first two lines, of other messages the first, without addresses of memory. */
  readonly error?: { readonly type: unknown; readonly param: unknown; readonly message: string };
  readonly detail?: string;
  readonly choices?: number;
  readonly promptTokens?: number;
}

interface Body {
  readonly detail?: string;
  readonly choices?: readonly unknown[];
  readonly usage?: { readonly prompt_tokens: number };
}

export function comparedAnswer({ status, headers, body = '' }: RecordedAnswer): ComparedAnswer {
  const contentType = headers['content-type'];
  const { type, param, message } = vllmError(body);
  const { detail, choices, usage } = body.startsWith('{') ? (JSON.parse(body) as Body) : {};
  return {
    status,
    ...(contentType !== undefined && { contentType }),
    ...(headers.allow !== undefined && { allow: headers.allow }),
    ...(typeof message === 'string' && { error: { type, param, message: kindOf(message) } }),
    ...(detail !== undefined && { detail }),
    ...(choices && { choices: choices.length }),
    ...(usage && { promptTokens: usage.prompt_tokens }),
  };
}

/**
 * A message without what belongs to one process or one library's version: addresses, Pillow's count of lost bytes, the
 * number of kinds that pydantic tried, and the processor's settings.
 */
function kindOf(message: string): string {
  const [first = ''] = message.split('\n');
  return first
    .replace(/ at 0x[0-9A-F]+/g, '')
    .replace(/ with kwargs=.*$/, '')
    .replace(/ \(\d+ bytes not processed\)/, '')
    .replace(/^\d+ validation errors?/, 'validation errors');
}

/** Names of requests that two recordings answer differently, with both answers. */
export function differences(
  real: Readonly<Record<string, RecordedAnswer>>,
  standIn: Readonly<Record<string, RecordedAnswer>>,
): { name: string; real: ComparedAnswer; standIn: ComparedAnswer | undefined }[] {
  return Object.entries(real).flatMap(([name, answer]) => {
    const expected = comparedAnswer(answer);
    const other = standIn[name];
    const got = other && comparedAnswer(other);
    return JSON.stringify(expected) === JSON.stringify(got) ? [] : [{ name, real: expected, standIn: got }];
  });
}
