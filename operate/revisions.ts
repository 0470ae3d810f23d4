import type { Failure } from '../domain/failure';
import { type RevisionRow, revisionRows } from '../domain/releases/revisionTable';
import { valueOf } from '../domain/releases/next/snapshot';
import type { ReleaseContext } from '../release/ports/context';
import { ledgerRead, type LedgerRead } from '../release/checks/readLedger';
import { snapshotOf } from '../release/driver/observe';
import { missingMend } from '../release/verbs/status';

export interface Revisions {
  readonly service: string;
  /** False where there is none: nothing was deployed yet, or it was deleted. */
  readonly exists: boolean;
  /** Where it was not read nothing is known of intent, state and holds. */
  readonly ledger: LedgerRead['state'];
  /** Why it could not be read. */
  readonly ledgerFailure?: Failure;
  /** What makes the service or the ledger that is not there. */
  readonly mend?: string;
  /** Newest first. */
  readonly revisions: readonly RevisionRow[];
}

/** Reads; changes nothing. Works without a ledger, with one that cannot be read, and without a service. */
export async function revisions(context: ReleaseContext): Promise<Revisions> {
  const { cloudRun, deployment } = context;
  const snapshot = await snapshotOf(context);
  const [service, seen] = [valueOf(snapshot.service), ledgerRead(snapshot.ledger)];
  const mend = missingMend(context, service !== undefined, seen);
  const found = service ? await cloudRun.revisions() : [];
  return {
    service: deployment.service,
    exists: service !== undefined,
    ledger: seen.state,
    ...(seen.state === 'unread' && { ledgerFailure: seen.failure }),
    ...(mend !== undefined && { mend }),
    revisions: revisionRows(found, service?.trafficStatuses ?? [], seen.ledger),
  };
}
