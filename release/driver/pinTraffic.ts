import { Failure } from '../../domain/failure';
import { type Lease, withIntent } from '../../domain/releases/ledger';
import { describeTraffic, followsLatest, servingRevision, sharesOf } from '../../domain/releases/traffic';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';
import { intendedRevision } from './desiredRevision';
import { assertLeaseHeld } from './lease';
import { moveTraffic } from './moveTraffic';
import { endLeftovers } from '../verbs/reconcile';

/**
 * Traffic as an apply must find it: on named revisions, and where the ledger means it. What a dead runner left is ended
 * first; traffic that follows LATEST (a service made by hand, a first deploy that died) is pinned to what serves, unless the
 * ledger means another revision that is still there: LATEST may be what a rollback left.
 * @returns the service, or undefined where there is none yet.
 * @throws Failure `TRAFFIC_MOVED_BY_HAND` (3), with nothing written: somebody may have had a reason.
 */
export async function startingTraffic(context: ReleaseContext, lease: Lease): Promise<Service | undefined> {
  if ((await context.cloudRun.service()) === undefined) return undefined;
  await endLeftovers(context, lease);
  const service = (await context.cloudRun.service())!;
  const intended = await intendedRevision(context, service, await context.ledger.read());
  if (intended === undefined) return adopt(context, service, lease);
  if (sharesOf(service.trafficStatuses).get(intended) !== 100) throw movedByHand(context, service, intended);
  return followsLatest(service.traffic) ? adopt(context, service, lease) : service;
}

/** Somebody may have had a reason: a release does not undo it. */
function movedByHand(context: ReleaseContext, service: Service, intended: string): Failure {
  const { name } = context.deployment;
  return new Failure({
    code: 'TRAFFIC_MOVED_BY_HAND',
    message: 'Traffic is not where the ledger means it, and no release has moved it; it is left as it is.',
    where: `service ${context.deployment.service}`,
    got: `${describeTraffic(service.trafficStatuses)}; the ledger's intent is ${intended}`,
    remedy: `make what serves the intent, or what is meant serve: bin/lightonocr rollback ${name} --to REVISION --reason TEXT`,
    exitCode: 3,
  });
}

/** Makes what serves the intent, by its name. Nothing to do while no revision was ever ready. */
async function adopt(context: ReleaseContext, service: Service, lease: Lease): Promise<Service> {
  const serving = servingRevision(context.deployment.service, service.trafficStatuses, undefined);
  if (serving === undefined) return service;
  context.progress(`all traffic is pinned to ${serving}, which serves`);
  return moveTraffic(context, {
    ledger: (ledger) => {
      const { by } = context.actor;
      const intent = {
        revision: serving,
        by,
        at: context.clock.now().toISOString(),
        reason: 'served already',
      };
      return withIntent(assertLeaseHeld(context, ledger, lease), intent, { newEpoch: false });
    },
    shares: () => [{ revision: serving, percent: 100 }],
  });
}
