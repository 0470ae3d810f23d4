import type { Ledger } from '../../domain/releases/ledger';
import { sharesOf } from '../../domain/releases/traffic';
import type { ReleaseContext } from '../ports/context';
import type { Service } from '../adapters/google/cloudRun';

/**
 * The revision that is meant to serve; undefined where nobody has said, and where it went with a service that was deleted.
 * Cloud Run is asked only for one that does not serve.
 */
export async function intendedRevision(
  { cloudRun }: Pick<ReleaseContext, 'cloudRun'>,
  service: Pick<Service, 'trafficStatuses'>,
  ledger: Ledger | undefined,
): Promise<string | undefined> {
  const meant = ledger?.intent?.revision;
  if (meant === undefined || sharesOf(service.trafficStatuses).has(meant)) return meant;
  return (await cloudRun.revision(meant))?.name;
}
