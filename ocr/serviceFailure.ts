import { Failure, type FailureDetails } from '../domain/failure';
import { type AnswerKind, answerKind, contextExceeded, vllmError } from '../domain/service/answerKind';
import { audienceOf } from './audience';
import { serverReason } from './serverReason';

/** Node's fetch gives up by itself after so long without headers or a piece of the body (https://undici.nodejs.org, `headersTimeout`). */
export const FETCH_GIVES_UP_SECONDS = 300;

/** A request to the OCR service that brought no usable answer. */
export class ServiceFailure extends Failure {
  /** The same request may succeed in a moment: 429, 502, 503, 504, an instance that is stopping, or no connection. */
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

/** Answers that a start, a full or a stopping instance, or a proxy in between cause, and that pass. */
const TRANSIENT: readonly AnswerKind[] = ['overloaded', 'not-ready', 'draining'];

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
  const { message } = vllmError(body);
  const words = typeof message === 'string' ? message : '';
  const kind = answerKind({ status, message: words });
  const details = {
    where: url,
    got: `HTTP ${status}${reason && `: ${reason}`}`,
    transient: TRANSIENT.includes(kind),
    retryAfterSeconds: retryAfterSeconds(headers.get('retry-after')),
  };
  if (kind === 'identity-refused') {
    return new ServiceFailure({
      ...details,
      code: 'NOT_AUTHORISED',
      message: 'The service does not let this identity in.',
      remedy: `grant the caller roles/run.invoker on the Cloud Run service at ${audienceOf(url)}, and mint its identity token with that URL as the audience; another server's key is LIGHTONOCR_API_KEY (--url)`,
    });
  }
  if (status === 413) return requestTooLarge(undefined, url);
  if (kind === 'overloaded') {
    return new ServiceFailure({
      ...details,
      code: 'OVERLOADED',
      message: 'No instance of the service had room for the request.',
      remedy: 'send fewer pages at once, raise scaling.maxInstances, or ask for more GPU quota',
    });
  }
  if (kind === 'draining') return instanceStopping(details);
  if (kind === 'service-failed' || kind === 'not-ready') {
    return new ServiceFailure({
      ...details,
      code: 'SERVICE_ERROR',
      message: 'The service failed to answer the request.',
      remedy: "read the revision's logs in Cloud Logging",
    });
  }
  const tooLong = contextExceeded(words);
  if (tooLong) {
    return new ServiceFailure({
      ...details,
      code: 'PAGE_EXCEEDS_CONTEXT',
      message: `The page does not fit the service's context of ${tooLong.context} tokens.`,
      remedy: 'scale pages down further (page.longestSidePixels), or raise vllm.maxModelLen',
    });
  }
  return new ServiceFailure({
    ...details,
    code: 'REQUEST_REFUSED',
    message: 'The service refused the request.',
    remedy: 'see that the URL is the service, and that model and page fit what it serves',
  });
}

/** An instance that has its SIGTERM takes no request any more; Cloud Run sends the next one to another. */
const instanceStopping = (details: Pick<FailureDetails, 'where' | 'got'> & { transient: boolean }) =>
  new ServiceFailure({
    ...details,
    code: 'INSTANCE_STOPPING',
    message: 'The instance that got the request is being stopped.',
    remedy: 'send the page again; when it goes on, see in the logs of the service which instances end',
  });

/**
 * A completion that says nothing of its page: `abort` when the instance was stopped under it, `error` when its engine
 * failed, or a reason that nobody knows. The page is read again as it is.
 */
export function pageInterrupted(finishReason: string | null, url: string): ServiceFailure {
  const got = `finish_reason ${finishReason === null || /^\w{1,40}$/.test(finishReason) ? finishReason : 'that is no word'}`;
  const details = { where: url, got, transient: true };
  if (finishReason === 'abort') return instanceStopping(details);
  return new ServiceFailure({
    ...details,
    code: 'PAGE_INTERRUPTED',
    message: 'The service ended the page before it was read.',
    remedy: "send the page again; when it goes on, read the revision's logs in Cloud Logging",
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
  if (error.code === 'INSTANCE_STOPPING' || error.code === 'PAGE_INTERRUPTED') return false;
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
