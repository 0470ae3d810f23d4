import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A string is sent as it is, anything else as JSON; undefined never answers. */
  readonly body?: unknown;
}

/** An HTTP server that gives these answers one after another, the last one for ever, and remembers the requests. */
export async function startService(...answers: readonly Answer[]) {
  const requests: { method: string; url: string; authorization: string | undefined; body: string }[] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, url, authorization: headers.authorization, body });
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (answer?.body === undefined) return;
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status ?? 200, answer.headers).end(text);
    });
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
export type Service = Awaited<ReturnType<typeof startService>>;
