import { z } from 'zod';
import type { Deployment } from '../../../domain/deployment';
import type { ServiceState } from '../../../domain/plan/guard';
import { servicePath } from '../../../domain/names';
import type { RevisionState } from '../../../domain/releases/revisions';
import type { CloudRunCondition } from '../../../domain/service/conditionWords';
import type { LiveTemplate } from '../../../domain/service/liveTemplate';
import type { ServiceScaling, WantedScale } from '../../../domain/scale/scale';
import { LATEST, type TrafficTarget } from '../../../domain/releases/traffic';
import { callFor } from './answer';
import { type CallApi, isStatus } from './googleApi';

/** A Cloud Run service, the part that is read here. */
export interface Service extends ServiceState {
  readonly uid?: string;
  /** ISO 8601, of the last write, by Google's clock. */
  readonly updatedAt?: string;
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

const target = z.object({
  type: z.string().optional(),
  revision: z.string().optional(),
  percent: z.number().optional(),
  tag: z.string().optional(),
  uri: z.string().optional(),
});
const condition = z.looseObject({
  type: z.string().optional(),
  state: z.string().optional(),
  message: z.string().optional(),
});

/** What is decided upon; an answer without it is none. */
const rawService = z.looseObject({
  name: z.string().min(1),
  uid: z.string().optional(),
  uri: z.string().optional(),
  etag: z.string().min(1),
  generation: z.string().regex(/^\d+$/),
  updateTime: z.string().optional(),
  reconciling: z.boolean().optional(),
  traffic: z.array(target).optional(),
  trafficStatuses: z.array(target).optional(),
  scaling: z
    .object({
      scalingMode: z.string().optional(),
      minInstanceCount: z.number().optional(),
      maxInstanceCount: z.number().optional(),
      manualInstanceCount: z.number().optional(),
    })
    .optional(),
  latestReadyRevision: z.string().optional(),
  latestCreatedRevision: z.string().optional(),
  terminalCondition: condition.optional(),
  conditions: z.array(condition).optional(),
  invokerIamDisabled: z.boolean().optional(),
  ingress: z.string().optional(),
});
type RawService = z.infer<typeof rawService>;

const rawRevision = z.looseObject({
  name: z.string().min(1),
  labels: z.record(z.string(), z.string()).optional(),
  conditions: z.array(condition).optional(),
  createTime: z.string().optional(),
  containers: z.array(z.looseObject({ image: z.string().optional() })).optional(),
});
type RawRevision = z.infer<typeof rawRevision> & LiveTemplate;
/** An empty object is how the API says that there is none; a page of HTML is no object. */
const rawRevisions = z.object({
  revisions: z.array(rawRevision).optional(),
  nextPageToken: z.string().optional(),
});

const operation = z.looseObject({
  name: z.string().min(1),
  done: z.boolean().optional(),
  error: z.looseObject({ message: z.string().optional() }).optional(),
});
/** A write counts as taken once its answer names the generation that it made. */
const written = operation.extend({ metadata: z.looseObject({ generation: z.string().regex(/^\d+$/) }) });

/** What a write of the service was answered. */
export interface ServiceWritten {
  readonly operation?: string;
  /** That the write has made. */
  readonly generation?: string;
}

/** Cloud Run Admin API v2 (https://cloud.google.com/run/docs/reference/rest), for one service. */
export interface CloudRun {
  /** The service, or undefined where there is none. */
  service(): Promise<Service | undefined>;
  revision(name: string): Promise<LiveRevision | undefined>;
  revisions(): Promise<RevisionState[]>;
  /**
   * One `PATCH updateMask=traffic` with the etag; a conflict is an ApiError 409. Does not wait for the operation: whether
   * traffic moved is read from the service.
   */
  writeTraffic(traffic: readonly TrafficTarget[], etag: string): Promise<ServiceWritten>;
  /** The same for the service's scaling and its traffic in one write, so that there is no moment with one and not the other. */
  writeScale(wanted: WantedScale, etag: string): Promise<ServiceWritten>;
  /** What an operation failed with; undefined while it runs and when it ended well. */
  operationError(name: string): Promise<string | undefined>;
}

const shortName = (name: string) => name.slice(name.lastIndexOf('/') + 1);

export function cloudRun(call: CallApi, deployment: Deployment): CloudRun {
  const path = `/v2/${servicePath(deployment)}`;

  const revision = async (name: string) => {
    try {
      const { data } = await callFor(call, 'run', { path: `${path}/revisions/${name}` }, rawRevision);
      return { conditions: [], ...(data as RawRevision), ...readRevision(data) };
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  };

  const patch = async (updateMask: string, body: object) => {
    const request = { method: 'PATCH', path, query: { updateMask }, body } as const;
    const { data } = await callFor(call, 'run', request, written);
    return { operation: data.name, generation: data.metadata.generation };
  };

  return {
    async service() {
      try {
        return readService((await callFor(call, 'run', { path }, rawService)).data);
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
        const request = { path: `${path}/revisions`, query: { pageSize: 100, pageToken } };
        const { data } = await callFor(call, 'run', request, rawRevisions);
        found.push(...(data.revisions ?? []).map(readRevision));
        pageToken = data.nextPageToken || undefined;
      } while (pageToken);
      return found;
    },
    writeTraffic: (traffic, etag) => patch('traffic', { etag, traffic }),
    writeScale: ({ scaling, traffic }, etag) => patch('scaling,traffic', { etag, scaling, traffic }),
    async operationError(name) {
      const { data } = await callFor(call, 'run', { path: `/v2/${name}` }, operation);
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
    ...(raw.uid !== undefined && { uid: raw.uid }),
    ...(raw.updateTime !== undefined && { updatedAt: raw.updateTime }),
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
