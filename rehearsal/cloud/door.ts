import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../../domain/failure';
import type { Clock } from '../../ocr/clock';
import { GoogleError } from './googleError';
import { type Call, Reply } from './routes';

/** A request, before it is read. */
export interface Asked {
  readonly method: string;
  /** Of Google's API, or below `/run/` of a service. */
  readonly path: string;
  /** With its query. */
  readonly url: string;
  readonly authorization?: string | undefined;
}

/** Who answers behind the one port. */
export interface Behind {
  /** An error that is answered in place of whoever is asked. */
  interfere?(asked: Asked): GoogleError | undefined;
  /** Google's APIs: the answer's JSON, or a `Reply`. */
  control(call: Call): unknown;
  /** Services and their tags; `host` is `SERVICE` or `TAG---SERVICE`. */
  toRevision(request: IncomingMessage, response: ServerResponse, host: string, path: string): Promise<void>;
}

/**
 * One port for Google's APIs and, below `/run/`, for services.
 * @param clock for the `Date` of Google's answers.
 * @throws Failure `PORT_IN_USE`, exit code 2.
 */
export async function openDoor(
  port: number,
  clock: Pick<Clock, 'now'>,
  { interfere, control, toRevision }: Behind,
): Promise<{ readonly url: string; readonly answer: RequestListener; close(): Promise<void> }> {
  const send = (
    response: ServerResponse,
    status: number,
    body: Buffer | string,
    headers: Record<string, string>,
  ) =>
    response
      .writeHead(status, {
        ...headers,
        date: clock.now().toUTCString(),
        'content-length': Buffer.byteLength(body),
      })
      .end(body);
  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((error: unknown) => {
      const known =
        error instanceof GoogleError ? error : new GoogleError('INTERNAL', String((error as Error).stack));
      if (response.headersSent) response.destroy();
      else send(response, known.code, JSON.stringify(known), { 'content-type': 'application/json' });
    });
  };
  const server = createServer(listener);
  // Generation may take an hour, as a request on Cloud Run may.
  server.requestTimeout = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams, search } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const { authorization } = request.headers;
    const asked = { method: request.method ?? 'GET', path: pathname, url: request.url ?? '/', authorization };
    const error = interfere?.(asked);
    if (error !== undefined) {
      request.resume();
      throw error;
    }
    const [, toService, host = '', rest = '/'] = /^\/(run)\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
    if (toService) return toRevision(request, response, host, `${rest}${search}`);
    if (!/^Bearer .+/i.test(request.headers.authorization ?? '')) {
      throw new GoogleError('UNAUTHENTICATED', 'Request is missing required authentication credential.');
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = 'GET', headers } = request;
    const body = Buffer.concat(chunks);
    const result = await control({ method, path: pathname, query: searchParams, headers, body });
    if (result instanceof Reply) send(response, result.status, result.body, result.headers);
    else send(response, 200, JSON.stringify(result), { 'content-type': 'application/json; charset=UTF-8' });
  }

  return {
    url: await listen(server, port),
    answer: listener,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      const details = {
        code: 'PORT_IN_USE',
        message: `Port ${port} is taken by another process.`,
        where: `127.0.0.1:${port}`,
        got: String(port),
        remedy: 'choose another port, or 0 for any free one',
        exitCode: 2 as const,
      };
      reject(new Failure(details, { cause: error }));
    });
    server.listen(port, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
