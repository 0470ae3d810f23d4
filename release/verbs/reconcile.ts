import { Failure } from '../../domain/failure';
import {
  type Intent,
  type Lease,
  activeLease,
  type Ledger,
  type ReleaseEntry,
  updateRelease,
} from '../../domain/releases/ledger';
import { lastAsked } from '../../domain/releases/journal';
import { describeTraffic, hasShares } from '../../domain/releases/traffic';
import { unfinishedRelease } from '../../domain/releases/activeRelease';
import type { ReleaseContext } from '../ports/context';
import { startLedger } from '../checks/readLedger';
import { assertLeaseHeld, withLease } from '../driver/lease';
import { requireService } from '../driver/moveTraffic';
import { holdScale } from '../driver/enforceScale';
import { toIntent } from '../driver/convergeTraffic';

export interface ReconcileResult {
  readonly action: 'nothing' | 'put-back' | 'superseded' | 'finished';
  readonly reason: string;
}

const NOTHING: ReconcileResult = { action: 'nothing', reason: 'no release is under way' };

/**
 * Ends what a dead runner left: a release whose lease has expired, or whose job has ended, goes back to the intended
 * revision, but only while traffic is there already or is what the release asked for; a rollback that was killed half-way is
 * finished. Run at the end of every deploy job, and on a schedule, because a killed runner runs nothing.
 * @throws Failure `TRAFFIC_NOT_OURS` (3), with nothing moved: somebody may have had a reason.
 */
export async function reconcile(context: ReleaseContext): Promise<ReconcileResult> {
  const ledger = await context.ledger.read();
  if (ledger === undefined || isSettled(ledger)) return NOTHING;
  const lease = activeLease(ledger, context.clock.now());
  if (lease && lease.holder !== context.actor.holder) {
    return { action: 'nothing', reason: `${lease.holder} is at work until ${lease.expiresAt}` };
  }
  // Looked at again under the lease: somebody may have taken it first and gone on.
  return withLease(context, (own, leased) => endLeftovers(leased, own));
}

const isUnfinished = ({ intent }: Ledger) => intent !== undefined && intent.settledAt === undefined;
const isMoved = (ledger: Ledger) => unfinishedRelease(ledger) === undefined && !isUnfinished(ledger);
const isSettled = (ledger: Ledger) =>
  isMoved(ledger) && (ledger.scale === undefined || ledger.scale.settledAt !== undefined);

/** What is left of releases whose runners are gone; under a lease, so nobody else is at work. */
export async function endLeftovers(context: ReleaseContext, lease: Lease): Promise<ReconcileResult> {
  const ledger = startLedger(await context.ledger.read());
  if (isSettled(ledger)) return NOTHING;
  // First, so that what comes next starts no instance of a service that is stopped.
  await holdScale(context);
  if (isMoved(ledger))
    return { action: 'finished', reason: `the instances are as ${ledger.scale?.by} set them` };
  const entry = unfinishedRelease(ledger);
  if (entry !== undefined) {
    const { intent } = ledger;
    // A revision that went with a service that was deleted is nothing to go back to, as no revision is.
    if (intent && (await context.cloudRun.revision(intent.revision)))
      return endRelease(context, lease, ledger, intent, entry);
    const reason = 'its runner died before the first revision was released';
    await note(context, lease, entry, { state: 'failed', reason });
    return { action: 'nothing', reason };
  }
  const revision = await putOnIntent(context, lease);
  return { action: 'finished', reason: `all traffic is on ${revision}, as the ledger has meant since` };
}

async function endRelease(
  context: ReleaseContext,
  lease: Lease,
  ledger: Ledger,
  intent: Intent,
  entry: ReleaseEntry,
): Promise<ReconcileResult> {
  const overtaken = intent.epoch > entry.epoch;
  const { traffic } = await requireService(context);
  if (overtaken && entry.state !== 'applying' && !isUnfinished(ledger)) {
    await note(context, lease, entry, { state: 'superseded', reason: 'somebody else moved traffic since' });
    return { action: 'superseded', reason: `traffic is left at ${describeTraffic(traffic)}` };
  }
  const asked = lastAsked(ledger, [intent.revision, entry.revision]);
  const ours = [[{ revision: intent.revision, percent: 100 }], ...asked];
  if (!overtaken && !ours.some((shares) => hasShares(traffic, shares))) {
    throw new Failure({
      code: 'TRAFFIC_NOT_OURS',
      message: 'A release died, and traffic is not what it wrote; it is left as it is.',
      where: `service ${context.deployment.service}`,
      got: `${describeTraffic(traffic)}; the ledger's intent is ${intent.revision}`,
      remedy: `say what is meant to serve: bin/lightonocr rollback ${context.deployment.name} --to REVISION --reason TEXT`,
      exitCode: 3,
    });
  }
  // Terraform may have undone a rollback after its runner died: the newest intent is put back all the same.
  const revision = await putOnIntent(context, lease);
  if (revision === entry.revision) {
    // It had passed every step, and its runner died while it gave it all traffic.
    const servedAt = entry.servedAt ?? context.clock.now().toISOString();
    await note(context, lease, entry, { state: 'served', percent: 100, servedAt });
    return { action: 'finished', reason: `all traffic is on ${revision}, which its runner had released` };
  }
  const state = overtaken ? 'superseded' : 'put-back';
  await note(context, lease, entry, { state, reason: 'its runner died' });
  return {
    action: 'put-back',
    reason: `the runner of ${entry.revision} died at ${entry.state}; all traffic is on ${revision}`,
  };
}

/** All traffic to what the ledger means, under our lease. */
async function putOnIntent(context: ReleaseContext, lease: Lease): Promise<string> {
  const { intent } = await toIntent(context, (ledger) => assertLeaseHeld(context, ledger, lease));
  return intent!.revision;
}

async function note(
  context: ReleaseContext,
  lease: Lease,
  entry: ReleaseEntry,
  change: Partial<ReleaseEntry>,
): Promise<void> {
  await context.ledger.update((found) =>
    updateRelease(assertLeaseHeld(context, found, lease), entry.sha, context.clock.now(), change),
  );
}
