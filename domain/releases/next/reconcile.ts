import { endedBy, supersededBy } from '../cause';
import { lastAsked } from '../journal';
import { activeLease, owns, renewLease, updateRelease } from '../ledger';
import type { Intent, Ledger, ReleaseEntry } from '../ledgerTypes';
import { supersededEntry } from '../superseded';
import { unfinishedRelease } from '../activeRelease';
import { CANDIDATE_TAG, describeTraffic, hasShares, type Share, sharesOf } from '../traffic';
import type { Action, Facts } from './action';
import { converge, isScaleHeld, settle } from './converge';
import { leaseLost, notOurs } from './failures';
import { giveWay } from './rollback';
import type { Run } from './run';
import { type ObservedService, type Snapshot, valueOf } from './snapshot';

/** Ends what dead runners have left. Under a lease, so nobody else is at work. */
export interface ReconcileGoal {
  readonly kind: 'reconcile';
}

export interface ReconcileResult {
  readonly action: 'nothing' | 'put-back' | 'superseded' | 'finished';
  readonly reason: string;
}

const NOTHING: ReconcileResult = { action: 'nothing', reason: 'no release is under way' };

/**
 * What there is to do before a lease is taken: undefined where something has to be ended.
 * @param holder the caller's own, whose lease is no reason to wait.
 */
export function nothingToReconcile(
  run: Run,
  seen: Snapshot,
  holder: string,
  now: number,
): ReconcileResult | undefined {
  const ledger = valueOf(seen.ledger);
  const service = valueOf(seen.service);
  if (ledger === undefined) return NOTHING;
  const lease = activeLease(ledger, new Date(now));
  const left = leftovers(run, ledger, service, now);
  if (left === undefined) return restOf(ledger, service);
  if (lease && lease.holder !== holder)
    return { action: 'nothing', reason: `${lease.holder} is at work until ${lease.expiresAt}` };
  return undefined;
}

type Leftover = 'scale' | 'release' | 'intent' | 'traffic' | 'tags';

const isUnfinished = ({ intent }: Ledger) => intent !== undefined && intent.settledAt === undefined;

/** The first of what dead runners can leave; undefined where all is as it is desired, or was moved by hand. */
function leftovers(
  run: Run,
  ledger: Ledger,
  service: ObservedService | undefined,
  now: number,
): Leftover | undefined {
  const { scale, intent } = ledger;
  if (scale && (!scale.settledAt || (service && !isScaleHeld(ledger, service)))) return 'scale';
  if (unfinishedRelease(ledger)) return 'release';
  if (isUnfinished(ledger)) return 'intent';
  if (service === undefined || intent === undefined) return undefined;
  const desired = [{ revision: intent.revision, percent: 100 }];
  if (!hasShares(service.traffic, desired))
    return isAskedByUs(ledger, intent, service) ? 'traffic' : undefined;
  const isStray = service.traffic.some(({ tag }) => tag && CANDIDATE_TAG.test(tag));
  return isStray && isWarmUpOver(run, service, now) ? 'tags' : undefined;
}

/** Traffic that a release has asked for and that nobody took back, as after an end that was written on an old read. */
function isAskedByUs(ledger: Ledger, intent: Intent, service: ObservedService): boolean {
  const revisions = [...sharesOf(service.traffic).keys()];
  const candidate = revisions.find((revision) => revision !== intent.revision);
  const ended = ledger.releases.find(({ revision }) => revision === candidate);
  if (candidate === undefined || ended === undefined || ended.percent > 0) return false;
  const asked = lastAsked(ledger, [intent.revision, candidate]);
  return asked.some((shares) => shares.length > 1 && hasShares(service.traffic, shares));
}

/** Beside the cold-start budget, for which a rollback keeps the tag that warms its target up. */
const TAG_SECONDS = 60;

function isWarmUpOver({ deployment }: Run, { updatedAt }: ObservedService, now: number): boolean {
  const budget = deployment.release.smoke.coldStartSeconds + TAG_SECONDS;
  return updatedAt === undefined || now - Date.parse(updatedAt) > budget * 1000;
}

/** Nothing is left; whether traffic is where it is desired is said all the same. */
function restOf({ intent }: Ledger, service: ObservedService | undefined): ReconcileResult {
  const isDesired =
    !service || !intent || hasShares(service.traffic, [{ revision: intent.revision, percent: 100 }]);
  return isDesired
    ? NOTHING
    : {
        action: 'nothing',
        reason: `no release is under way; traffic was moved by hand and is left: ${describeTraffic(service.traffic)}, where ${intent.revision} is desired`,
      };
}

export function nextOfReconcile(run: Run, seen: Snapshot, _goal: ReconcileGoal, now: number): Action {
  const found = valueOf(seen.ledger);
  const service = valueOf(seen.service);
  if (found === undefined) return { do: 'finish', result: NOTHING };
  if (!owns(found, run.lease!)) return lost(run, service, found, now);
  const ledger = renewLease(found, run.lease!, new Date(now), run.deployment.release.leaseSeconds);
  const left = leftovers(run, ledger, service, now);
  const { tidied } = run.facts;
  if (left === undefined) return { do: 'finish', result: tidied ?? restOf(ledger, service) };
  if (left === 'release') return endRelease(run, seen, service, ledger, unfinishedRelease(ledger)!, now);
  if (service === undefined) return { do: 'finish', result: tidied ?? NOTHING };
  if (left === 'scale') return restoreScale(run, seen, service, ledger, now);
  const { revision } = ledger.intent!;
  const reason = `all traffic is on ${revision}, as the ledger has desired since`;
  return toDesired(run, service, ledger, { action: 'finished', reason }, now);
}

