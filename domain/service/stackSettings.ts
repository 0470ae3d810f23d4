import type { LiveContainer, LiveTemplate } from './liveTemplate';
import { SENSITIVE } from '../plan/plan';
import { secretWords } from '../plan/unmarkedSecrets';
import { EXECUTION_ENVIRONMENT, GPUS, INGRESS } from '../template';

/** The service's own part of what the stack writes, in Cloud Run's API v2. */
export interface LiveExposure {
  /** `INGRESS_TRAFFIC_ALL`; absent means that too, Cloud Run's default. */
  readonly ingress?: string;
}

/** Key, wanted, live; the live one as the API has it. */
export type Pair = readonly [key: string, wanted: unknown, live: unknown];

/**
 * What the service stack makes the same of every deployment, by writing it or by leaving it out, and no key stands for:
 * `constructs/gpuCloudRunService.ts`. A value that may hold a secret is not shown.
 */
export function stackPairs(service: LiveExposure, live: LiveTemplate, container: LiveContainer): Pair[] {
  const { resources, command = [], livenessProbe } = container;
  const others = (live.containers ?? []).filter((other) => other !== container);
  return [
    ['(ingress)', INGRESS, service.ingress ?? INGRESS],
    // Unset, Cloud Run chooses by what a service uses (https://cloud.google.com/run/docs/about-execution-environments): for a
    // GPU that is the second.
    ['(execution environment)', EXECUTION_ENVIRONMENT, live.executionEnvironment ?? EXECUTION_ENVIRONMENT],
    ['(GPUs)', GPUS, resources?.limits?.['nvidia.com/gpu']],
    ['(CPU between requests)', true, resources?.cpuIdle !== true],
    ['(CPU boost at the start)', false, resources?.startupCpuBoost === true],
    ['(command)', undefined, listed(shownWords(command), ' ')],
    ['(liveness probe)', undefined, livenessProbe && 'set'],
    ['(more containers)', undefined, listed(others.map(({ name, image }) => name || image))],
    ['(volumes)', undefined, listed((live.volumes ?? []).map(({ name }) => name))],
    ['(VPC access)', undefined, listed(Object.keys(live.vpcAccess ?? {}).length > 0 ? [live.vpcAccess] : [])],
    ['(session affinity)', false, live.sessionAffinity === true],
  ];
}

/** Words, with what may be a secret hidden. */
function shownWords(words: readonly string[]): string[] {
  const secret = secretWords(words) as readonly boolean[];
  return words.map((word, at) => (secret[at] ? SENSITIVE : word));
}

/** One text of a list; undefined where it is empty, which is what the stack writes. */
function listed(items: readonly unknown[], between = ', '): string | undefined {
  if (items.length === 0) return undefined;
  return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(between);
}
