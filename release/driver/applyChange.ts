import { Failure } from '../../domain/failure';
import { endedBy } from '../../domain/releases/cause';
import { superseded } from '../../domain/releases/next/failures';
import {
  forgetService,
  type Lease,
  recordRelease,
  type ReleaseEntry,
  updateRelease,
} from '../../domain/releases/ledger';
import type { RevisionState } from '../../domain/releases/revisions';
import { again } from '../adapters/again';
import type { Service } from '../adapters/google/cloudRun';
import type { PlanRecord } from '../adapters/planStore';
import { assertNotBlocked, assertNotScaled } from '../checks/preconditions';
import type { ReleaseContext } from '../ports/context';
import { drive } from './drive';
import { readLive } from './observe';
import { assertLeaseHeld, isLeaseLost, placeOf } from './lease';

/** What of the record the ledger keeps. */
export type ChangeRecord = Pick<PlanRecord, 'sha' | 'digest' | 'templateHash' | 'revision' | 'fingerprint'>;

/** The approved change, as it fits the service that is there now. */
export interface Change {
  readonly changes: boolean;
  /** Whether the service is written. */
  readonly writes: boolean;
  /** @throws Failure `TERRAFORM_FAILED` (1); any other means that nothing was written. */
  apply(): Promise<void>;
  /** After a create that failed and left the service. */
  untaint(): Promise<void>;
}

/**
 * Applies a change under a lease, guarded: traffic is as an apply must find it before, and where it is desired after; the
 * revision must be Ready.
 * @param fit makes the change fit the service, or throws: somebody has to approve what it would do now.
 */
export async function applyChange(
  context: ReleaseContext,
  options: { force?: boolean; serving?: string; reason?: string },
  record: ChangeRecord,
  lease: Lease,
  fit: (before: Service | undefined, resumes: boolean) => Promise<Change>,
): Promise<{ readonly revision: string; readonly sha: string; readonly changed: boolean }> {
  const { sha, revision } = record;
  const { ledger } = await readLive(context);
  const before = await drive<Service | undefined>(context, { kind: 'prepare' }, lease);
  const resumes = !!ledger?.releases.some(
    (entry) => entry.revision === revision && entry.fingerprint === record.fingerprint,
  );
  const change = await fit(before, resumes);

  await context.ledger.update((found) => {
    // Again, now that nobody else is at work: a rollback may have blocked this candidate while we waited.
    const current = assertLeaseHeld(context, found, lease);
    assertNotScaled(context, current, before);
    if (options.serving !== undefined && current.intent?.revision !== options.serving)
      throw superseded(placeOf(context), current);
    if (!options.force) assertNotBlocked(context, current, record);
    const known = before === undefined ? forgetService(current, revision) : current;
    return recordRelease(known, newEntry(context, record, lease, options.reason));
  });

  let failure: unknown;
  if (change.changes) {
    try {
      await change.apply();
    } catch (error) {
      if (error instanceof Failure && error.code !== 'TERRAFORM_FAILED')
        throw await notBegun(context, record, error);
      failure = error;
      if (before === undefined) await change.untaint();
    }
  }
  if (before !== undefined) {
    const { applyDrift } = context.defences.guard;
    await drive(context, { kind: 'verify', before, wrote: change.writes, applyDrift }, lease);
  }

  const found = await again(context, () => context.cloudRun.revision(revision));
  if (failure !== undefined || found?.ready !== 'yes') throw await failed(context, record, found, failure);
  await context.ledger.update((current) =>
    updateRelease(assertLeaseHeld(context, current, lease), sha, context.clock.now(), { state: 'applied' }),
  );
  return { revision, sha, changed: change.changes };
}

function newEntry(
  context: ReleaseContext,
  record: ChangeRecord,
  lease: Lease,
  reason: string | undefined,
): ReleaseEntry {
  const now = context.clock.now().toISOString();
  const { sha, digest, templateHash, revision, fingerprint } = record;
  const { by, runUrl } = context.actor;
  return {
    ...{ sha, digest, templateHash, revision, fingerprint },
    ...{ state: 'applying', percent: 0, epoch: lease.epoch, by, startedAt: now, updatedAt: now },
    ...(runUrl && { runUrl }),
    ...(reason !== undefined && { reason }),
  };
}

/** Nothing was written, and the failure says itself what mends it. The ledger is told, unless somebody has superseded us. */
async function notBegun(context: ReleaseContext, { sha }: ChangeRecord, failure: Failure): Promise<Failure> {
  if (isLeaseLost(failure)) return failure;
  await recordFailed(context, sha, failure.code, failure.message);
  return failure;
}

async function recordFailed(
  { ledger, clock, actor }: ReleaseContext,
  sha: string,
  code: string,
  text: string,
) {
  const cause = { code, by: actor.by, at: clock.now().toISOString(), text };
  await ledger.update((found) =>
    updateRelease(found!, sha, clock.now(), { state: 'failed', ...endedBy(cause) }),
  );
}

async function failed(
  context: ReleaseContext,
  record: ChangeRecord,
  found: RevisionState | undefined,
  cause: unknown,
): Promise<Failure> {
  const condition =
    found?.condition ?? (found ? `revision is ${found.ready}` : 'the revision does not exist');
  const reason = cause instanceof Failure ? `${condition}\n${cause.message}` : condition;
  await recordFailed(context, record.sha, 'REVISION_NOT_READY', condition);
  const { name } = context.deployment;
  const planAgain = `plan again, under a new revision name: bin/lightonocr plan ${name} --sha ${record.sha}`;
  const isTerraforms = found === undefined && cause instanceof Failure;
  return new Failure(
    {
      code: 'REVISION_NOT_READY',
      message: `The new revision is not ready; traffic is where it was.\n${reason}`,
      where: isTerraforms ? cause.where : `revision ${record.revision}`,
      remedy: isTerraforms
        ? `mend what Terraform says; then ${planAgain}`
        : `see what is wrong: bin/lightonocr troubleshoot ${name}${found ? ` --revision ${record.revision}` : ''}; once that is mended ${planAgain}`,
      exitCode: 1,
    },
    { cause },
  );
}
