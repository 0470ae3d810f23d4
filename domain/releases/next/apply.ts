import type { AfterApply } from '../../plan/guard';
import { owns, renewLease, withIntent } from '../ledger';
import { followsLatest, servingRevision, sharesOf } from '../traffic';
import type { Action } from './action';
import { converge, iso, isScaleHeld, settle } from './converge';
import { leaseLost, notDesired, writtenByOthers } from './failures';
import { nextOfReconcile } from './reconcile';
import type { Run } from './run';
import { type ObservedService, type Snapshot, valueOf } from './snapshot';

/**
 * Traffic as an apply must find it: on named revisions, and where it is desired. What a dead runner left is ended first;
 * traffic that follows LATEST (a service made by hand, a first deploy that died) is pinned to what serves, unless another
 * revision is desired that is still there: LATEST may be what a rollback left. Ends with the service, undefined where there
 * is none yet.
 */
export interface PrepareGoal {
  readonly kind: 'prepare';
}

/**
 * After an apply: whatever Terraform sent, traffic is where the newest decision has it. Terraform writes the whole service, with
 * the traffic that it read when it planned; a rollback that came in between is undone by that write.
 */
export interface VerifyGoal {
  readonly kind: 'verify';
  readonly before: ObservedService;
  /** True when Terraform had something to change. */
  readonly wrote: boolean;
  readonly applyDrift: (apply: AfterApply) => string[];
}

export function nextOfPrepare(run: Run, seen: Snapshot, _goal: PrepareGoal, now: number): Action {
  const service = valueOf(seen.service);
  if (service === undefined) return { do: 'finish', result: undefined };
  if (!run.facts.settled) {
    const action = nextOfReconcile(run, seen, { kind: 'reconcile' }, now);
    if (action.do !== 'finish') return action;
    return { do: 'learn', learn: { settled: true } };
  }
  const ledger = valueOf(seen.ledger);
  if (ledger === undefined || !owns(ledger, run.lease!))
    return { do: 'fail', failure: leaseLost(run, ledger!, run.lease!) };
  const desired = ledger.intent?.revision;
  const serves = desired !== undefined && sharesOf(service.trafficStatuses).has(desired);
  if (desired !== undefined && !serves && seen.revisions === undefined)
    return { do: 'read', need: { revisions: true } };
  const exists = serves || (seen.revisions && valueOf(seen.revisions)?.some(({ name }) => name === desired));
  if (exists) {
    if (sharesOf(service.trafficStatuses).get(desired!) !== 100)
      return { do: 'fail', failure: notDesired(run, service, desired!) };
    if (!followsLatest(service.traffic)) return { do: 'finish', result: service };
  }
  return pin(run, service, seen, now);
}

/** Makes what serves the desired revision, by its name. Nothing to do while no revision was ever ready. */
function pin(run: Run, service: ObservedService, seen: Snapshot, now: number): Action {
  const serving = servingRevision(run.deployment.service, service.trafficStatuses, undefined);
  if (serving === undefined) return { do: 'finish', result: service };
  const found = valueOf(seen.ledger)!;
  const ledger = renewLease(found, run.lease!, new Date(now), run.deployment.release.leaseSeconds);
  const intent = { revision: serving, by: run.by, at: iso(now), reason: 'served already' };
  const isDesired = ledger.intent?.revision === serving && ledger.intent.epoch === run.lease!.epoch;
  const pinned = isDesired ? ledger : withIntent(ledger, intent, { newEpoch: false });
  const say = `all traffic is pinned to ${serving}, which serves`;
  const action = converge(
    run,
    service,
    { ledger: pinned, shares: [{ revision: serving, percent: 100 }], say },
    now,
  );
  if (action) return action;
  if (!isDesired) return { do: 'record', ledger: pinned };
  return settle(ledger, service, now) ?? { do: 'finish', result: service };
}

export function nextOfVerify(run: Run, seen: Snapshot, goal: VerifyGoal, now: number): Action {
  const live = valueOf(seen.service)!;
  const found = valueOf(seen.ledger);
  if (found?.intent === undefined) return { do: 'finish', result: undefined };
  const isLost = !owns(found, run.lease!);
  const isWritten = run.write?.accepted ?? false;
  const { before, wrote, applyDrift } = goal;
  const { revision } = found.intent;
  // Until our write is taken with the etag that was read, what was read may be old: then there is nothing to tell.
  const drift = isWritten
    ? (run.facts.findings ?? [])
    : applyDrift({ before, live, intended: revision, wrote });
  if (!isWritten && drift.length === 0 && !isLost && isScaleHeld(found, live))
    return { do: 'finish', result: undefined };
  const { leaseSeconds } = run.deployment.release;
  const ledger = isLost ? found : renewLease(found, run.lease!, new Date(now), leaseSeconds);
  const say = `after the apply: ${drift.join('; ') || 'somebody else has moved on'}; traffic goes where it is desired`;
  const wish = { ledger, shares: [{ revision, percent: 100 }], learn: { findings: drift }, say };
  // Terraform writes the scaling of its plan too: a stopped service stays stopped.
  const action = converge(run, live, wish, now) ?? settle(ledger, live, now);
  if (action) return action;
  if (isLost) return { do: 'fail', failure: leaseLost(run, found, run.lease!) };
  return drift.length === 0
    ? { do: 'finish', result: undefined }
    : { do: 'fail', failure: writtenByOthers(run, revision, drift) };
}
