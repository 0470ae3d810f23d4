import { conditionWords, holdsYet } from '../domain/service/conditionWords';
import { entryOf, activeLease } from '../domain/releases/ledger';
import { scaleFindings } from '../domain/scale/formatScale';
import { settingDifferences } from '../domain/service/settingDifferences';
import { situationOf } from '../domain/releases/projectState';
import { SHA_LABEL } from '../domain/template';
import { describeTraffic, servesAsIntended } from '../domain/releases/traffic';
import type { Verification } from '../domain/service/verification';
import type { ReleaseContext } from '../release/ports/context';
import { ledgerRead } from '../release/checks/readLedger';
import { snapshotOf } from '../release/driver/observe';
import { intendedRevision } from '../release/driver/desiredRevision';
import { liveService } from './liveService';

/**
 * What serves, against the deployment's file, setting by setting: the revision that has the traffic, not the newest one. A
 * project without a ledger, with one that cannot be read, or without a service gets its answer too. Changes nothing, starts
 * no instance.
 */
export async function verify(context: ReleaseContext): Promise<Verification> {
  const { deployment, clock } = context;
  const snapshot = await snapshotOf(context);
  const live = await liveService(context, snapshot);
  const seen = ledgerRead(snapshot.ledger);
  const { ledger } = seen;
  const atWork = activeLease(ledger, clock.now());
  const of = {
    situation:
      seen.state === 'unread'
        ? seen.state
        : situationOf({ service: live !== undefined, ledger: ledger !== undefined }),
    ...(seen.state === 'unread' && { ledgerFailure: seen.failure }),
    ...(atWork && { atWork }),
  };
  if (live === undefined)
    return {
      ...of,
      ready: false,
      traffic: 'nothing',
      asIntended: false,
      isReleased: false,
      scaledByHand: [],
      differences: [],
    };
  const [revision] = live.serving;
  const conditions = [live.terminalCondition ? [live.terminalCondition] : [], revision?.conditions ?? []];
  const ready = conditions.every((of) => holdsYet(of) === 'yes');
  const why = revision ? [...new Set(conditions.flatMap(conditionWords))].join('; ') : 'no revision serves';
  const intended = await intendedRevision(context, live, ledger);
  const sha = revision?.labels[SHA_LABEL];
  const image = revision?.containers?.[0]?.image;
  return {
    ...of,
    url: live.uri,
    ready,
    ...(!ready && { why }),
    traffic: describeTraffic(live.trafficStatuses),
    ...(intended !== undefined && { intended }),
    scaledByHand: scaleFindings(deployment.name, ledger?.scale, live.scaling),
    asIntended: servesAsIntended(live, intended),
    isReleased:
      revision !== undefined && ledger !== undefined && entryOf(ledger, revision.name) !== undefined,
    ...(revision && { revision: revision.name }),
    ...(image !== undefined && { image }),
    ...(sha !== undefined && { sha }),
    differences: revision ? settingDifferences(deployment, revision, live) : [],
  };
}
