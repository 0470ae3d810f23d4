import { Failure } from '../../domain/failure';
import type { Candidate, Ledger } from '../../domain/releases/ledger';
import { isScaleOverridden, isStopped } from '../../domain/scale/scale';
import { scaleFindings } from '../../domain/scale/formatScale';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';
import type { PlanRecord } from '../adapters/planStore';

/** Refuses what was rolled back. Failure `HELD` (3). */
export function assertNotBlocked(
  context: ReleaseContext,
  ledger: Ledger | undefined,
  candidate: Candidate,
): void {
  const hold = ledger && context.defences.blockOn(ledger, candidate);
  if (!hold) return;
  const { name } = context.deployment;
  throw new Failure({
    code: 'HELD',
    message: `This release is held: ${hold.revision} was taken out of traffic by ${hold.by} (${hold.reason}).`,
    where: context.ledger.url,
    got: `commit ${candidate.sha.slice(0, 7)}, image ${candidate.digest}`,
    remedy: `merge a fix; or, to bring it back on purpose: bin/lightonocr rollback ${name} --to ${hold.revision} --reason TEXT, or apply and release it with --force`,
    exitCode: 3,
  });
}

/**
 * Refuses a release while somebody has set the number of instances. Stopped: a new revision starts an instance, and so does
 * its tag. Fixed: the revisions share that number, and a canary that gets none of it says nothing.
 * @throws Failure `SERVICE_STOPPED` or `SCALED_BY_HAND` (3).
 */
export function assertNotScaled(
  context: ReleaseContext,
  ledger: Ledger | undefined,
  service: Service | undefined,
): void {
  if (!isScaleOverridden(ledger?.scale, service?.scaling)) return;
  const { name } = context.deployment;
  const stopped = isStopped(ledger?.scale, service?.scaling);
  throw new Failure({
    code: stopped ? 'SERVICE_STOPPED' : 'SCALED_BY_HAND',
    message: stopped
      ? 'The service is stopped; nothing is applied or released that would start an instance.'
      : 'The number of instances is fixed by hand; a canary would get none of them, or too few.',
    where: `service ${context.deployment.service}`,
    got: scaleFindings(name, ledger?.scale, service?.scaling).join('; '),
    remedy: `bin/lightonocr scale ${name} restore, then run the same command again`,
    exitCode: 3,
  });
}

/**
 * Refuses a merge's run that a newer merge has superseded: its commit is an ancestor of one that was applied, or of one
 * that was applied after this plan and that this clone lacks, as it lacks what was pushed since it was made.
 * @throws Failure `SUPERSEDED_SHA` (4).
 */
export async function assertNotSuperseded(
  context: ReleaseContext,
  ledger: Ledger | undefined,
  { sha, plannedAt }: Pick<PlanRecord, 'sha' | 'plannedAt'>,
): Promise<void> {
  for (const entry of ledger?.releases ?? []) {
    if (entry.sha === sha || entry.state === 'failed') continue;
    const isAncestor = await context.git.isAncestor(sha, entry.sha).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'UNKNOWN_SHA') return entry.startedAt > plannedAt;
      throw error;
    });
    if (!isAncestor) continue;
    throw new Failure({
      code: 'SUPERSEDED_SHA',
      message: `A newer commit has been applied already: ${entry.sha.slice(0, 7)}, as ${entry.revision}.`,
      where: context.ledger.url,
      got: sha,
      remedy: `nothing to do; to release the older commit on purpose, start the workflow for it by hand`,
      exitCode: 4,
    });
  }
}
