import type { ZodType } from 'zod';
import type { Deadline } from './clock';
import {
  badAnswer,
  failureOfConnection,
  failureOfStatus,
  malformedToken,
  requestTooLarge,
  ServiceFailure,
  timedOut,
} from './serviceFailure';

/** Most that Cloud Run takes in one request over HTTP/1 (https://cloud.google.com/run/quotas). */
const MAX_BODY_BYTES = 32 * 2 ** 20;
/** A page of 4096 tokens is some 20 kB; a hundred times that is no page. */
const MAX_ANSWER_BYTES = 2 * 2 ** 20;
/** What a header may hold (RFC 9110, 5.5), for a token: printable ASCII. */
const TOKEN = /^[\x21-\x7e]+$/;

export interface ServiceRequest<T> {
  readonly url: string;
  /** JSON; a POST when there is one, else a GET. */
  readonly body?: Buffer;
  /** None: no Authorization header. */
  readonly token: string | undefined;
  readonly timeoutSeconds: number;
  readonly quoteServer: boolean;
  /** What the answer must look like. */
  readonly schema: ZodType<T>;
  readonly signal: AbortSignal | undefined;
  readonly fetch: typeof fetch;
  readonly deadline: Deadline;
}

/**
 * One request to the service, its answer checked.
 * A redirect is never followed: it would carry the page to another host.
 * @throws ServiceFailure, or the signal's reason when the caller's signal fired.
 */
export async function requestJson<T>(request: ServiceRequest<T>): Promise<T> {
  const { url, body, signal } = request;
  if (body !== undefined && body.length > MAX_BODY_BYTES) throw requestTooLarge(body.length, url);
  const { token } = request;
  if (token !== undefined && !(typeof token === 'string' && TOKEN.test(token))) throw malformedToken(url);
  const { signal: timeout, end } = request.deadline(request.timeoutSeconds);
  let response: Response;
  let text: string;
  try {
    response = await request.fetch(url, {
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        'content-type': 'application/json',
      },
      ...(body !== undefined && { method: 'POST', body }),
    });
    text = await textOf(response, url);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ServiceFailure) throw error;
    throw timeout.aborted ? timedOut(request.timeoutSeconds, url) : failureOfConnection(error, url);
  } finally {
    end();
  }
  if (response.status >= 300 && response.status < 400)
    throw badAnswer(`HTTP ${response.status}, a redirect`, url);
  const { status, headers } = response;
  if (!response.ok) throw failureOfStatus({ status, headers, body: text, quote: request.quoteServer }, url);
  return parsed(text, response.headers.get('content-type'), request);
}

/** A server that never stops sending must not fill the memory. */
async function textOf({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += (chunk as Uint8Array).length;
    if (length > MAX_ANSWER_BYTES) throw badAnswer(`more than ${MAX_ANSWER_BYTES} bytes`, url);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Neither JSON.parse's message nor a part of the text goes into an error: it may be a page's content. */
function parsed<T>(text: string, contentType: string | null, { schema, url }: ServiceRequest<T>): T {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw badAnswer(
      `${text.length} characters of ${contentType ?? 'no content type'} that are not JSON`,
      url,
    );
  }
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const keys = result.error.issues.map((issue) => issue.path.join('.') || 'the answer itself');
  throw badAnswer(`JSON with wrong or missing ${keys.join(', ')}`, url);
}
