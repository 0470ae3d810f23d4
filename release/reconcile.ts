import { Failure } from '../domain/failure';
import { isExpired, type Ledger, type ReleaseEntry, updateRelease } from '../domain/ledger';
import { describeTraffic, sharesOf } from '../domain/traffic';
import type { ReleaseContext } from './context';
import { startLedger } from './ledgerStore';
import { ownedLedger, withLease } from './lease';
import { moveTraffic, needService } from './moveTraffic';

export interface ReconcileResult {
  readonly action: 'nothing' | 'put-back' | 'superseded' | 'finished';
  readonly reason: string;
}

const IN_PROGRESS = ['applying', 'smoke', 'canary'];

/**
 * Ends what a dead runner left: a release whose lease has expired, or whose job has ended, goes back to the intended
 * revision, but only while traffic is what its own epoch wrote; a rollback that was killed half-way is finished.
 * Run at the end of every deploy job, and on a schedule, because a killed runner runs nothing.
 */
export async function reconcile(context: ReleaseContext): Promise<ReconcileResult> {
  const ledger = await context.ledger.read();
  const entry = ledger?.releases.find(({ state }) => IN_PROGRESS.includes(state));
  const unfinished = ledger?.intent !== undefined && ledger.intent.settledAt === undefined;
  if (ledger === undefined || (entry === undefined && !unfinished)) {
    return { action: 'nothing', reason: 'no release is under way' };
  }
  const { lease } = ledger;
  if (lease && lease.holder !== context.actor.holder && !isExpired(lease, context.clock.now())) {
    return { action: 'nothing', reason: `${lease.holder} is at work until ${lease.expiresAt}` };
  }
  if (ledger.intent === undefined) return abandonFirst(context, entry!);
  if (entry === undefined) return finishIntent(context);
  return endRelease(context, ledger, entry);
}

/** The first release ever died before anything was meant to serve: there is nothing to go back to. */
async function abandonFirst(context: ReleaseContext, entry: ReleaseEntry): Promise<ReconcileResult> {
  const reason = 'its runner died before the first revision was released';
  await note(context, entry, { state: 'failed', reason });
  return { action: 'nothing', reason };
}

async function finishIntent(context: ReleaseContext): Promise<ReconcileResult> {
  const { revision } = await toIntent(context);
  return { action: 'finished', reason: `all traffic is on ${revision}, as the ledger has meant since` };
}

async function endRelease(
  context: ReleaseContext,
  ledger: Ledger,
  entry: ReleaseEntry,
): Promise<ReconcileResult> {
  const overtaken = ledger.epoch !== entry.epoch;
  const live = await needService(context);
  const serving = [...sharesOf(live.traffic).keys()];
  const stable = ledger.intent!.revision;

  const unfinished = ledger.intent!.settledAt === undefined;
  if (overtaken && entry.state !== 'applying' && !unfinished) {
    await note(context, entry, { state: 'superseded', reason: 'somebody else moved traffic since' });
    return { action: 'superseded', reason: `traffic is left at ${describeTraffic(live.traffic)}` };
  }
  const foreign = serving.filter((revision) => revision !== stable && revision !== entry.revision);
  if (!overtaken && foreign.length > 0) {
    throw new Failure({
      code: 'TRAFFIC_NOT_OURS',
      message: 'A release died, and traffic is not what it wrote; it is left as it is.',
      where: `service ${context.deployment.service}`,
      got: `${describeTraffic(live.traffic)}; the ledger's intent is ${stable}`,
      remedy: `say what is meant to serve: bin/lightonocr rollback ${context.deployment.name} --to REVISION --reason TEXT`,
      exitCode: 3,
    });
  }
  // Terraform may have undone a rollback after its runner died: the newest intent is put back all the same.
  const { revision } = await toIntent(context);
  if (revision === entry.revision) {
    // It had passed every step, and its runner died while it gave it all traffic.
    const servedAt = entry.servedAt ?? context.clock.now().toISOString();
    await note(context, entry, { state: 'served', percent: 100, servedAt });
    return { action: 'finished', reason: `all traffic is on ${revision}, which its runner had released` };
  }
  await note(context, entry, { state: overtaken ? 'superseded' : 'put-back', reason: 'its runner died' });
  return {
    action: 'put-back',
    reason: `the runner of ${entry.revision} died at ${entry.state}; all traffic is on ${revision}`,
  };
}

/** All traffic to what the ledger means, under a lease of our own. */
async function toIntent(context: ReleaseContext): Promise<{ revision: string }> {
  return withLease(context, async (lease) => {
    let revision = '';
    await moveTraffic(context, {
      ledger: (found) => {
        const owned = ownedLedger(context, found, lease);
        revision = owned.intent!.revision;
        return owned;
      },
      shares: () => [{ revision, percent: 100 }],
    });
    return { revision };
  });
}

async function note(
  context: ReleaseContext,
  entry: ReleaseEntry,
  change: Partial<ReleaseEntry>,
): Promise<void> {
  await context.ledger.update((found) =>
    updateRelease(startLedger(found), entry.sha, context.clock.now(), change),
  );
}
