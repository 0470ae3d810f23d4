import type { LiveProbe } from '../../../domain/service/liveTemplate';
import type { TrafficTarget } from '../../../domain/releases/traffic';
import { omit } from '../collections';
import type { SecretRef, Secrets } from '../secrets';

export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name?: string;
    readonly value?: string;
    readonly valueSource?: { readonly secretKeyRef?: SecretRef };
  }[];
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  readonly ports?: readonly { readonly containerPort?: number }[];
  readonly startupProbe?: LiveProbe;
}

export interface Template {
  readonly revision?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `300s`. */
  readonly timeout?: string;
  readonly containers?: readonly Container[];
  readonly nodeSelector?: { readonly accelerator?: string };
  readonly serviceAccount?: string;
}

/** What a caller may set of a service; other fields of the message are kept as they came. */
export interface ServiceSpec {
  readonly template: Template;
  readonly traffic: readonly TrafficTarget[];
  readonly customAudiences?: readonly string[];
  readonly [field: string]: unknown;
}

export interface Revision {
  /** Short name. */
  readonly name: string;
  readonly service: string;
  readonly template: Template;
  readonly uid: string;
  readonly createTime: string;
  state: 'CONDITION_PENDING' | 'CONDITION_SUCCEEDED' | 'CONDITION_FAILED';
  /** Why it is not ready. */
  message?: string;
  /** Resolves once the state is no longer pending; never rejects. */
  settled: Promise<void>;
}

/** Cloud Run's default (https://cloud.google.com/run/docs/container-contract#port). */
const DEFAULT_PORT = 8080;

export function mainContainer(template: Template): Container {
  return template.containers?.[0] ?? {};
}

export function containerPort(container: Container): number {
  return container.ports?.[0]?.containerPort ?? DEFAULT_PORT;
}

export function usesGpu(template: Template): boolean {
  return Number(mainContainer(template).resources?.limits?.['nvidia.com/gpu'] ?? 0) > 0;
}

export const conditionsOf = (types: readonly string[], state: string, time: string, message?: string) =>
  types.map((type) => ({ type, state, lastTransitionTime: time, ...(message && { message }) }));

/** A revision as the API answers it. */
export function revisionJson(revision: Revision): Record<string, unknown> {
  const { name, service, uid, createTime, state, message } = revision;
  return {
    ...omit(revision.template, 'revision'),
    name: `${service}/revisions/${name}`,
    service: service.slice(service.lastIndexOf('/') + 1),
    uid,
    generation: '1',
    observedGeneration: '1',
    createTime,
    updateTime: createTime,
    reconciling: state === 'CONDITION_PENDING',
    conditions: conditionsOf(['Ready', 'ContainerHealthy', 'ResourcesAvailable'], state, createTime, message),
    etag: `"${uid}-${state}"`,
  };
}

/** Of `projects/P/locations/L/…`. */
export const projectOf = (name: string): string => name.split('/')[1] ?? '';

/** What the containers of a template find in their environment; the first container is the one that runs. */
export function environmentOf(
  template: Template,
  project: string,
  secrets: Pick<Secrets, 'valueFor'>,
): Record<string, string> {
  const account = template.serviceAccount ?? '';
  return Object.fromEntries(
    (mainContainer(template).env ?? []).map(({ name = '', value = '', valueSource }) => {
      const ref = valueSource?.secretKeyRef;
      return [name, ref ? secrets.valueFor(account, project, ref) : value];
    }),
  );
}
