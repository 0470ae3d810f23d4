import type { Failure } from '../../domain/failure';
import {
  type Block,
  type Intent,
  activeLease,
  type Lease,
  type ReleaseEntry,
} from '../../domain/releases/ledger';
import type { RevisionState } from '../../domain/releases/revisions';
import { findLedger, makeService } from '../../domain/releases/projectState';
import type { ScaleOverride } from '../../domain/scale/scale';
import { scaleFindings } from '../../domain/scale/formatScale';
import { servesAsIntended, type TrafficTarget } from '../../domain/releases/traffic';
import type { ReleaseContext } from '../ports/context';
import { type LedgerRead, ledgerRead } from '../checks/readLedger';
import { snapshotOf } from '../driver/observe';
import { valueOf } from '../../domain/releases/next/snapshot';

/** What serves, what is meant to, and what happened: from the cloud and the ledger, side by side. */
export interface Status {
  readonly deployment: string;
  readonly service: string;
  /** Absent where there is no service. */
  readonly uri?: string;
  readonly ledger: LedgerRead['state'];
  /** Why the ledger could not be read; then all that comes from it is missing here. */
  readonly ledgerFailure?: Failure;
  /** What makes the service or the ledger that is not there. */
  readonly mend?: string;
  readonly traffic: readonly TrafficTarget[];
  readonly intent?: Intent;
  /** True when the intended revision, and nothing else, serves, by its name. */
  readonly asIntended: boolean;
  readonly condition?: string;
  /** That somebody has stopped the service, fixed its instances or gave it a minimum; empty while it scales by itself. */
  readonly scaledByHand: readonly string[];
  readonly scale?: ScaleOverride;
  readonly revisions: readonly RevisionState[];
  readonly releases: readonly ReleaseEntry[];
  readonly holds: readonly Block[];
  readonly lease?: Lease;
  /** True while that lease is valid: traffic may be on its way. An expired one is a dead runner's. */
  readonly isAtWork: boolean;
}

/** Reads; changes nothing. Works without a ledger, with one that cannot be read, and without a service. */
export async function status(context: ReleaseContext): Promise<Status> {
  const snapshot = await snapshotOf(context);
  const [service, seen] = [valueOf(snapshot.service), ledgerRead(snapshot.ledger)];
  const { ledger } = seen;
  const mend = missingMend(context, service !== undefined, seen);
  const revisions = service ? await context.cloudRun.revisions() : [];
  return {
    deployment: context.deployment.name,
    service: context.deployment.service,
    ...(service && { uri: service.uri }),
    ledger: seen.state,
    ...(seen.state === 'unread' && { ledgerFailure: seen.failure }),
    ...(mend !== undefined && { mend }),
    ...(service?.condition && { condition: service.condition }),
    traffic: service?.trafficStatuses ?? [],
    ...(ledger?.intent && { intent: ledger.intent }),
    asIntended: service !== undefined && servesAsIntended(service, ledger?.intent?.revision),
    scaledByHand: scaleFindings(context.deployment.name, ledger?.scale, service?.scaling),
    ...(ledger?.scale && { scale: ledger.scale }),
    revisions,
    releases: ledger?.releases ?? [],
    holds: ledger?.holds ?? [],
    ...(ledger?.lease && { lease: ledger.lease }),
    isAtWork: activeLease(ledger, context.clock.now()) !== undefined,
  };
}

/** The command that makes the service, or finds the ledger, that is not there; undefined where both are. */
export function missingMend(
  { deployment }: ReleaseContext,
  exists: boolean,
  { state }: LedgerRead,
): string | undefined {
  if (!exists) return makeService(deployment);
  return state === 'none' ? findLedger(deployment) : undefined;
}
