import type { Ledger } from '../domain/releases/ledger';
import { sharesOf } from '../domain/releases/traffic';
import { cloudRun, type LiveRevision, type Service } from '../release/google/cloudRun';
import type { ReleaseContext } from '../release/context';

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

/**
 * The revision that is meant to serve; undefined where nobody has said, and where it went with a service that was deleted.
 * Cloud Run is asked only for one that does not serve.
 */
export async function intendedRevision(
  { cloudRun }: Pick<ReleaseContext, 'cloudRun'>,
  live: LiveService,
  ledger: Ledger | undefined,
): Promise<string | undefined> {
  const meant = ledger?.intent?.revision;
  if (meant === undefined || live.serving.some(({ name }) => name === meant)) return meant;
  return (await cloudRun.revision(meant))?.name;
}
