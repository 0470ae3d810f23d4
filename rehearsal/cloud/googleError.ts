/** HTTP status of each canonical code that the local cloud answers (https://cloud.google.com/apis/design/errors). */
const HTTP_STATUS = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  CONDITION_NOT_MET: 412,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;
export type GoogleStatus = keyof typeof HTTP_STATUS;

/** An answer in Google's error form. */
export class GoogleError extends Error {
  readonly code: number;

  constructor(
    readonly status: GoogleStatus,
    message: string,
    /** `google.rpc.ErrorInfo` and its like, as https://google.aip.dev/193 has them. */
    readonly details: readonly object[] = [],
  ) {
    super(message);
    this.name = 'GoogleError';
    this.code = HTTP_STATUS[status];
  }

  /** `errors` is what the Storage client looks at, `status` what the others do. */
  toJSON(): unknown {
    const { code, message, status, details } = this;
    const errors = [{ message, domain: 'global', reason: status }];
    return { error: { code, message, status, errors, ...(details.length > 0 && { details }) } };
  }
}

export function invalid(message: string): GoogleError {
  return new GoogleError('INVALID_ARGUMENT', message);
}

export function notFound(name: string): GoogleError {
  return new GoogleError('NOT_FOUND', `Resource '${name}' was not found.`);
}
