import type { RunLine } from '../logging';
import type { RequestRecord } from './dataPlane';
import type { Revision } from './resources';

/**
 * A request in `run.googleapis.com/requests`, which Cloud Run writes without being asked
 * (https://cloud.google.com/run/docs/logging#request-logs); `textPayload` only where the answer is Cloud Run's own.
 */
export function requestLine(root: string, request: RequestRecord, revision: Revision): RunLine {
  const { status, instance, problem, method, url, milliseconds } = request;
  return {
    log: 'requests',
    revision,
    ...(instance !== undefined && { instance }),
    ...(problem !== undefined && { text: problem }),
    severity: status >= 500 ? 'ERROR' : status >= 400 ? 'WARNING' : 'INFO',
    httpRequest: {
      requestMethod: method,
      requestUrl: `${root}/run/${url}`,
      status,
      remoteIp: '127.0.0.1',
      latency: `${milliseconds / 1000}s`,
      protocol: 'HTTP/1.1',
    },
  };
}
