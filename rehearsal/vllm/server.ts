import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bulkhead } from 'cockatiel';
import type { VllmOptions } from './args';
import { ApiError, completions, type Completions } from './completions';
import type { Fault } from './fault';
import type { PageReader } from './reader';

/** What `/version` and the first line of the log say: nobody shall take this for the real thing. */
export const VERSION = 'stand-in for vLLM (tesseract.js reads the pages, no model)';

export interface StandIn {
  readonly server: Server;
  /** From here on `/health` is 200 and completions are answered. */
  loaded(reader: PageReader): void;
}

/**
 * vLLM's OpenAI server as far as a release needs it: `/health`, `/version`, `/metrics`, `/v1/models`,
 * `/v1/chat/completions`. It answers `--max-num-seqs` requests at once and queues the others, as the engine does.
 * Real vLLM opens its port when the engine is loaded; this one opens it at once and answers 503 until then, so that a
 * probe that looks at the port alone is seen to be wrong.
 */
export function createStandIn(options: VllmOptions, fault: Fault): StandIn {
  const created = Math.floor(Date.now() / 1000);
  const sequences = bulkhead(options.maxNumSeqs, Number.MAX_SAFE_INTEGER);
  let reader: PageReader | undefined;
  let engine: Completions | undefined;
  let succeeded = 0;

  async function chat(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const body = await bodyOf(request);
    return sequences.execute(async () => {
      if (response.destroyed) return undefined; // the client went away while its request was queued
      const answer = await engine?.complete(body);
      succeeded += 1;
      return answer;
    });
  }

  const models = () => ({
    object: 'list',
    data: options.servedModelNames.map((id) => ({
      id,
      object: 'model',
      created,
      owned_by: 'vllm',
      root: options.model,
      parent: null,
      max_model_len: options.maxModelLen,
    })),
  });

  const metrics = () => {
    const label = `{model_name=${JSON.stringify(options.servedModelNames[0])}}`;
    return [
      `vllm:num_requests_running${label} ${options.maxNumSeqs - sequences.executionSlots}`,
      `vllm:num_requests_waiting${label} ${Number.MAX_SAFE_INTEGER - sequences.queueSlots}`,
      `vllm:request_success_total${label} ${succeeded}`,
      `stand_in:pages_read_total ${reader?.pagesRead ?? 0}`,
    ]
      .map(
        (line) =>
          `# TYPE ${line.split(/[{ ]/, 1)[0]} ${line.includes('_total') ? 'counter' : 'gauge'}\n${line}\n`,
      )
      .join('');
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/version') return { version: VERSION };
    if (engine === undefined)
      throw new ApiError(503, 'the model is still loading', 'ServiceUnavailableError');
    if (path === '/health') return '';
    if (path === '/metrics') return metrics();
    if (path === '/v1/models') return models();
    if (path !== '/v1/chat/completions') throw new ApiError(404, 'Not Found', 'NotFoundError');
    if (request.method !== 'POST') throw new ApiError(405, 'Method Not Allowed');
    return chat(request, response);
  }

  const server = createServer((request, response) => {
    answer(request, response).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const known =
          error instanceof ApiError ? error : new ApiError(500, 'internal error', 'InternalServerError');
        send(response, known.status, known.body);
      },
    );
  });
  return {
    server,
    loaded(ready) {
      reader = ready;
      engine = completions(options, fault, ready);
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ApiError(400, 'the body is not JSON');
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const [type, text] =
    typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)];
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(text);
}
