import { Failure, type FailureDetails } from '../domain/failure';
import { audienceOf } from './audience';
import { serverReason } from './serverReason';

/** Node's fetch gives up by itself after so long without headers or a piece of the body (https://undici.nodejs.org, `headersTimeout`). */
export const FETCH_GIVES_UP_SECONDS = 300;

/** A request to the OCR service that brought no usable answer. */
export class ServiceFailure extends Failure {
  /** The same request may succeed in a moment: 429, 502, 503, 504 or no connection. */
  readonly transient: boolean;
  /** What the service asked for in `Retry-After`; undefined when it did not. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    details: Omit<FailureDetails, 'exitCode'> & { transient?: boolean; retryAfterSeconds?: number },
  ) {
    super({ ...details, exitCode: 1 });
    this.name = 'ServiceFailure';
    this.transient = details.transient ?? false;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Statuses that a start, a full instance or a proxy in between cause, and that pass. */
const TRANSIENT_STATUSES = [429, 502, 503, 504];

/** What a server said of an error: its status, headers and body. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Repeats the server's words: `quoteServer` of the client. */
  readonly quote?: boolean;
}

/** The failure for an HTTP status that is not 2xx. */
export function failureOfStatus({ status, headers, body, quote }: ErrorAnswer, url: string): ServiceFailure {
  const reason = serverReason(body, quote);
  const details = {
    where: url,
    got: `HTTP ${status}${reason && `: ${reason}`}`,
    transient: TRANSIENT_STATUSES.includes(status),
    retryAfterSeconds: retryAfterSeconds(headers.get('retry-after')),
  };
  if (status === 401 || status === 403) {
    return new ServiceFailure({
      ...details,
      code: 'NOT_AUTHORISED',
      message: 'The service does not let this identity in.',
      remedy: `grant the caller roles/run.invoker on the Cloud Run service at ${audienceOf(url)}, and mint its identity token with that URL as the audience`,
    });
  }
  if (status === 413) return requestTooLarge(undefined, url);
  if (status === 429) {
    return new ServiceFailure({
      ...details,
      code: 'OVERLOADED',
      message: 'No instance of the service had room for the request.',
      remedy: 'send fewer pages at once, raise scaling.maxInstances, or ask for more GPU quota',
    });
  }
  if (status >= 500) {
    return new ServiceFailure({
      ...details,
      code: 'SERVICE_ERROR',
      message: 'The service failed to answer the request.',
      remedy: "read the revision's logs in Cloud Logging",
    });
  }
  return new ServiceFailure({
    ...details,
    code: 'REQUEST_REFUSED',
    message: 'The service refused the request.',
    remedy: 'see that the URL is the service, and that model and page fit what it serves',
  });
}

/** No such host (a passing fault of the name server is EAI_AGAIN), or one that is not who it says: waiting changes neither. */
const WRONG_PLACE = /^ENOTFOUND$|CERT|^UNABLE_TO_VERIFY/;

/** The failure for a request that got no answer at all: `fetch` threw. */
export function failureOfConnection(error: unknown, url: string): ServiceFailure {
  const { cause } = error as { cause?: { code?: string } };
  const nodeTimedOut = cause?.code === 'UND_ERR_HEADERS_TIMEOUT' || cause?.code === 'UND_ERR_BODY_TIMEOUT';
  if (nodeTimedOut) return timedOut(FETCH_GIVES_UP_SECONDS, url);
  return new ServiceFailure({
    code: 'SERVICE_NOT_REACHABLE',
    message: 'No connection to the service.',
    where: url,
    // Never fetch's own message: of a token that is no header it repeats the token, of a URL its password.
    got: cause?.code ?? (error as Error).name,
    remedy: 'see that the URL is right and that this machine reaches it',
    transient: !WRONG_PLACE.test(cause?.code ?? ''),
  });
}

/**
 * What a service that is starting answers: no instance yet (429), not ready (502, 503, 504), or nothing in time. A refused
 * connection or an unknown host is none: Cloud Run's front end always answers.
 */
export function isColdStart(error: unknown): error is ServiceFailure {
  if (!(error instanceof ServiceFailure)) return false;
  if (error.code === 'SERVICE_NOT_REACHABLE')
    return error.got === 'UND_ERR_CONNECT_TIMEOUT' || error.got === 'ETIMEDOUT';
  return error.transient || error.code === 'TIMED_OUT';
}

/** The page as sent is larger than a request may be; `bytes` when we saw it ourselves. */
export function requestTooLarge(bytes: number | undefined, url: string): ServiceFailure {
  return new ServiceFailure({
    code: 'REQUEST_TOO_LARGE',
    message: 'The page is larger than the 32 MiB that a request may have.',
    where: url,
    got: bytes === undefined ? 'HTTP 413' : `${bytes} bytes`,
    remedy: 'scale pages down further (page.longestSidePixels)',
  });
}

/** A token that cannot be sent at all; said before fetch repeats it in its own error. */
export function malformedToken(url: string): ServiceFailure {
  return new ServiceFailure({
    code: 'NOT_AUTHORISED',
    message:
      'The identity token is no token: it is missing, empty, or holds spaces, line breaks or other characters.',
    where: url,
    remedy: 'see what supplies it (LIGHTONOCR_ID_TOKEN, identityToken); a JWT is one line',
  });
}

export function timedOut(timeoutSeconds: number, url: string): ServiceFailure {
  return new ServiceFailure({
    code: 'TIMED_OUT',
    message: `No whole answer within ${timeoutSeconds} s.`,
    where: url,
    remedy: `see whether the service is starting or overloaded; timeoutSeconds allows more time, up to ${FETCH_GIVES_UP_SECONDS} s with Node's fetch`,
  });
}

/** An answer with status 200 that is not what vLLM sends. `got` is its kind, never its content: that may be a page. */
export function badAnswer(got: string, url: string): ServiceFailure {
  return new ServiceFailure({
    code: 'BAD_ANSWER',
    message: 'The answer is not one of an OpenAI-compatible server.',
    where: url,
    got,
    remedy: 'see that the URL is the OCR service itself and not a login page or another service',
  });
}

/** `Retry-After` in its form with seconds; Cloud Run sends no dates. */
function retryAfterSeconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}
