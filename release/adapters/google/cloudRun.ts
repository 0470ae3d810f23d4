import type { Deployment } from '../../../domain/deployment';
import type { ServiceState } from '../../../domain/plan/guard';
import { servicePath } from '../../../domain/names';
import type { RevisionState } from '../../../domain/releases/revisions';
import type { CloudRunCondition } from '../../../domain/service/conditionWords';
import type { LiveTemplate } from '../../../domain/service/liveTemplate';
import type { ServiceScaling, WantedScale } from '../../../domain/scale/scale';
import { LATEST, type TrafficTarget } from '../../../domain/releases/traffic';
import { type CallApi, isStatus } from './googleApi';

/** A Cloud Run service, the part that is read here. */
export interface Service extends ServiceState {
  readonly uri: string;
  readonly reconciling: boolean;
  /** What is; `traffic` is what was asked for. */
  readonly trafficStatuses: readonly TrafficTarget[];
  /** The service's own scaling, not that of its revisions. */
  readonly scaling: ServiceScaling;
  /** Short names. */
  readonly latestReadyRevision?: string;
  readonly latestCreatedRevision?: string;
  /** The service's own words when it is not ready. */
  readonly condition?: string;
  /** Whether it is ready, all in all; `conditions` are what that is made of. */
  readonly terminalCondition?: CloudRunCondition;
  readonly conditions?: readonly CloudRunCondition[];
  /** True: nobody is asked who calls. */
  readonly invokerIamDisabled?: boolean;
  /** `INGRESS_TRAFFIC_ALL` or another. */
  readonly ingress?: string;
}

/** A revision with its settings and all that Cloud Run says of it. */
export interface LiveRevision extends RevisionState, LiveTemplate {
  readonly conditions: readonly CloudRunCondition[];
}

interface RawService {
  readonly uri?: string;
  readonly etag: string;
  readonly generation: string;
  readonly reconciling?: boolean;
  readonly traffic?: readonly TrafficTarget[];
  readonly trafficStatuses?: readonly TrafficTarget[];
  readonly scaling?: ServiceScaling;
  readonly latestReadyRevision?: string;
  readonly latestCreatedRevision?: string;
  readonly terminalCondition?: CloudRunCondition;
  readonly conditions?: readonly CloudRunCondition[];
  readonly invokerIamDisabled?: boolean;
  readonly ingress?: string;
}

interface RawRevision extends LiveTemplate {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly conditions?: readonly CloudRunCondition[];
  readonly createTime?: string;
}

interface Operation {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: { readonly message?: string };
}

/** Cloud Run Admin API v2 (https://cloud.google.com/run/docs/reference/rest), for one service. */
export interface CloudRun {
  /** The service, or undefined where there is none. */
  service(): Promise<Service | undefined>;
  revision(name: string): Promise<LiveRevision | undefined>;
  revisions(): Promise<RevisionState[]>;
  /**
   * One `PATCH updateMask=traffic` with the etag; a conflict is an ApiError 409. Returns the operation's name and does not
   * wait for it: whether traffic moved is read from the service.
   */
  writeTraffic(traffic: readonly TrafficTarget[], etag: string): Promise<string>;
  /** The same for the service's scaling and its traffic in one write, so that there is no moment with one and not the other. */
  writeScale(wanted: WantedScale, etag: string): Promise<string>;
  /** What an operation failed with; undefined while it runs and when it ended well. */
  operationError(name: string): Promise<string | undefined>;
}

const shortName = (name: string) => name.slice(name.lastIndexOf('/') + 1);

export function cloudRun(call: CallApi, deployment: Deployment): CloudRun {
  const path = `/v2/${servicePath(deployment)}`;

  const revision = async (name: string) => {
    try {
      const { data } = await call<RawRevision>('run', { path: `${path}/revisions/${name}` });
      return { conditions: [], ...data, ...readRevision(data) };
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  };

  const patch = async (updateMask: string, body: object) => {
    const { data } = await call<Operation>('run', { method: 'PATCH', path, query: { updateMask }, body });
    return data.name;
  };

  return {
    async service() {
      try {
        return readService((await call<RawService>('run', { path })).data);
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },
    revision,
    async revisions() {
      const found: RevisionState[] = [];
      let pageToken: string | undefined;
      do {
        const { data } = await call<{ revisions?: RawRevision[]; nextPageToken?: string }>('run', {
          path: `${path}/revisions`,
          query: { pageSize: 100, pageToken },
        });
        found.push(...(data.revisions ?? []).map(readRevision));
        pageToken = data.nextPageToken || undefined;
      } while (pageToken);
      return found;
    },
    writeTraffic: (traffic, etag) => patch('traffic', { etag, traffic }),
    writeScale: ({ scaling, traffic }, etag) => patch('scaling,traffic', { etag, scaling, traffic }),
    async operationError(name) {
      const { data } = await call<Operation>('run', { path: `/v2/${name}` });
      return data.done && data.error ? (data.error.message ?? 'no reason given') : undefined;
    },
  };
}

function readService(raw: RawService): Service {
  const { terminalCondition, conditions, invokerIamDisabled, ingress } = raw;
  const latestReady = raw.latestReadyRevision && shortName(raw.latestReadyRevision);
  const latestCreated = raw.latestCreatedRevision && shortName(raw.latestCreatedRevision);
  // A share that follows LATEST is the newest ready revision's, whether or not the status says so.
  const statuses = (raw.trafficStatuses ?? []).map((status) =>
    status.type === LATEST && !status.revision && latestReady ? { ...status, revision: latestReady } : status,
  );
  return {
    uri: raw.uri ?? '',
    etag: raw.etag,
    generation: raw.generation,
    reconciling: raw.reconciling ?? false,
    traffic: raw.traffic ?? [],
    trafficStatuses: statuses,
    scaling: raw.scaling ?? {},
    ...(latestReady && { latestReadyRevision: latestReady }),
    ...(latestCreated && { latestCreatedRevision: latestCreated }),
    ...(terminalCondition && { terminalCondition }),
    ...(conditions && { conditions }),
    ...(invokerIamDisabled !== undefined && { invokerIamDisabled }),
    ...(ingress !== undefined && { ingress }),
    ...(terminalCondition?.state !== 'CONDITION_SUCCEEDED' && { condition: terminalCondition?.message }),
  };
}

function readRevision(raw: RawRevision): RevisionState {
  const ready = raw.conditions?.find(({ type }) => type === 'Ready');
  const state = ready?.state;
  return {
    name: shortName(raw.name),
    labels: raw.labels ?? {},
    image: raw.containers?.[0]?.image ?? '',
    ready: state === 'CONDITION_SUCCEEDED' ? 'yes' : state === 'CONDITION_FAILED' ? 'no' : 'pending',
    ...(ready?.message && { condition: ready.message }),
    ...(raw.createTime !== undefined && { createdAt: raw.createTime }),
  };
}
