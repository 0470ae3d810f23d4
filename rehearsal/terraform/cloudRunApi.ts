import { messageOf } from '../../domain/failure';
import type { Surroundings } from './surroundings';
import { TerraformError } from './terraformError';
import { isObject, type Json } from './values';

/** Milliseconds between two looks at an operation. The provider's own are seconds; a rehearsal has no time for them. */
const POLL_MILLISECONDS = 200;
/** Waits before an answer that may pass (429, 500, 502, 503) is asked for again; the provider goes on for 20 minutes. */
const RETRY_MILLISECONDS = [250, 500, 1000, 2000];
const RETRIED = [429, 500, 502, 503];

/** The Cloud Run Admin API v2 as the provider calls it. */
export interface CloudRunApi {
  /** @throws TerraformError with the API's status and message, or with why there was no answer; `status` is on `ApiError`. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: Json): Promise<Json>;
  /** Waits for the operation to be done. @throws TerraformError with the operation's error. */
  wait(operation: Json, doing: string): Promise<void>;
}

export class ApiError extends TerraformError {
  constructor(
    readonly status: number,
    summary: string,
  ) {
    super(summary);
  }
}

/** @param endpoint ends in `v2/`. */
export function cloudRunApi(
  endpoint: string,
  token: string,
  { sleep, fetch }: Pick<Surroundings, 'sleep' | 'fetch'>,
): CloudRunApi {
  const send = async (method: string, url: string, body: Json | undefined): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    try {
      return await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    } catch (error) {
      // fetch says only that it failed; its cause says why.
      const { cause = error } = error as { cause?: unknown };
      throw new TerraformError(`${method} "${url}": ${messageOf(cause)}`);
    }
  };
  const call: CloudRunApi['call'] = async (method, path, body) => {
    const url = `${endpoint}${path}${path.includes('?') ? '&' : '?'}alt=json`;
    for (let attempt = 0; ; attempt++) {
      const response = await send(method, url, body);
      const text = await response.text();
      if (response.ok) return JSON.parse(text) as Json;
      const wait = RETRY_MILLISECONDS[attempt];
      if (!RETRIED.includes(response.status) || wait === undefined) {
        throw new ApiError(response.status, `googleapi: Error ${response.status}: ${apiMessage(text)}`);
      }
      await sleep(wait);
    }
  };
  const wait: CloudRunApi['wait'] = async (operation, doing) => {
    let latest = operation;
    while (latest.done !== true) {
      await sleep(POLL_MILLISECONDS);
      latest = await call('GET', String(latest.name));
    }
    if (!isObject(latest.error)) return;
    const { code, message } = latest.error;
    throw new TerraformError(
      `Error waiting for ${doing}: Error code ${String(code)}, message: ${String(message)}`,
    );
  };
  return { call, wait };
}

function apiMessage(text: string): string {
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return text;
  }
}
