import { join } from 'node:path';
import { OAuth2Client } from 'google-auth-library';
import type { Clock } from '../../../ocr/clock';
import {
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from '../../../rehearsal/cloud/localCloud';
import { containersOf, fetchFrom, type Program } from '../../fixtures/inProcess';
import { testTime } from '../../fixtures/testTime';

// @ts-expect-error: plain JavaScript, which a process runs too
import { instance } from './fixtures/instance.cjs';

export const LOCATION = 'projects/p/locations/us-central1';
export const IMAGE = 'us-central1-docker.pkg.dev/p/loan-repo/lightonocr-gpu';
export const INSTANCE = [process.execPath, join(__dirname, 'fixtures', 'instance.cjs')];
export const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
export const REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of many APIs; the tests say what must be in it
export type Json = Record<string, any>;

/** Options of Google's clients for Cloud Run and Monitoring: REST to the local cloud. */
export function clientOptions(rig: Rig) {
  const { hostname: apiEndpoint, port } = new URL(rig.cloud.url);
  // Any token will do. gaxios would import node-fetch, which jest cannot.
  const authClient = new OAuth2Client({ transporterOptions: { fetchImplementation: fetch } });
  authClient.setCredentials({ access_token: 'x' });
  return {
    fallback: true,
    apiEndpoint,
    port: Number(port),
    protocol: 'http',
    authClient,
    projectId: 'p',
  } as never;
}

/** A cloud with calls to it; `digest` is an image of the fixture. */
export interface Rig {
  readonly cloud: LocalCloud;
  /** Virtual. */
  readonly clock: Clock;
  /** Sends requests into the cloud. */
  readonly fetch: typeof fetch;
  readonly digest: string;
  /** Calls the control plane; the answer's status and JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; json: Json }>;
  /** Sends a write and waits for its operation. */
  write(method: string, path: string, body: unknown): Promise<Json>;
  /** Deploys revision `s-NAME`; with `traffic` left out, LATEST gets all. */
  deploy(
    name: string,
    change?: { env?: Record<string, string>; gpu?: boolean; traffic?: unknown[]; probe?: unknown },
  ): Promise<Json>;
  /** Gives traffic by `updateMask=traffic`. */
  route(traffic: unknown[]): Promise<Json>;
  token(audience?: string): Promise<string>;
  /** Calls the service `s` (or a tag of it) as an invoker. */
  invoke(path?: string, host?: string, init?: RequestInit): Promise<Response>;
}

export const to = (name: string, percent: number, tag?: string) => ({
  type: REVISION,
  revision: `s-${name}`,
  percent,
  ...(tag && { tag }),
});

/** A template that starts fast: the TCP probe connects as soon as the process listens. */
export function template(
  image: string,
  revision: string | undefined,
  change: { env?: Record<string, string>; gpu?: boolean; probe?: unknown } = {},
): Json {
  const limits = change.gpu
    ? { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' }
    : { cpu: '1', memory: '1Gi' };
  return {
    ...(revision && { revision }),
    ...(change.gpu && { nodeSelector: { accelerator: 'nvidia-l4' } }),
    containers: [
      {
        image,
        args: ['--model', 'm'],
        env: Object.entries(change.env ?? {}).map(([name, value]) => ({ name, value })),
        ports: [{ containerPort: 8000 }],
        resources: { limits },
        startupProbe: change.probe ?? {
          tcpSocket: { port: 8000 },
          timeoutSeconds: 20,
          periodSeconds: 20,
          failureThreshold: 1,
        },
      },
    ],
  };
}

export interface RigOptions extends Partial<LocalCloudOptions> {
  /** Milliseconds that time begins with; default now. */
  readonly start?: number;
  /** Containers that are processes, where they are what is looked at; default in this process. */
  readonly processes?: boolean;
}

let starts = 0;
/** Its first argument is the file, as a process has it. */
const inProcess: Program = (start) =>
  (instance as (with_: object) => ReturnType<Program>)({ ...start, args: start.args.slice(1), id: ++starts });

/** A local cloud on virtual time, its containers and the calls to it in this process. */
export async function startRig({ start, processes, ...options }: RigOptions = {}): Promise<Rig> {
  const { clock } = testTime(start);
  const cloud = await startLocalCloud({
    ...{ imageEntrypoint: INSTANCE, operationSeconds: 0, clock },
    ...(!processes && { startContainer: containersOf(inProcess) }),
    ...options,
  });
  const fetch = fetchFrom(cloud);
  const digest = cloud.registry.push({
    name: IMAGE,
    tags: ['t'],
    entrypoint: INSTANCE,
    env: { FROM_IMAGE: 'yes', BOTH: 'image' },
  });
  const image = `${IMAGE}@${digest}`;

  const call: Rig['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${cloud.url}${path}`, {
      method,
      headers: { authorization: 'Bearer x', ...headers },
      ...(body !== undefined && {
        body:
          typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    return { status: response.status, json: (text.startsWith('{') ? JSON.parse(text) : { text }) as Json };
  };
  const write: Rig['write'] = async (method, path, body) => {
    const { status, json } = await call(method, path, body);
    if (status !== 200) throw new Error(JSON.stringify(json));
    return (await call('POST', `/v2/${json.name}:wait`, { timeout: '30s' })).json;
  };
  const token = async (audience = `${cloud.url}/run/s`) =>
    (
      await call('POST', '/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateIdToken', {
        audience,
      })
    ).json.token as string;

  return {
    cloud,
    clock,
    fetch,
    digest,
    call,
    write,
    token,
    async deploy(name, { traffic, ...change } = {}) {
      const body = { template: template(image, `s-${name}`, change), ...(traffic && { traffic }) };
      return write('PATCH', `/v2/${LOCATION}/services/s?allowMissing=true`, body);
    },
    route: (traffic) => write('PATCH', `/v2/${LOCATION}/services/s?updateMask=traffic`, { traffic }),
    invoke: async (path = '/', host = 's', init = {}) =>
      fetch(`${cloud.url}/run/${host}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${await token()}`, ...init.headers },
      }),
  };
}
