import type { IncomingHttpHeaders } from 'node:http';
import { GoogleError, invalid } from './googleError';

export type Json = Record<string, unknown>;

/** One request to the control plane, its body read. */
export interface Call {
  readonly method: string;
  /** As sent, percent signs and all. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer that is not JSON with status 200. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body: Buffer | string = '',
    readonly headers: Record<string, string> = {},
  ) {}
}

/** Gets the variables of the path template in order; what it returns is sent as JSON unless it is a `Reply`. */
export type Handler = (call: Call, ...variables: string[]) => unknown;

// Keyed by method and Google's path template: `GET /v2/{name=projects/*/locations/*/services/*}`. The first match wins.
export type RouteTable = Readonly<Record<string, Handler>>;

function templatePattern(template: string): RegExp {
  const literal = (text: string) => text.replace(/[.+?^$()|[\]\\]/g, '\\$&');
  const pattern = template.replace(/\{\w+(?:=([^}]+))?\}|[^{]+/g, (part: string, inner?: string) => {
    if (!part.startsWith('{')) return literal(part);
    if (inner === '**') return '(.+)';
    return `(${(inner ?? '*').split('*').map(literal).join('[^/]+')})`;
  });
  return new RegExp(`^${pattern}$`);
}

/** A slash inside a resource's name stays `%2F`, as it is in Google's own names. */
function decodeVariable(variable: string): string {
  if (!variable.includes('/')) return decodeURIComponent(variable);
  return variable
    .split(/(\/|%2F)/i)
    .map((part) => (part.length === 3 && /%2f/i.test(part) ? '%2F' : decodeURIComponent(part)))
    .join('');
}

/** Finds the handler of a call and runs it. Unknown paths are a 404 that names method and path. */
export function router(table: RouteTable): (call: Call) => unknown {
  const routes = Object.entries(table).map(([key, handler]) => {
    const [method, template = ''] = key.split(' ');
    return { method, pattern: templatePattern(template), handler };
  });
  return (call) => {
    for (const { method, pattern, handler } of routes) {
      const match = method === call.method ? pattern.exec(call.path) : null;
      if (match) return handler(call, ...match.slice(1).map(decodeVariable));
    }
    throw noMethod(call);
  };
}

export function noMethod(call: Call): GoogleError {
  return new GoogleError('NOT_FOUND', `The local cloud has no method ${call.method} ${call.path}.`);
}

export function jsonBody(call: Call): Json {
  if (call.body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(call.body.toString('utf8'));
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)) return parsed as Json;
  } catch {
    // Same answer as for JSON that is no object.
  }
  throw invalid('Invalid JSON payload received. The body must be a JSON object.');
}

/** One page of a list in Google's form, by `pageSize` (or Storage's `maxResults`) and `pageToken`. */
export function page(
  query: URLSearchParams,
  key: string,
  items: readonly unknown[],
  defaultSize = 100,
): Json {
  const size = query.get('pageSize') ?? query.get('maxResults') ?? '0';
  if (!/^\d+$/.test(size)) throw invalid(`pageSize: expected a positive integer, got "${size}".`);
  const token = query.get('pageToken') || Buffer.from('0').toString('base64url');
  const start = Buffer.from(token, 'base64url').toString();
  if (!/^\d+$/.test(start)) throw invalid(`pageToken: "${token}" was not issued here.`);
  const end = Number(start) + (Number(size) || defaultSize);
  return {
    [key]: items.slice(Number(start), end),
    ...(end < items.length && { nextPageToken: Buffer.from(String(end)).toString('base64url') }),
  };
}
