import { sharesOf } from '../domain/releases/traffic';
import { cloudRun, type LiveRevision, type Service } from '../release/adapters/google/cloudRun';
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
export async function liveService({
  call,
  deployment,
}: Pick<ReleaseContext, 'call' | 'deployment'>): Promise<LiveService | undefined> {
  const run = cloudRun(call, deployment);
  const service = await run.service();
  if (service === undefined) return undefined;
  const shares = [...sharesOf(service.trafficStatuses)].sort(([, a], [, b]) => b - a);
  const serving = await Promise.all(
    shares.map(async ([name, percent]) => {
      const revision = await run.revision(name);
      return revision ? [{ ...revision, percent }] : [];
    }),
  );
  return { ...service, serving: serving.flat() };
}
