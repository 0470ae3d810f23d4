import { type RevisionRow, revisionRows } from '../domain/releases/revisionTable';
import type { ReleaseContext } from '../release/context';

export interface Revisions {
  readonly service: string;
  /** False where there is none: nothing was deployed yet, or it was deleted. */
  readonly exists: boolean;
  /** False where there is none; then nothing is known of intent, state and holds. */
  readonly hasLedger: boolean;
  /** Newest first. */
  readonly revisions: readonly RevisionRow[];
}

/** Reads; changes nothing. Works without a ledger and without a service. */
export async function revisions(context: ReleaseContext): Promise<Revisions> {
  const { cloudRun, ledger: store, deployment } = context;
  const [service, ledger] = await Promise.all([cloudRun.service(), store.read()]);
  const found = service ? await cloudRun.revisions() : [];
  return {
    service: deployment.service,
    exists: service !== undefined,
    hasLedger: ledger !== undefined,
    revisions: revisionRows(found, service?.trafficStatuses ?? [], ledger),
  };
}
