import { sharesOf } from '../domain/releases/traffic';
import { valueOf } from '../domain/releases/next/snapshot';
import type { LiveRevision, Service } from '../release/adapters/google/cloudRun';
import type { LiveSnapshot } from '../release/driver/observe';
import type { ReleaseContext } from '../release/ports/context';

/** The service with what serves. */
export interface LiveService extends Service {
  /** Those with a share of the traffic, largest first. */
  readonly serving: readonly ServingRevision[];
}

export interface ServingRevision extends LiveRevision {
  readonly percent: number;
}

/** @returns undefined where there is no service. A revision that a share names and that is gone is left out. */
export async function liveService(
  { cloudRun }: Pick<ReleaseContext, 'cloudRun'>,
  snapshot: LiveSnapshot,
): Promise<LiveService | undefined> {
  const service = valueOf(snapshot.service);
  if (service === undefined) return undefined;
  const shares = [...sharesOf(service.trafficStatuses)].sort(([, a], [, b]) => b - a);
  const serving = await Promise.all(
    shares.map(async ([name, percent]) => {
      const revision = await cloudRun.revision(name);
      return revision ? [{ ...revision, percent }] : [];
    }),
  );
  return { ...service, serving: serving.flat() };
}
