import { sharesOf } from '../../../domain/releases/traffic';
import { invalid } from '../googleError';
import type { Revision, ServiceSpec } from './resources';
import type { Service } from './service';

/** `google.cloud.run.v2.ServiceScaling`, as a caller may set it. */
interface Scaling {
  readonly scalingMode?: string;
  readonly minInstanceCount?: number;
  readonly maxInstanceCount?: number;
  /** The one count that has presence in the message: its 0 is a 0, where that of the others is "not set". */
  readonly manualInstanceCount?: number;
}

/** Throws 400 for counts below 0. */
export function checkScaling(spec: ServiceSpec): void {
  for (const [field, count] of Object.entries((spec.scaling ?? {}) as Scaling)) {
    if (typeof count === 'number' && count < 0)
      throw invalid(`scaling.${field}: must not be negative, got ${count}.`);
  }
}

/**
 * Instances of each revision that has a share of the traffic, under manual scaling; undefined under automatic scaling.
 * They are divided by share, and a revision may get none (https://cloud.google.com/run/docs/configuring/services/manual-scaling).
 * How a fraction is rounded, and what no count means, is not documented [?]: largest remainder, and the minimum of instances.
 */
export function allotted(
  service: Pick<Service, 'spec' | 'statuses' | 'latestReady'>,
): ReadonlyMap<string, number> | undefined {
  const { scalingMode, manualInstanceCount, minInstanceCount = 0 } = (service.spec.scaling ?? {}) as Scaling;
  if (scalingMode !== 'MANUAL') return undefined;
  const count = manualInstanceCount ?? minInstanceCount;
  const statuses = service.statuses.map((status) => ({
    revision: service.latestReady?.name ?? '',
    ...status,
  }));
  const shares = [...sharesOf(statuses)].map(([revision, percent]) => ({
    revision,
    whole: Math.floor((count * percent) / 100),
    rest: (count * percent) % 100,
  }));
  const spare = count - shares.reduce((sum, { whole }) => sum + whole, 0);
  const byRest = [...shares].sort((a, b) => b.rest - a.rest).slice(0, spare);
  return new Map(shares.map((share) => [share.revision, share.whole + Number(byRest.includes(share))]));
}

/** True for a revision that has a share and no instance to serve it; one that has a tag alone starts one at zero too. */
export function isDisabled(service: Service, revision: string): boolean {
  return allotted(service)?.get(revision) === 0;
}

/** True for a revision whose instance stays, requests or not; here it is one, however many there should be. */
export function isKept(service: Service | undefined, revision: string): boolean {
  return !!service && (allotted(service)?.get(revision) ?? 0) > 0;
}

/** True for a revision whose instance may be wanted: it is being deployed, something is under way, or it has a share or a tag. */
export function isRouted(service: Service | undefined, revision: Revision): boolean {
  if (revision.state === 'CONDITION_PENDING') return true;
  if (!service) return false;
  const { statuses, latestReady, pendingWrites } = service;
  const isNamed = statuses.some((status) => (status.revision ?? latestReady?.name) === revision.name);
  return pendingWrites > 0 || (isNamed && !isDisabled(service, revision.name));
}
