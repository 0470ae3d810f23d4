import { type Lease, type ReleaseEntry, updateRelease } from '../domain/releases/ledger';
import { noteVerdict } from '../domain/releases/journal';
import { hasShares, type Share, sharesOf } from '../domain/releases/traffic';
import type { Verdict } from '../domain/releases/verdict';
import type { ReleaseContext } from './context';
import type { Service } from './google/cloudRun';
import { ownedLedger } from './lease';
import { moveTraffic } from './moveTraffic';
import { movedByHand } from './startingTraffic';

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
  const moved = await moveTraffic(context, {
    ledger: (ledger) =>
      updateRelease(ownedLedger(context, ledger, lease), entry.sha, context.clock.now(), change),
    shares: unlessMovedByHand(run, stable, shares),
  });
  run.moved = shares;
  return moved;
}

/**
 * The shares, to be asked for where traffic is as this run has left it (or as it asks for it, at a second try). Before its first
 * step any shares of stable and candidate will do: what a killed run has left.
 */
export function unlessMovedByHand(
  { context, entry, moved }: Run,
  stable: string,
  shares: readonly Share[],
): (service: Service) => readonly Share[] {
  let known = moved && [moved];
  return (service) => {
    const serving = [...sharesOf(service.trafficStatuses).keys()];
    const isOurs = known
      ? known.some((ours) => hasShares(service.traffic, ours))
      : serving.every((revision) => revision === stable || revision === entry.revision);
    if (!isOurs) throw movedByHand(context, service, stable);
    known = known && [...known, shares];
    return shares;
  };
}

/** Keeps a verdict for the history; a release that was overtaken meanwhile stops here. */
export async function judged(
  { context, lease, entry }: Run,
  percent: number,
  verdict: Verdict,
): Promise<void> {
  const at = context.clock.now().toISOString();
  await context.ledger.update((ledger) =>
    noteVerdict(ownedLedger(context, ledger, lease), {
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
    updateRelease(ownedLedger(context, ledger, lease), entry.sha, context.clock.now(), change),
  );
}
