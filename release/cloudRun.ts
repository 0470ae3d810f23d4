import type { Deployment } from '../domain/deployment';
import { Failure } from '../domain/failure';
import type { ServiceState } from '../domain/guard';
import { servicePath } from '../domain/names';
import type { RevisionState } from '../domain/revisions';
import { LATEST, type TrafficTarget } from '../domain/traffic';
import type { Clock } from '../ocr/clock';
import { type CallApi, isStatus } from './googleApi';

/** A Cloud Run service, the part that releases read. */
export interface Service extends ServiceState {
  readonly uri: string;
  readonly reconciling: boolean;
  /** What is; `traffic` is what was asked for. */
  readonly trafficStatuses: readonly TrafficTarget[];
  /** The service's own words when it is not ready. */
  readonly condition?: string;
}

interface Condition {
  readonly type?: string;
  readonly state?: string;
  readonly message?: string;
}

interface RawService {
  readonly uri?: string;
  readonly etag: string;
  readonly generation: string;
  readonly reconciling?: boolean;
  readonly traffic?: readonly TrafficTarget[];
  readonly trafficStatuses?: readonly TrafficTarget[];
  readonly latestReadyRevision?: string;
  readonly terminalCondition?: Condition;
}

interface RawRevision {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly containers?: readonly { readonly image?: string }[];
  readonly conditions?: readonly Condition[];
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
  revision(name: string): Promise<RevisionState | undefined>;
  revisions(): Promise<RevisionState[]>;
  /** One `PATCH updateMask=traffic` with the etag, waited for; a conflict is an ApiError 409. */
  writeTraffic(traffic: readonly TrafficTarget[], etag: string, signal?: AbortSignal): Promise<void>;
}

/** Pauses between two looks at an operation grow from the first to the second; a traffic write takes some seconds. */
const FIRST_POLL_SECONDS = 0.25;
const MAX_POLL_SECONDS = 2;
/** A traffic write that has not finished by then is read as stuck. */
const OPERATION_SECONDS = 300;

const shortName = (name: string) => name.slice(name.lastIndexOf('/') + 1);

export function cloudRun(call: CallApi, deployment: Deployment, clock: Clock): CloudRun {
  const path = `/v2/${servicePath(deployment)}`;

  const revision = async (name: string) => {
    try {
      return readRevision((await call<RawRevision>('run', { path: `${path}/revisions/${name}` })).data);
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
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
    async writeTraffic(traffic, etag, signal) {
      const { data } = await call<Operation>('run', {
        method: 'PATCH',
        path,
        query: { updateMask: 'traffic' },
        body: { etag, traffic },
      });
      await finishOperation(data, signal);
    },
  };

  async function finishOperation(operation: Operation, signal?: AbortSignal): Promise<void> {
    const deadline = clock.now().getTime() + OPERATION_SECONDS * 1000;
    let current = operation;
    for (let pause = FIRST_POLL_SECONDS; !current.done; pause = Math.min(MAX_POLL_SECONDS, pause * 2)) {
      if (clock.now().getTime() > deadline) {
        throw new Failure({
          code: 'OPERATION_STUCK',
          message: `A traffic write has not finished within ${OPERATION_SECONDS} s.`,
          where: current.name,
          remedy: 'look at it with bin/lightonocr status DEPLOYMENT, then run the same command again',
          exitCode: 3,
        });
      }
      await clock.sleep(pause, signal);
      current = (await call<Operation>('run', { path: `/v2/${current.name}` })).data;
    }
    if (current.error) {
      throw new Failure({
        code: 'TRAFFIC_REFUSED',
        message: `Cloud Run did not move traffic: ${current.error.message ?? 'no reason given'}`,
        where: servicePath(deployment),
        remedy: 'look at the revision with bin/lightonocr status DEPLOYMENT',
        exitCode: 3,
      });
    }
  }
}

function readService(raw: RawService): Service {
  const { terminalCondition } = raw;
  const latest = raw.latestReadyRevision && shortName(raw.latestReadyRevision);
  return {
    uri: raw.uri ?? '',
    etag: raw.etag,
    generation: raw.generation,
    reconciling: raw.reconciling ?? false,
    traffic: raw.traffic ?? [],
    // What follows LATEST is served by the latest ready revision, and the API does not name it there.
    trafficStatuses: (raw.trafficStatuses ?? []).map((status) =>
      status.type === LATEST && latest ? { ...status, revision: latest } : status,
    ),
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
  };
}
