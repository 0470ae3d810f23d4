import { Failure } from '../../failure';
import { unknownRevision } from '../../service/unknownRevision';
import { SHA_LABEL } from '../../template';
import { activeRelease } from '../activeRelease';
import { isOfRelease } from '../ledger';
import type { Intent, Ledger } from '../ledgerTypes';
import type { RevisionState } from '../revisions';
import { previousGood } from '../rollbackTarget';
import { servingRevision, sharesOf } from '../traffic';
import type { Place } from './run';
import type { ObservedService } from './snapshot';

/** Where a rollback is asked to go. */
export interface TargetWish {
  /** A revision, or the SHA of a release; default: the previous good one. */
  readonly to?: string;
  /** Leaves also what an unproven rollback went to, instead of finishing that one. */
  readonly further?: boolean;
}

/**
 * True while a rollback's decision is not done: its traffic was not read back, or its target has not been proven to read the
 * golden page. A bare rollback finishes it.
 */
export const isOpen = (ledger: Ledger, intent: Intent): boolean =>
  !isOfRelease(ledger, intent) && (intent.open === true || intent.settledAt === undefined);

/** The name of the revision to go to, which is still to be checked. @throws Failure where there is none, exit code 2 or 3. */
export function targetName(
  place: Place,
  service: ObservedService,
  ledger: Ledger | undefined,
  revisions: readonly RevisionState[],
  { to, further }: TargetWish,
): string {
  return to === undefined
    ? previous(place, service, ledger, revisions, further ?? false)
    : named(place, ledger, revisions, to);
}

/** The target, Ready. @throws Failure `TARGET_NOT_READY` (3), `UNKNOWN_REVISION` (2). */
export function readyTarget(
  place: Place,
  ledger: Ledger | undefined,
  revisions: readonly RevisionState[],
  name: string,
  { to }: TargetWish,
): RevisionState {
  const target = revisions.find((revision) => revision.name === name);
  if (target === undefined && to !== undefined) throw unknownRevision(place.deployment, name);
  if (target?.ready === 'yes') return target;
  const observed = target?.condition ?? 'the revision does not exist';
  throw noTarget(place, 'TARGET_NOT_READY', name, observed, servedBefore(ledger, name));
}

export const imageGone = (place: Place, ledger: Ledger | undefined, name: string, digest: string): Failure =>
  noTarget(place, 'IMAGE_GONE', name, `${digest} is no longer in the registry`, servedBefore(ledger, name));

/**
 * Without a target: first finish the rollback that was begun, then leave what is on its way in, then go one release back. Two
 * serving revisions are a canary; so is one, when a release that is under way has all traffic and is not desired yet.
 */
function previous(
  place: Place,
  service: ObservedService,
  ledger: Ledger | undefined,
  revisions: readonly RevisionState[],
  further: boolean,
): string {
  const shares = sharesOf(service.trafficStatuses);
  if (ledger === undefined) {
    const others = revisions.filter(({ name, ready }) => ready === 'yes' && !shares.has(name));
    const names = others.slice(0, MOST_NAMED).map(({ name }) => name);
    const observed = 'there is no ledger to say what was good';
    throw noTarget(place, 'NO_LEDGER', place.ledgerUrl, observed, names);
  }
  const { intent } = ledger;
  const open = intent && isOpen(ledger, intent) ? intent.revision : undefined;
  if (open !== undefined && !further) return open;
  const serving =
    open ?? servingRevision(place.deployment.service, service.trafficStatuses, intent?.revision);
  if (open === undefined && shares.size > 1 && serving !== undefined) return serving;
  const isCandidate = intent?.revision !== serving && activeRelease(ledger)?.revision === serving;
  if (intent && isCandidate) return intent.revision;
  const good = previousGood(ledger, serving);
  if (good) return good.revision;
  const where = serving ?? 'nothing serves';
  throw noTarget(
    place,
    'NO_EARLIER_REVISION',
    where,
    noneEarlier(ledger, serving),
    servedBefore(ledger, serving),
  );
}

const MOST_NAMED = 5;

/** Revisions that have served, other than the one that serves; newest first. */
function servedBefore(ledger: Ledger | undefined, serving: string | undefined): string[] {
  const served = ledger?.releases.filter(({ servedAt, revision }) => servedAt && revision !== serving) ?? [];
  return [...new Set(served.map(({ revision }) => revision))];
}

function noneEarlier(ledger: Ledger, serving: string | undefined): string {
  const others = servedBefore(ledger, serving).map((revision) => {
    const block = ledger.holds.find((held) => held.revision === revision);
    return block ? `${revision} is held (${block.reason})` : `${revision} is newer`;
  });
  return others.join(', ') || 'no other revision has served';
}

/** A revision by its name, or the newest one of a SHA; of several the one that served, since a restart may have failed after it. */
function named(
  { deployment }: Place,
  ledger: Ledger | undefined,
  revisions: readonly RevisionState[],
  to: string,
): string {
  if (to.startsWith(`${deployment.service}-`)) return to;
  const ofSha = ledger?.releases.filter(({ sha, state }) => sha.startsWith(to) && state !== 'failed') ?? [];
  const entry = ofSha.find(({ servedAt }) => servedAt !== undefined) ?? ofSha[0];
  if (entry) return entry.revision;
  const labelled = revisions.find(
    ({ labels, ready }) => ready === 'yes' && labels[SHA_LABEL]?.startsWith(to),
  );
  if (labelled) return labelled.name;
  throw unknownRevision(deployment, `${to}, which is no released commit either`);
}

function noTarget(
  { deployment }: Place,
  code: string,
  where: string,
  got: string,
  others: readonly string[],
): Failure {
  const candidates = others.join(', ') || `see bin/lightonocr revisions ${deployment.name}`;
  return new Failure({
    code,
    message: 'The rollback has no target that it may go to; traffic is where it was.',
    where,
    got,
    remedy: `name one: bin/lightonocr rollback ${deployment.name} --to REVISION --reason TEXT (candidates: ${candidates})`,
    exitCode: 3,
  });
}
