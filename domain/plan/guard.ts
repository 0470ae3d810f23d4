import { SERVICE_TYPE, type TerraformPlan } from './plan';
import { describeTraffic, sharesOf, type TrafficTarget } from '../releases/traffic';

/** What the guard reads of a Cloud Run service, from the API or from a plan's prior state. */
export interface ServiceState {
  readonly etag: string;
  /** Grows by one with every write; a decimal string in the API. */
  readonly generation: string;
  readonly traffic: readonly TrafficTarget[];
}

/** The service as it was when the plan was made; undefined when the plan creates it. */
export function priorService(plan: TerraformPlan): ServiceState | undefined {
  const resources = plan.prior_state?.values?.root_module?.resources ?? [];
  const values = resources.find(({ type }) => type === SERVICE_TYPE)?.values;
  if (values === undefined) return undefined;
  const traffic = (values.traffic ?? []) as {
    type?: string;
    revision?: string;
    percent?: number;
    tag?: string;
  }[];
  return {
    etag: String(values.etag),
    generation: String(values.generation),
    // Terraform's state writes an absent string as "".
    traffic: traffic.map(({ type, revision, percent, tag }) => ({
      ...(type && { type }),
      ...(revision && { revision }),
      ...(tag && { tag }),
      percent: percent ?? 0,
    })),
  };
}

/**
 * What changed on the service between the plan and now. A plan that is applied over a difference undoes it: provider
 * 6.50.0 sends the traffic of the state it refreshed at plan time, with no etag (measured).
 */
export function planDrift(prior: ServiceState | undefined, live: ServiceState | undefined): string[] {
  if (prior === undefined && live === undefined) return [];
  if (prior === undefined) return ['the service exists now and did not when the plan was made'];
  if (live === undefined) return ['the service is gone and was there when the plan was made'];
  const compared: [string, string, string][] = [
    ['traffic', describeTraffic(prior.traffic), describeTraffic(live.traffic)],
    ['generation', prior.generation, live.generation],
    ['etag', prior.etag, live.etag],
  ];
  return compared
    .filter(([, then, now]) => then !== now)
    .map(([name, then, now]) => `${name}: ${then} then, ${now} now`);
}

export interface AfterApply {
  readonly before: ServiceState;
  readonly live: ServiceState & { readonly trafficStatuses: readonly TrafficTarget[] };
  readonly intended: string;
  /** True when Terraform had something to change. */
  readonly wrote: boolean;
}

/**
 * What an apply did beside its own write: traffic away from the desired revision, or, where it wrote nothing, a write at all.
 * More writes than one are no finding by themselves: a rollback that warms its target up tags it, and a PATCH of Terraform's that
 * landed and was answered 503 is sent again.
 */
export function applyDrift({ before, live, intended, wrote }: AfterApply): string[] {
  const findings: string[] = [];
  for (const traffic of [live.traffic, live.trafficStatuses]) {
    if (sharesOf(traffic).get(intended) === 100) continue;
    findings.push(`traffic is ${describeTraffic(traffic)}, the desired revision is ${intended}`);
    break;
  }
  const writes = Number(live.generation) - Number(before.generation);
  if (writes > (wrote ? 1 : 0) && findings.length > 0)
    findings.push(`the service was written ${writes} times, this apply writes ${wrote ? 'once' : 'nothing'}`);
  return findings;
}
