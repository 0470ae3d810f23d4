import { nothingToReconcile, type ReconcileResult } from '../../domain/releases/next/reconcile';
import { startRun } from '../../domain/releases/next/run';
import { drive } from '../driver/drive';
import { withLease } from '../driver/lease';
import { readLive } from '../driver/observe';
import type { ReleaseContext } from '../ports/context';

export type { ReconcileResult } from '../../domain/releases/next/reconcile';

/**
 * Ends what dead runners have left: a release whose lease has expired, or whose job has ended, goes back to the desired
 * revision, but only while traffic is there already or is what the release asked for; a rollback that was killed half-way is
 * finished; tags that nobody needs any more go. Run at the end of every deploy job, and on a schedule, because a killed runner
 * runs nothing.
 * @throws Failure `TRAFFIC_NOT_OURS` (3), with nothing moved: somebody may have had a reason.
 */
export async function reconcile(context: ReleaseContext): Promise<ReconcileResult> {
  const { deployment, actor, clock, ledger } = context;
  const { snapshot } = await readLive(context);
  const run = startRun({ deployment, by: actor.by, ledgerUrl: ledger.url });
  const nothing = nothingToReconcile(run, snapshot, actor.holder, clock.now().getTime());
  // Looked at again under the lease: somebody may have taken it first and gone on.
  return nothing ?? withLease(context, (lease, leased) => drive(leased, { kind: 'reconcile' }, lease));
}