/** Whoever was superseded ends; but a write that may have come after the newer decision's is taken back. */
function lost(run: Run, service: ObservedService | undefined, ledger: Ledger, now: number): Action {
  const { intent } = ledger;
  const isNewer = intent !== undefined && intent.epoch > run.lease!.epoch;
  if (isNewer && service) {
    const end = giveWay(run, service, ledger, now);
    if (end.do !== 'fail') return end;
  }
  return { do: 'fail', failure: leaseLost(run, ledger, run.lease!) };
}

/** All traffic to the desired revision, without tags; written at least once, which proves that what was read is not old. */
function toDesired(
  run: Run,
  service: ObservedService,
  ledger: Ledger,
  tidied: NonNullable<Facts['tidied']>,
  now: number,
): Action {
  const shares = [{ revision: ledger.intent!.revision, percent: 100 }];
  const settled = settle(ledger, service, now);
  return (
    converge(run, service, { ledger, shares, fence: true, learn: { tidied } }, now) ??
    (settled?.do === 'record' ? { ...settled, learn: { tidied } } : { do: 'learn', learn: { tidied } })
  );
}

/** What an apply or a killed command has left undone: the override of the ledger holds again. */
function restoreScale(
  run: Run,
  seen: Snapshot,
  service: ObservedService,
  ledger: Ledger,
  now: number,
): Action {
  const { scale } = ledger;
  const needsRevisions = scale!.restoring && scale!.before.tags.length > 0;
  if (needsRevisions && seen.revisions === undefined) return { do: 'read', need: { revisions: true } };
  const ready = new Set(
    (seen.revisions ? (valueOf(seen.revisions) ?? []) : []).flatMap(({ name, ready }) =>
      ready === 'yes' ? [name] : [],
    ),
  );
  const exists = (revision: string) => !needsRevisions || ready.has(revision);
  const say = `the number of instances is put back to what ${scale!.by} set`;
  const action =
    converge(run, service, { ledger, fence: true, exists, say }, now) ?? settle(ledger, service, now, exists);
  const tidied = { action: 'finished', reason: `the instances are as ${scale!.by} set them` } as const;
  return action?.do === 'record'
    ? { ...action, learn: { tidied } }
    : (action ?? { do: 'learn', learn: { tidied } });
}

function endRelease(
  run: Run,
  seen: Snapshot,
  service: ObservedService | undefined,
  ledger: Ledger,
  entry: ReleaseEntry,
  now: number,
): Action {
  const { intent } = ledger;
  const died = (text: string) =>
    endedBy({ code: 'RUNNER_DIED', by: run.by, at: new Date(now).toISOString(), text });
  const end = (change: Partial<ReleaseEntry>, tidied?: Facts['tidied']): Action => ({
    do: 'record',
    ledger: updateRelease(ledger, entry.sha, new Date(now), change),
    ...(tidied && { learn: { tidied } }),
  });
  const serves = intent && service && sharesOf(service.trafficStatuses).has(intent.revision);
  if (intent && service && !serves && seen.revisions === undefined)
    return { do: 'read', need: { revisions: true } };
  const exists =
    serves || (seen.revisions && valueOf(seen.revisions)?.some(({ name }) => name === intent?.revision));
  // A revision that went with a service that was deleted is nothing to go back to, as no revision is.
  if (!intent || !service || !exists)
    return end({ state: 'failed', ...died('its runner died before the first revision was released') });

  const isSuperseded = intent.epoch > entry.epoch;
  if (isSuperseded && entry.state !== 'applying' && !isUnfinished(ledger)) {
    const reason = `traffic is left at ${describeTraffic(service.traffic)}`;
    return end(supersededEntry(supersededBy(ledger, entry.epoch)!), { action: 'superseded', reason });
  }
  const { revision } = intent;
  const desired: readonly Share[] = [{ revision, percent: 100 }];
  const ours = [desired, ...lastAsked(ledger, [revision, entry.revision])];
  if (!isSuperseded && !ours.some((shares) => hasShares(service.traffic, shares)))
    return { do: 'fail', failure: notOurs(run, service, revision) };
  // Terraform may have undone a rollback after its runner died: the newest decision is put back all the same.
  const action =
    converge(run, service, { ledger, shares: desired, fence: true }, now) ?? settle(ledger, service, now);
  if (action) return action;
  if (revision === entry.revision) {
    // It had passed every step, and its runner died while it gave it all traffic.
    const servedAt = entry.servedAt ?? new Date(now).toISOString();
    const reason = `all traffic is on ${revision}, which its runner had released`;
    return end({ state: 'served', percent: 100, servedAt }, { action: 'finished', reason });
  }
  const state = isSuperseded ? 'superseded' : 'put-back';
  const reason = `the runner of ${entry.revision} died at ${entry.state}; all traffic is on ${revision}`;
  return end({ state, percent: 0, ...died('its runner died') }, { action: 'put-back', reason });
}
