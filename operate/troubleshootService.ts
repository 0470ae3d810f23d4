import type { Deployment } from '../domain/deployment';
import type { Condition, SeenRevision } from '../domain/diagnosis/symptoms';
import { servicePath } from '../domain/names';
import { isStopped, type ServiceScaling } from '../domain/scale/scale';
import { startupBudgetSeconds } from '../domain/rules/probe';
import { sharesOf, type TrafficTarget } from '../domain/releases/traffic';
import type { ReleaseContext } from '../release/context';
import { isStatus } from '../release/google/googleApi';

/** The service, as far as its troubles go. */
export interface SeenService {
  readonly conditions: readonly Condition[];
  readonly stopped: boolean;
  readonly shares: ReadonlyMap<string, number>;
  readonly traffic: readonly TrafficTarget[];
  readonly trafficStatuses: readonly TrafficTarget[];
  /** Revisions with traffic or a tag, and the newest. */
  readonly matter: readonly string[];
}

interface RawCondition {
  readonly type?: string;
  readonly state?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}
interface RawService {
  readonly terminalCondition?: RawCondition;
  readonly conditions?: readonly RawCondition[];
  readonly scaling?: ServiceScaling;
  readonly traffic?: readonly TrafficTarget[];
  readonly trafficStatuses?: readonly TrafficTarget[];
  readonly latestCreatedRevision?: string;
  readonly latestReadyRevision?: string;
}
interface RawProbe {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: { readonly path?: string };
}
interface RawRevision {
  /** `300s`. */
  readonly timeout?: string;
  readonly conditions?: readonly RawCondition[];
  readonly containers?: readonly {
    readonly args?: readonly string[];
    readonly ports?: readonly { readonly containerPort?: number }[];
    readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
    readonly startupProbe?: RawProbe;
  }[];
}

type Part = Pick<ReleaseContext, 'call' | 'deployment'>;
const shortName = (name: string) => name.slice(name.lastIndexOf('/') + 1);
const FAILED = 'CONDITION_FAILED';

/** @returns undefined where there is none. */
export async function seenService({ call, deployment }: Part): Promise<SeenService | undefined> {
  const raw = await existing(() => call<RawService>('run', { path: `/v2/${servicePath(deployment)}` }));
  if (!raw) return undefined;
  const { terminalCondition, conditions = [], scaling, trafficStatuses = [] } = raw;
  const latestReady = raw.latestReadyRevision && shortName(raw.latestReadyRevision);
  const traffic = trafficStatuses.map((target) => ({ ...target, revision: target.revision ?? latestReady }));
  const newest = raw.latestCreatedRevision && shortName(raw.latestCreatedRevision);
  const names = [...traffic.map(({ revision }) => revision), newest].filter((name) => name !== undefined);
  return {
    conditions: readConditions([...(terminalCondition ? [terminalCondition] : []), ...conditions]),
    stopped: isStopped(undefined, scaling),
    shares: sharesOf(traffic),
    traffic: raw.traffic ?? [],
    trafficStatuses: traffic,
    matter: [...new Set(names.filter((name) => name !== ''))],
  };
}

/** @returns undefined where there is none. */
export async function seenRevision(
  { call, deployment }: Part,
  name: string,
  percent: number,
): Promise<SeenRevision | undefined> {
  const path = `/v2/${servicePath(deployment)}/revisions/${name}`;
  const raw = await existing(() => call<RawRevision>('run', { path }));
  if (!raw) return undefined;
  const { conditions = [], containers: [container = {}] = [] } = raw;
  const ready = conditions.find(({ type }) => type === 'Ready')?.state;
  const { args = [], ports, resources, startupProbe } = container;
  return {
    name,
    percent,
    ready: ready === 'CONDITION_SUCCEEDED' ? 'yes' : ready === FAILED ? 'no' : 'pending',
    conditions: readConditions(conditions),
    args,
    port: ports?.[0]?.containerPort ?? CLOUD_RUN_PORT,
    ...(resources?.limits?.memory !== undefined && { memory: resources.limits.memory }),
    ...(startupProbe?.httpGet && { probePath: startupProbe.httpGet.path ?? '/' }),
    startSeconds: probeSeconds(startupProbe),
    requestTimeoutSeconds: parseFloat(raw.timeout ?? '') || REQUEST_SECONDS,
  };
}

/** What is known of a revision when only its lines could be read: its name, and that the file's settings may be its own. */
export function seenFromLogs(deployment: Deployment, name: string): SeenRevision {
  const { port, probe, requestTimeoutSeconds } = deployment;
  const startSeconds = startupBudgetSeconds(probe);
  const settings = { args: [], port, startSeconds, requestTimeoutSeconds };
  return { name, percent: 0, ready: 'pending', conditions: [], ...settings };
}

/** https://cloud.google.com/run/docs/configuring/request-timeout */
const REQUEST_SECONDS = 300;
/** https://cloud.google.com/run/docs/container-contract#port */
const CLOUD_RUN_PORT = 8080;

/** Defaults are Cloud Run's (https://cloud.google.com/run/docs/configuring/healthchecks): without a probe, one attempt of 240 s. */
function probeSeconds(probe: RawProbe | undefined): number {
  if (!probe) return 240;
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe;
  return initialDelaySeconds + periodSeconds * failureThreshold;
}

/** Those with words; a condition that succeeded has none. */
function readConditions(conditions: readonly RawCondition[]): Condition[] {
  return conditions.flatMap(({ type = '', state, message, lastTransitionTime: at = '' }) =>
    message ? [{ type, failed: state === FAILED, message, at }] : [],
  );
}

async function existing<T>(read: () => Promise<{ data: T }>): Promise<T | undefined> {
  try {
    return (await read()).data;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}
