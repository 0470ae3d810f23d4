import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export interface Call {
  readonly method: string;
  /** Path with its query. */
  readonly url: string;
  readonly authorization?: string;
  readonly body: Json;
}

/**
 * A Cloud Run Admin API of one idea: it keeps what it is sent and records every call. No revisions, no mask but `traffic`,
 * no checks: what the stand-in sends is under test here, not what Cloud Run thinks of it.
 */
export interface FakeCloudRun {
  /** `http://127.0.0.1:PORT/v2/`. */
  readonly endpoint: string;
  readonly services: Map<string, Json>;
  /** Without polls and refreshes: only what changes something. */
  readonly writes: Call[];
  readonly calls: Call[];
  /** Statuses that the next requests get instead of an answer. */
  readonly refusals: { status: number; message: string }[];
  /** Messages with which the next operations end, after the service has taken the new template. */
  readonly failures: string[];
  close(): Promise<void>;
}

export async function startFakeCloudRun(): Promise<FakeCloudRun> {
  const services = new Map<string, Json>();
  const operations = new Map<string, { polls: number; body: Json }>();
  const calls: Call[] = [];
  const writes: Call[] = [];
  const refusals: FakeCloudRun['refusals'] = [];
  const failures: string[] = [];

  const operate = (service: string, response: Json): Json => {
    const name = `${service.replace(/\/services\/.*/, '')}/operations/${operations.size + 1}`;
    const failure = failures.shift();
    const outcome = failure === undefined ? { response } : { error: { code: 9, message: failure } };
    operations.set(name, { polls: 0, body: { name, done: true, ...outcome } });
    return { name, done: false };
  };
  const store = (name: string, body: Json): Json => {
    const old = services.get(name);
    const generation = String(Number(old?.generation ?? 0) + 1);
    const failed = failures.length > 0;
    const revision = (body.template as { revision?: string }).revision ?? `auto-${generation}`;
    const service = {
      traffic: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 }],
      ...body,
      name,
      generation,
      observedGeneration: generation,
      etag: `"etag-${generation}"`,
      uid: 'u-1',
      createTime: '2026-11-24T00:00:00.000000Z',
      updateTime: `2026-11-24T00:00:0${generation}.000000Z`,
      launchStage: 'GA',
      uri: 'https://service-x.a.run.app',
      urls: ['https://service-1.us-central1.run.app', 'https://service-x.a.run.app'],
      latestCreatedRevision: `${name}/revisions/${revision}`,
      ...(failed ? {} : { latestReadyRevision: `${name}/revisions/${revision}` }),
      terminalCondition: { type: 'Ready', state: failed ? 'CONDITION_FAILED' : 'CONDITION_SUCCEEDED' },
    };
    services.set(name, service);
    return service;
  };
  const answer = (method: string, url: URL, body: Json): [number, Json] => {
    const path = url.pathname.replace('/v2/', '');
    const refusal = refusals.shift();
    if (refusal)
      return [refusal.status, { error: { code: refusal.status, message: refusal.message, status: 'X' } }];
    const operation = operations.get(path);
    if (operation) return [200, operation.polls++ === 0 ? { name: path, done: false } : operation.body];
    if (method === 'POST') {
      const name = `${path}/${url.searchParams.get('serviceId')}`;
      return [200, operate(name, store(name, body))];
    }
    const [resource = path, verb] = path.split(':');
    const service = services.get(resource);
    if (service && verb === 'getIamPolicy') return [200, {}];
    if (!service)
      return [
        404,
        { error: { code: 404, message: `Resource '${path}' was not found`, status: 'NOT_FOUND' } },
      ];
    if (method === 'GET') return [200, service];
    if (method === 'DELETE') services.delete(path);
    const mask = url.searchParams.get('updateMask');
    return [
      200,
      operate(
        path,
        method === 'DELETE'
          ? service
          : store(path, mask === 'traffic' ? { ...service, traffic: body.traffic } : body),
      ),
    ];
  };

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const method = request.method ?? '';
      const call = { method, url: request.url ?? '', authorization: request.headers.authorization, body };
      calls.push(call);
      if (method !== 'GET') writes.push(call);
      const [status, json] = answer(method, new URL(call.url, 'http://127.0.0.1'), body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`,
    services,
    calls,
    writes,
    refusals,
    failures,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function read(request: IncomingMessage): Promise<Json> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Json);
}
