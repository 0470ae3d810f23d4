import type { TrafficTarget } from '../../../domain/releases/traffic';
import { GoogleError } from '../googleError';
import type { Json } from '../routes';
import { conditionsOf, type Revision, type ServiceSpec } from './resources';
import type { Balancer } from './traffic';

/** A service as it is kept. */
export interface Service {
  /** `projects/P/locations/L/services/S`. */
  readonly name: string;
  /** S. */
  readonly id: string;
  readonly uri: string;
  readonly uid: string;
  readonly createTime: string;
  readonly revisions: Map<string, Revision>;
  spec: ServiceSpec;
  generation: number;
  observedGeneration: number;
  etag: string;
  updateTime: string;
  /** Writes that are not settled yet. */
  pendingWrites: number;
  latestCreated: Revision;
  latestReady?: Revision;
  /** Why the wanted traffic could not be had. */
  trafficFailure?: string;
  /** What is; `spec.traffic` is what is wanted. */
  statuses: readonly TrafficTarget[];
  balancer: Balancer<string>;
  policy: Json;
}

/** In Cloud Run's words. */
export const notReady = ({ name, message }: Revision) =>
  `Revision '${name}' is not ready and cannot serve traffic. ${message ?? ''}`.trimEnd();

export function checkEtag(service: { readonly etag: string }, etag: unknown): void {
  if (!etag || etag === service.etag) return;
  throw new GoogleError(
    'ABORTED',
    `Conflict: the resource was changed in between; etag is ${service.etag}, got ${JSON.stringify(etag)}.`,
  );
}

/** A service as the API answers it. */
export function serviceJson(service: Service): Json {
  const { name, uri, uid, spec, latestCreated, latestReady, updateTime, pendingWrites } = service;
  const failure =
    latestCreated.state === 'CONDITION_FAILED' ? notReady(latestCreated) : service.trafficFailure;
  const settled = failure ? 'CONDITION_FAILED' : 'CONDITION_SUCCEEDED';
  const state = pendingWrites > 0 ? 'CONDITION_RECONCILING' : settled;
  const conditions = conditionsOf(
    ['Ready', 'ConfigurationsReady', 'RoutesReady'],
    state,
    updateTime,
    failure,
  );
  return {
    ingress: 'INGRESS_TRAFFIC_ALL',
    launchStage: 'GA',
    ...spec,
    ...{ name, uid, uri, urls: [uri], updateTime, createTime: service.createTime, etag: service.etag },
    generation: String(service.generation),
    observedGeneration: String(service.observedGeneration),
    reconciling: pendingWrites > 0,
    latestCreatedRevision: `${name}/revisions/${latestCreated.name}`,
    ...(latestReady && { latestReadyRevision: `${name}/revisions/${latestReady.name}` }),
    trafficStatuses: service.statuses,
    terminalCondition: conditions[0],
    conditions: conditions.slice(1),
  };
}
