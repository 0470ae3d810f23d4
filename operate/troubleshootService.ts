import type { Deployment } from '../domain/deployment';
import type { Condition, SeenRevision } from '../domain/diagnosis/symptoms';
import type { CloudRunCondition } from '../domain/service/conditionWords';
import { CLOUD_RUN_DEFAULTS, type LiveProbe } from '../domain/service/liveTemplate';
import { isStopped } from '../domain/scale/scale';
import { startupBudgetSeconds } from '../domain/rules/probe';
import { sharesOf, type TrafficTarget } from '../domain/releases/traffic';
import type { ReleaseContext } from '../release/ports/context';
import type { Service } from '../release/adapters/google/cloudRun';

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

/** @returns undefined where there is none. */
export function seenService(service: Service | undefined): SeenService | undefined {
  if (!service) return undefined;
  const { terminalCondition, conditions = [], scaling, traffic, trafficStatuses } = service;
  const names = [...trafficStatuses.map(({ revision }) => revision), service.latestCreatedRevision];
  return {
    conditions: readConditions([...(terminalCondition ? [terminalCondition] : []), ...conditions]),
    stopped: isStopped(undefined, scaling),
    shares: sharesOf(trafficStatuses),
    traffic,
    trafficStatuses,
    matter: [...new Set(names.filter((name) => name !== undefined))],
  };
}

/** @returns undefined where there is none. */
export async function seenRevision(
  { cloudRun }: Pick<ReleaseContext, 'cloudRun'>,
  name: string,
  percent: number,
): Promise<SeenRevision | undefined> {
  const revision = await cloudRun.revision(name);
  if (!revision) return undefined;
  const { ready, conditions, containers: [container = {}] = [] } = revision;
  const { args = [], ports, resources, startupProbe } = container;
  return {
    name,
    percent,
    ready,
    conditions: readConditions(conditions),
    args,
    port: ports?.[0]?.containerPort ?? CLOUD_RUN_DEFAULTS.port,
    ...(resources?.limits?.memory !== undefined && { memory: resources.limits.memory }),
    ...(startupProbe?.httpGet && { probePath: startupProbe.httpGet.path ?? '/' }),
    startSeconds: probeSeconds(startupProbe),
    requestTimeoutSeconds: parseFloat(revision.timeout || CLOUD_RUN_DEFAULTS.timeout),
  };
}

/** What is known of a revision when only its lines could be read: its name, and that the file's settings may be its own. */
export function seenFromLogs(deployment: Deployment, name: string): SeenRevision {
  const { port, probe, requestTimeoutSeconds } = deployment;
  const startSeconds = startupBudgetSeconds(probe);
  const settings = { args: [], port, startSeconds, requestTimeoutSeconds };
  return { name, percent: 0, ready: 'pending', conditions: [], ...settings };
}

/** Defaults are Cloud Run's (https://cloud.google.com/run/docs/configuring/healthchecks): without a probe, one attempt of 240 s. */
function probeSeconds(probe: LiveProbe | undefined): number {
  if (!probe) return 240;
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe;
  return initialDelaySeconds + periodSeconds * failureThreshold;
}

/** Those with words; a condition that succeeded has none. */
function readConditions(conditions: readonly CloudRunCondition[]): Condition[] {
  return conditions.flatMap(({ type = '', state, message, lastTransitionTime: at = '' }) =>
    message ? [{ type, failed: state === 'CONDITION_FAILED', message, at }] : [],
  );
}
