import { type Hold, type Intent, isExpired, type Lease, type ReleaseEntry } from '../domain/releases/ledger';
import type { RevisionState } from '../domain/releases/revisions';
import type { ScaleOverride } from '../domain/scale/scale';
import { scaleFindings } from '../domain/scale/scaleWords';
import { servesAsIntended, type TrafficTarget } from '../domain/releases/traffic';
import type { ReleaseContext } from './context';

/** What serves, what is meant to, and what happened: from the cloud and the ledger, side by side. */
export interface Status {
  readonly deployment: string;
  readonly service: string;
  readonly uri?: string;
  readonly traffic: readonly TrafficTarget[];
  readonly intent?: Intent;
  /** True when the intended revision, and nothing else, serves, by its name. */
  readonly asIntended: boolean;
  readonly condition?: string;
  /** That somebody has stopped the service or fixed its instances; empty while it scales by itself. */
  readonly scaledByHand: readonly string[];
  readonly scale?: ScaleOverride;
  readonly revisions: readonly RevisionState[];
  readonly releases: readonly ReleaseEntry[];
  readonly holds: readonly Hold[];
  readonly lease?: Lease;
  /** True while that lease is valid: traffic may be on its way. An expired one is a dead runner's. */
  readonly isAtWork: boolean;
}

/** Reads; changes nothing. Works without a ledger and without a service. */
export async function status(context: ReleaseContext): Promise<Status> {
  const [service, ledger] = await Promise.all([context.cloudRun.service(), context.ledger.read()]);
  const revisions = service ? await context.cloudRun.revisions() : [];
  return {
    deployment: context.deployment.name,
    service: context.deployment.service,
    ...(service && { uri: service.uri }),
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
    isAtWork: ledger?.lease !== undefined && !isExpired(ledger.lease, context.clock.now()),
  };
}
