import type { RequestListener } from 'node:http';
import { type Clock, systemClock } from '../../ocr/clock';
import { type Access, access } from './access';
import { analysisRoutes } from './analysis';
import { cloudBuild } from './build';
import { type Asked, openDoor } from './door';
import type { GoogleError } from './googleError';
import { identity } from './identity';
import { logging } from './logging';
import { monitoringRoutes } from './monitoring/routes';
import { messageReader } from './protoJson';
import type { QuotaDecision } from './quotaPreferences';
import { quotaRoutes } from './quotas';
import { type Registry, registry } from './registry';
import { resourceStore } from './resourceStore';
import { secrets } from './secrets';
import { type Json, router } from './routes';
import { dataPlane, type RequestRecord } from './run/dataPlane';
import { requestLine } from './run/requestLog';
import { type Instance, instances } from './run/instances';
import { jobs } from './run/jobs';
import { operations } from './run/operations';
import { revisionJson } from './run/resources';
import { runRoutes } from './run/routes';
import { type StartContainer, startProcess } from './run/process';
import { isKept, isRouted } from './run/scaling';
import { serviceJson } from './run/service';
import { services } from './run/services';
import { type StartTask, startTaskProcess } from './run/task';
import { type Storage, storage } from './storage';

export interface LocalCloudOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Command that an image from Cloud Build starts with. */
  readonly imageEntrypoint: readonly string[];
  /** How a container runs. Default: as a process of its own. */
  readonly startContainer?: StartContainer;
  /** How a job's task runs. Default: as a process of its own. */
  readonly startTask?: StartTask;
  /** Buckets that exist from the start. */
  readonly buckets?: readonly string[];
  /** Running instances with a GPU in a project and region, all revisions together. Default 3, that of a new project. */
  readonly gpuQuota?: number;
  /** What Cloud Quotas says of the rest; nothing here holds an instance to it. Default that of a new project: 20, 40. */
  readonly quota?: { readonly vcpu: number; readonly memoryGib: number };
  /** How requests for more quota are decided. Default: nobody answers, they stay pending. */
  readonly quotaDecision?: QuotaDecision;
  /** A data point is visible only after this. Default 180, as in the cloud. */
  readonly monitoringLagSeconds?: number;
  /** Reads of Cloud Logging in a minute. Default 60, that of a project (https://cloud.google.com/logging/quotas). */
  readonly logReadsPerMinute?: number;
  /** An instance stops after so long without a request. Default 900, as in the cloud. */
  readonly idleSeconds?: number;
  /** False: Cloud Run's own agent has no right on the registry, and no image is pulled. Default true. */
  readonly mayPull?: boolean;
  /** MiB of this machine that a MiB of a container's memory limit stands for. Default 1. */
  readonly memoryScale?: number;
  /** Shortest duration of a Cloud Run operation. Default 0.3. */
  readonly operationSeconds?: number;
  /** Duration of a build. Default 1. */
  readonly buildSeconds?: number;
  /** Where each revision's output goes, as `REVISION.log`. Default nowhere. */
  readonly logDirectory?: string;
  /** Storms: an error that is answered in place of whoever is asked. */
  readonly interfere?: (asked: Asked) => GoogleError | undefined;
  /** Starts and ends of instances, for printing. */
  readonly onEvent?: (event: { readonly at: number; readonly text: string }) => void;
  /** Default the system's. */
  readonly clock?: Clock;
}

export interface LocalCloud {
  /** `http://127.0.0.1:PORT`: root of every API. */
  readonly url: string;
  /** What answers there, for who asks from within this process. */
  readonly answer: RequestListener;
  /** State of Cloud Run, by a service's short name. */
  readonly run: {
    service(id: string): Json | undefined;
    /** Oldest first. */
    revisions(id: string): Json[];
    /** Those running, with their revisions' short names. */
    instances(): { readonly revision: string; readonly ready: boolean; readonly startedAt: number }[];
  };
  readonly registry: Pick<Registry, 'push' | 'find' | 'tags'>;
  readonly storage: Pick<Storage, 'read' | 'list'>;
  /** Full names of everything else that was made and is still there: accounts, repositories, roles, alert policies, … */
  readonly resources: () => string[];
  /** What the caller may do; any bearer token is the same caller. */
  readonly access: Pick<Access, 'withhold' | 'restore'>;
  /** Requests to services that reached a revision, in the order in which they ended. */
  readonly requests: readonly RequestRecord[];
  /** Ends instances and server. */
  stop(): Promise<void>;
}

