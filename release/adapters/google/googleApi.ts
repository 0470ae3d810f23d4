import type { AuthClient } from 'google-auth-library';
import { Failure, messageOf } from '../../../domain/failure';
import { type Clock, systemClock } from '../../../ocr/clock';

/** The APIs that a release calls, with their public roots. */
const PUBLIC_ROOTS = {
  run: 'https://run.googleapis.com',
  secretmanager: 'https://secretmanager.googleapis.com',
  storage: 'https://storage.googleapis.com',
  monitoring: 'https://monitoring.googleapis.com',
  artifactregistry: 'https://artifactregistry.googleapis.com',
  cloudbuild: 'https://cloudbuild.googleapis.com',
  cloudquotas: 'https://cloudquotas.googleapis.com',
  iamcredentials: 'https://iamcredentials.googleapis.com',
  iam: 'https://iam.googleapis.com',
  serviceusage: 'https://serviceusage.googleapis.com',
  cloudresourcemanager: 'https://cloudresourcemanager.googleapis.com',
  logging: 'https://logging.googleapis.com',
  containeranalysis: 'https://containeranalysis.googleapis.com',
} as const;
export type Api = keyof typeof PUBLIC_ROOTS;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path below the API's root, with its version: `/v2/projects/…`. */
  readonly path: string;
  /** A list is one parameter a value. */
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly responseType?: 'json' | 'arraybuffer' | 'text';
  /** A POST that changes nothing, as Cloud Logging's `entries:list`: it is tried again as a GET is. */
  readonly reads?: boolean;
  /** Breaks the request off. */
  readonly signal?: AbortSignal;
}

export interface ApiResponse<T> {
  readonly status: number;
  readonly data: T;
  readonly headers: Headers;
}

/** Why Google refused, for programs (`google.rpc.ErrorInfo`, https://google.aip.dev/193): `SERVICE_DISABLED`, `IAM_PERMISSION_DENIED`. */
export interface ErrorInfo {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Google's answer was an error: its HTTP status and the API's own words. */
export class ApiError extends Failure {
  constructor(
    readonly status: number,
    readonly reason: string,
    details: { where: string; remedy: string },
    /** Not every API gives one. */
    readonly info?: ErrorInfo,
  ) {
    super({
      code: `API_${status}`,
      message: reason,
      got: `HTTP ${status}`,
      exitCode: 3,
      ...details,
    });
    this.name = 'ApiError';
  }
}

/** True for an API's answer with one of these HTTP statuses. */
export function isStatus(error: unknown, ...statuses: number[]): error is ApiError {
  return error instanceof ApiError && statuses.includes(error.status);
}

/** True where the API was never switched on in the project: nothing of its kind is there. */
export function isApiOff(error: unknown): boolean {
  return error instanceof ApiError && error.info?.reason === 'SERVICE_DISABLED';
}

export type CallApi = <T>(api: Api, request: ApiRequest) => Promise<ApiResponse<T>>;

/** A request hangs no longer than this; every long wait is a poll. */
const REQUEST_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Calls Google's REST APIs through google-auth-library, whose transport retries reads on 429 and 5xx with back-off.
 * Writes are not retried here: whoever writes reads again first.
 * @param endpoint replaces every API's root; for a private gateway or a local cloud.
 * @param asks called before each request; what it returns is told the answer's `Date` header.
 */
export function googleApi(
  client: () => Promise<AuthClient>,
  endpoint: string | undefined,
  clock: Clock = systemClock,
  asks: () => (date: string | null) => void = () => () => undefined,
): CallApi {
  return async <T>(api: Api, request: ApiRequest) => {
    const { method = 'GET', path, query = {}, body, contentType, responseType = 'json', signal } = request;
    const reads = method === 'GET' || request.reads === true;
    const url = new URL((endpoint ?? PUBLIC_ROOTS[api]).replace(/\/$/, '') + path);
    for (const [name, value] of Object.entries(query)) {
      for (const each of Array.isArray(value) ? (value as readonly string[]) : [value])
        if (each !== undefined) url.searchParams.append(name, String(each));
    }
    const where = `${method} ${url.origin}${url.pathname}`;
    signal?.throwIfAborted();
    const answered = asks();
    try {
      const response = await (
        await client()
      ).request<T>({
        url: url.toString(),
        method,
        responseType,
        timeout: REQUEST_TIMEOUT_MILLISECONDS,
        validateStatus: (status) => !reads || (status !== 429 && status < 500),
        retryConfig: {
          retry: reads ? 3 : 0,
          httpMethodsToRetry: [method],
          retryBackoff: (_error, milliseconds) => clock.sleep(milliseconds / 1000, signal),
        },
        ...(signal && { signal }),
        ...(body !== undefined && { data: body as never }),
        ...(contentType && { headers: { 'content-type': contentType } }),
      });
      const headers = new Headers(response.headers);
      answered(headers.get('date'));
      signal?.throwIfAborted(); // the transport does not look at a signal that fired before it began
      if (response.status >= 400) throw apiError(response.status, response.data, where);
      return { status: response.status, data: response.data, headers };
    } catch (error) {
      if (error instanceof Failure) throw error;
      signal?.throwIfAborted();
      const failed = (error as { response?: { status?: number; data?: unknown; headers?: Headers } })
        .response;
      answered(failed?.headers?.get('date') ?? null);
      if (failed?.status !== undefined) throw apiError(failed.status, failed.data, where);
      throw new Failure(
        {
          code: 'API_NOT_REACHABLE',
          message: `Google's API did not answer: ${messageOf(error)}`,
          where,
          remedy: endpoint
            ? `see that ${endpoint} is up, or unset LIGHTONOCR_ENDPOINT`
            : 'see that this machine reaches Google and has credentials: gcloud auth application-default login',
          exitCode: 3,
        },
        { cause: error },
      );
    }
  };
}

function apiError(status: number, data: unknown, where: string): ApiError {
  const error = errorOf(data);
  const { reason, metadata = {} } = error?.details?.find(({ reason }) => reason !== undefined) ?? {};
  return new ApiError(
    status,
    error?.message || `HTTP ${status} without a reason`,
    { where, remedy: remedyFor(status) },
    reason === undefined ? undefined : { reason, metadata },
  );
}

interface GoogleErrorForm {
  readonly message?: string;
  readonly details?: readonly Partial<ErrorInfo>[];
}

/** `error` of Google's error form, whether it came as JSON, text or bytes. */
function errorOf(data: unknown): GoogleErrorForm | undefined {
  const text =
    data instanceof ArrayBuffer || Buffer.isBuffer(data) ? Buffer.from(data as Buffer).toString() : data;
  try {
    const parsed = (typeof text === 'string' ? JSON.parse(text) : text) as
      { error?: GoogleErrorForm } | undefined;
    return parsed?.error;
  } catch {
    return { message: String(text).slice(0, 200) };
  }
}

function remedyFor(status: number): string {
  if (status === 401) return 'log in again: gcloud auth application-default login';
  if (status === 403)
    return 'give this identity the role that docs/release-protocol.md names for it, under "Identities"';
  if (status === 404) return 'see that the name is right and that its stack has been applied';
  return 'run the same command again; it goes on where it stopped';
}
