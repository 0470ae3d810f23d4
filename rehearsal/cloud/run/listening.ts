import { get, type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { omit } from '../collections';
import { GoogleError } from '../googleError';

/** What listens in a container, however it is reached. */
export interface Listening {
  /** Whether it takes a connection. */
  connects(): Promise<boolean>;
  /** Status of a GET; undefined without an answer. */
  status(path: string, signal: AbortSignal): Promise<number | undefined>;
  /**
   * Passes one request on and its answer back; `path` with its query. Resolves when the answer, or its client, is gone.
   * @throws GoogleError 503 when the container ends without an answer, 504 when the signal fires.
   */
  pass(request: IncomingMessage, response: ServerResponse, path: string, timeout: AbortSignal): Promise<void>;
}

/** Status of a request whose instance ended, in the middle of its answer too. */
export const BROKEN = 503;

/** Ends an answer that can no longer be a whole one. */
export function breakOff(response: ServerResponse): void {
  response.statusCode = BROKEN;
  response.destroy();
}

/** Why a request had no answer. */
export const noAnswer = (timeout: AbortSignal) =>
  timeout.aborted
    ? new GoogleError('DEADLINE_EXCEEDED', 'upstream request timeout')
    : new GoogleError('UNAVAILABLE', 'The request failed because the instance ended or did not answer.');

/** Headers that end at Cloud Run. */
export const passedHeaders = ({ headers }: IncomingMessage) => omit(headers, 'authorization', 'connection');

/** A port of this machine. */
export function listeningOn(port: number): Listening {
  const host = '127.0.0.1';
  return {
    connects: () =>
      new Promise((resolve) => {
        const socket = connect({ host, port }, () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      }),
    status: (path, signal) =>
      new Promise((resolve) => {
        get({ host, port, path, signal, agent: false }, (response) =>
          resolve(response.resume().statusCode),
        ).on('error', () => resolve(undefined));
      }),
    // On a connection of its own: a kept one could belong to a process that is gone.
    pass: (request, response, path, signal) =>
      new Promise((resolve, reject) => {
        const { method } = request;
        const headers = passedHeaders(request);
        const upstream = forward({ host, port, path, method, headers, agent: false, signal });
        upstream.on('response', (answer) => {
          response.writeHead(answer.statusCode ?? 502, omit(answer.headers, 'connection', 'keep-alive'));
          answer.pipe(response);
          answer.on('error', () => breakOff(response));
        });
        upstream.on('error', () => {
          if (response.headersSent) breakOff(response);
          else reject(noAnswer(signal));
        });
        response.on('close', () => {
          upstream.destroy();
          resolve();
        });
        request.pipe(upstream);
      }),
  };
}