/**
 * A Google Cloud on this machine, as much of it as a release meets: Cloud Run with its data plane, Artifact Registry, Cloud
 * Build, IAM Credentials, Storage, Monitoring, Logging, Cloud Quotas, all on one port with Google's own paths.
 * @throws Failure `PORT_IN_USE`, exit code 2.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { clock = systemClock, operationSeconds = 0.3, buildSeconds = 1, logDirectory } = options;
  const now = () => clock.now().getTime();
  let url = '';
  const requests: RequestRecord[] = [];
  const images = registry(now);
  const caller = access();
  const objects = storage(now, options.buckets ?? [], caller);
  const builds = cloudBuild({
    storage: objects,
    registry: images,
    imageEntrypoint: options.imageEntrypoint,
    buildSeconds,
    clock,
  });
  const tokens = identity(now);
  const logs = logging(now, options.logReadsPerMinute ?? 60);
  const others = resourceStore(caller);
  const vault = secrets(others);
  const runOperations = operations(clock);
  const running = instances({
    gpuQuota: options.gpuQuota ?? 3,
    idleSeconds: options.idleSeconds ?? 900,
    memoryScale: options.memoryScale ?? 1,
    startContainer: options.startContainer ?? startProcess,
    ...(logDirectory && { logDirectory }),
    clock,
    findImage: (reference) => images.find(reference),
    mayPull: options.mayPull ?? true,
    secrets: vault,
    isRouted: (revision) => isRouted(run.all.get(revision.service), revision),
    isKept: (revision) => isKept(run.all.get(revision.service), revision.name),
    onEvent: (text) => options.onEvent?.({ at: now(), text }),
    log: logs.write,
  });
  const reader = (message: string) =>
    messageReader(
      '@google-cloud/run/build/protos/protos.json',
      `google.cloud.run.v2.${message}`,
      message.toLowerCase(),
    );
  const run = services({
    url: () => url,
    operationSeconds,
    clock,
    read: reader('Service'),
    secrets: vault,
    operations: runOperations,
    instances: running,
  });
  const batch = jobs({
    clock,
    read: reader('Job'),
    startTask: options.startTask ?? startTaskProcess,
    memoryScale: options.memoryScale ?? 1,
    findImage: (reference) => images.find(reference),
    secrets: vault,
    operations: runOperations,
    access: caller,
    log: logs.write,
  });
  const toRevision = dataPlane(run, running, tokens, clock, (request, revision) => {
    requests.push(request);
    logs.write(requestLine(url, request, revision));
  });
  const sources = { requests, instances: running.history };
  const control = router({
    ...runOperations.routes,
    ...runRoutes(run, running, caller),
    ...batch.routes,
    ...images.routes,
    ...builds.routes,
    ...tokens.routes,
    ...objects.routes,
    ...logs.routes,
    ...analysisRoutes(now),
    ...quotaRoutes(
      { gpus: options.gpuQuota ?? 3, vcpu: 20, memoryGib: 40, ...options.quota },
      options.quotaDecision ?? (() => undefined),
      now,
    ),
    ...monitoringRoutes(sources, options.monitoringLagSeconds ?? 180, now),
    ...vault.routes,
    ...others.routes,
    ...objects.downloads,
  });

  const door = await openDoor(options.port ?? 0, clock, {
    toRevision,
    ...(options.interfere && { interfere: options.interfere }),
    control(call) {
      caller.check(call);
      return control(call);
    },
  });
  url = door.url;
  const find = (id: string) => [...run.all.values()].find((service) => service.id === id);
  return {
    url,
    answer: door.answer,
    run: {
      service: (id) => {
        const service = find(id);
        return service && serviceJson(service);
      },
      revisions: (id) => [...(find(id)?.revisions.values() ?? [])].map(revisionJson),
      instances: () =>
        running.history
          .filter((instance: Instance) => instance.endedAt === undefined)
          .map(({ revision, isReady, startedAt }) => ({
            revision: revision.name,
            ready: isReady,
            startedAt,
          })),
    },
    registry: images,
    storage: objects,
    resources: others.names,
    access: caller,
    requests,
    async stop() {
      builds.close();
      await batch.close();
      await running.close();
      await door.close();
    },
  };
}
