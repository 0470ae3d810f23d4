import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bulkhead } from 'cockatiel';
import { ApiError } from './apiError';
import type { VllmOptions } from './args';
import { type Complete, completionBody, completionEvents, completions } from './completions';
import type { Fault } from './fault';
import { metricsText } from './metrics';
import type { PageReader } from './reader';
import { readRequestBody } from './requestBody';
import { ROUTES } from './routes';

/** The first line of the log and the header `x-stand-in`: nobody shall take this for the real thing. */
export const STAND_IN = 'stand-in for vLLM (tesseract.js reads the pages, no model)';

export interface StandIn {
  readonly server: Server;
  /** SIGTERM: from here on no new request gets into the engine, and what waits for a place in it is aborted. */
  drain(): void;
  /** Completions that are in the engine. */
  readonly running: () => number;
}

/** What the engine and its server are made of. */
export interface Parts {
  readonly options: VllmOptions;
  readonly version: string;
  readonly fault: Fault;
  readonly reader: PageReader;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = (body: unknown, status = 200): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

/**
 * vLLM's OpenAI server as far as a release needs it, with the answers that real vLLM 0.30.0 gave (measured on a CPU). It
 * answers `--max-num-seqs` requests at once and queues the others, as the engine does. Its port is opened once it can
 * answer: real vLLM refuses connections until the moment when `/health` is 200.
 */
export function createStandIn({ options, version, fault, reader }: Parts): StandIn {
  const created = Math.floor(Date.now() / 1000);
  const sequences = bulkhead(options.maxNumSeqs, Number.MAX_SAFE_INTEGER);
  const complete: Complete = completions(options, version, fault, reader);
  const stopping = new AbortController();
  const never = new AbortController();
  const fingerprint = `vllm-${version}-${randomBytes(4).toString('hex')}`;
  const finished: Record<string, number> = {};

  async function chat(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const body = readRequestBody(await textOf(request), request.headers['content-type']);
    // The thread pool that makes a prompt of a request is the first to go.
    if (stopping.signal.aborted)
      throw new ApiError(500, 'cannot schedule new futures after shutdown', 'InternalServerError');
    const completion = await sequences.execute(async () => {
      if (response.destroyed) return undefined; // the client went away while its request was queued
      const isTooLate = stopping.signal.aborted;
      const answer = await complete(body, isTooLate ? stopping.signal : never.signal);
      const { finishReason } = answer.choice;
      finished[finishReason] = (finished[finishReason] ?? 0) + 1;
      return answer;
    });
    if (completion === undefined) return undefined;
    const id = `chatcmpl-${randomBytes(8).toString('hex')}`;
    const model = options.servedModelNames[0] ?? options.model;
    const stamp = { id, created: Math.floor(Date.now() / 1000), model, fingerprint };
    return completion.request.stream
      ? { status: 200, type: 'text/event-stream; charset=utf-8', body: completionEvents(completion, stamp) }
      : json(completionBody(completion, stamp));
  }

  const pages: Readonly<Record<string, () => Answer>> = {
    '/health': () => ({ status: 200, body: '' }),
    '/ping': () => ({ status: 200, body: '' }),
    '/version': () => json({ version }),
    '/load': () => json({ server_load: 0 }),
    '/v1/models': () => json(modelList(options, created)),
    '/docs': () => ({ status: 200, type: 'text/html; charset=utf-8', body: '<!DOCTYPE html>\n' }),
    '/metrics': () => ({
      status: 200,
      type: 'text/plain; version=1.0.0; charset=utf-8',
      body: metricsText(options, {
        running: options.maxNumSeqs - sequences.executionSlots,
        waiting: Number.MAX_SAFE_INTEGER - sequences.queueSlots,
        finished,
        pagesRead: reader.pagesRead,
      }),
    }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const methods = ROUTES[path];
    if (methods === undefined) return json({ detail: 'Not Found' }, 404);
    if (!methods.includes(request.method ?? ''))
      return { ...json({ detail: 'Method Not Allowed' }, 405), headers: { allow: methods.join(', ') } };
    const page = pages[path];
    return page ? page() : chat(request, response);
  }

  const server = createServer((request, response) => {
    answer(request, response).then(
      (answered) => answered && send(request, response, answered),
      (error: unknown) => {
        const known =
          error instanceof ApiError ? error : new ApiError(500, 'internal error', 'InternalServerError');
        send(request, response, json(known.body, known.status));
      },
    );
  });
  return {
    server,
    running: () => options.maxNumSeqs - sequences.executionSlots,
    drain: () => stopping.abort(),
  };
}

const modelList = ({ servedModelNames, model, maxModelLen }: VllmOptions, created: number) => ({
  object: 'list',
  data: servedModelNames.map((id) => ({
    ...{
      id,
      object: 'model',
      created,
      owned_by: 'vllm',
      root: model,
      parent: null,
      max_model_len: maxModelLen,
    },
    permission: [],
  })),
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, headers, body }: Answer,
): void {
  const length = String(request.method === 'HEAD' ? 0 : Buffer.byteLength(body));
  response
    .writeHead(status, {
      ...{ server: 'uvicorn', 'x-stand-in': STAND_IN, 'content-length': length },
      ...(type !== undefined && { 'content-type': type }),
      ...headers,
    })
    .end(request.method === 'HEAD' ? undefined : body);
}
