import { Failure } from '../../domain/failure';
import { type Lease, type ReleaseEntry, updateRelease } from '../../domain/releases/ledger';
import { noteVerdict } from '../../domain/releases/journal';
import { describeShares, hasShares, type Share, sharesOf } from '../../domain/releases/traffic';
import type { Verdict } from '../../domain/canary/verdict';
import type { ReleaseContext } from '../ports/context';
import type { Service } from '../adapters/google/cloudRun';
import { assertLeaseHeld } from './lease';
import { moveTraffic, type TrafficDecision } from './moveTraffic';

/** One run of a release, under its lease: each of its writes stops where somebody newer has taken over. */
export interface Run {
  readonly context: ReleaseContext;
  readonly lease: Lease;
  readonly entry: ReleaseEntry;
  /** Traffic as this run has last moved it; undefined before its first step. */
  moved?: readonly Share[];
}

/** One step: the ledger says it, then traffic does it, unless somebody has moved it by hand since the last one. */
export async function shift(
  run: Run,
  stable: string,
  shares: readonly Share[],
  change: Partial<ReleaseEntry>,
): Promise<Service> {
  const { context, lease, entry } = run;
  return advance(run, stable, shares, (ledger) =>
    updateRelease(assertLeaseHeld(context, ledger, lease), entry.sha, context.clock.now(), change),
  );
}

/**
 * Moves traffic on, with this in the ledger, unless somebody has moved it by hand. Where all of it is on stable that is the end
 * of the release, and the ledger says so.
 * @throws Failure `TRAFFIC_MOVED_BY_HAND` (3): somebody may have had a reason, and a release does not undo it.
 */
export async function advance(
  run: Run,
  stable: string,
  shares: readonly Share[],
  ledger: TrafficDecision['ledger'],
): Promise<Service> {
  let isEnded = false;
  const onEnd = () => (isEnded = true);
  try {
    const service = await moveTraffic(run.context, {
      ledger,
      shares: unlessMovedByHand(run, stable, shares, onEnd),
    });
    run.moved = shares;
    return service;
  } catch (error) {
    if (isEnded) await note(run, { state: 'put-back', percent: 0, reason: 'traffic was moved by hand' });
    throw error;
  }
}

/**
 * The shares, to be asked for where traffic is as this run has left it (or as it asks for it, at a second try). Before its first
 * step any shares of stable and candidate will do: what a killed run has left.
 */
function unlessMovedByHand(
  run: Run,
  stable: string,
  shares: readonly Share[],
  onEnd: () => void,
): TrafficDecision['shares'] {
  const { moved } = run;
  let known = moved && [moved];
  return (service) => {
    const isOurs = known
      ? known.some((ours) => hasShares(service.traffic, ours))
      : !isElsewhere(run, stable, service);
    known = known && [...known, shares];
    if (isOurs) return shares;
    const isOnStable = hasShares(service.traffic, [{ revision: stable, percent: 100 }]);
    if (isOnStable) onEnd();
    throw movedByHand(run, service, { isEnded: isOnStable });
  };
}

/** True where a revision has traffic that is neither stable nor the candidate. */
export function isElsewhere({ entry }: Run, stable: string, service: Service): boolean {
  const revisions = [...sharesOf([...service.traffic, ...service.trafficStatuses]).keys()];
  return revisions.some((revision) => revision !== stable && revision !== entry.revision);
}

/**
 * Somebody may have had a reason: a release does not undo it.
 * @param options `isEnded`: all traffic is on stable, so there is nothing to put right; default false. `reason`: why the release
 * would have gone back; default, it would not.
 */
export function movedByHand(
  { context, entry, moved }: Run,
  service: Service,
  { isEnded = false, reason }: { isEnded?: boolean; reason?: string },
): Failure {
  const { name } = context.deployment;
  const why = reason === undefined ? '' : ` The release would have gone back: ${reason}`;
  const asked = moved ? `the release asked for ${describeShares(moved)}; ` : '';
  return new Failure({
    code: 'TRAFFIC_MOVED_BY_HAND',
    message: `Somebody moved traffic by hand during the release of ${entry.revision}; it is left as it is.${why}`,
    where: `service ${context.deployment.service}`,
    got: `${asked}found ${describeShares(service.traffic)}`,
    remedy: isEnded
      ? `it is where it was before the release; to release again: bin/lightonocr plan ${name} --sha ${entry.sha}`
      : `say what is meant to serve: bin/lightonocr rollback ${name} --to REVISION --reason TEXT`,
    exitCode: 3,
  });
}

/** Keeps a verdict for the history; a release that was overtaken meanwhile stops here. */
export async function judged(
  { context, lease, entry }: Run,
  percent: number,
  verdict: Verdict,
): Promise<void> {
  const at = context.clock.now().toISOString();
  await context.ledger.update((ledger) =>
    noteVerdict(assertLeaseHeld(context, ledger, lease), {
      ...verdict,
      at,
      by: context.actor.by,
      revision: entry.revision,
      percent,
    }),
  );
}

export async function note({ context, lease, entry }: Run, change: Partial<ReleaseEntry>): Promise<void> {
  await context.ledger.update((ledger) =>
    updateRelease(assertLeaseHeld(context, ledger, lease), entry.sha, context.clock.now(), change),
  );
}
