import type { RecordedRequest } from './requests';

/** What a server answered: of a body that is no JSON or text only its length is kept. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly bytes: number;
}

/** Longer bodies are not kept: metrics and the documentation's page. */
const MAX_BODY = 20_000;
/** Headers that differ from answer to answer. */
const MOMENTARY = ['date', 'connection', 'keep-alive', 'transfer-encoding'];

/** Sends a request as it is; a request without a content type really has none. */
export async function ask(url: string, request: RecordedRequest): Promise<RecordedAnswer> {
  const { method, path, contentType } = request;
  // Bytes: fetch gives a string the type `text/plain` by itself.
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType };
  const response = await fetch(url + path, { method, headers, body });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => !MOMENTARY.includes(name))),
    ...(text.length <= MAX_BODY && { body: text }),
    bytes: Buffer.byteLength(text),
  };
}

/** One after the other, as a recording is made. */
export async function record(
  url: string,
  requests: readonly RecordedRequest[],
  onAnswer: (name: string, answer: RecordedAnswer) => void = () => undefined,
): Promise<Record<string, RecordedAnswer>> {
  const answers: Record<string, RecordedAnswer> = {};
  for (const request of requests) {
    const answer = await ask(url, request);
    answers[request.name] = answer;
    onAnswer(request.name, answer);
  }
  return answers;
}
