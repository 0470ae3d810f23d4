import type { Ledger } from '../../domain/releases/ledger';
import { LATEST, sharesOf } from '../../domain/releases/traffic';
import type { Service } from '../../release/adapters/google/cloudRun';
import { askedShares, type ServicePatch } from './modelCloud';
import type { World } from './state';

/** Notes that an invariant does not hold; the first one of a schedule is what is told. */
export const violate = (world: World, invariant: string, what: string): void =>
  void world.violations.push(`${invariant}: ${what}`);

/** A write of the service by the engine, held to what must be true of every one. */
export function patchBy(world: World, by: string, patch: ServicePatch, etag: string): Service {
  const before = askedShares(world.cloud.service());
  if (!etag) violate(world, 'no write without an etag', `${by} wrote the service`);
  const after = world.cloud.patch(patch, etag || undefined);
  const shares = sharesOf(patch.traffic ?? []);
  const total = [...shares.values()].reduce((sum, percent) => sum + percent, 0);
  const followsLatest = patch.traffic?.some(({ type, percent }) => type === LATEST && percent);
  if (total !== 100 && !followsLatest) violate(world, 'traffic adds up to 100', `${by} wrote ${total}`);
  const { holds, intent } = world.cloud.ledger().ledger!;
  for (const [revision, percent] of shares) {
    if (percent <= (before.get(revision) ?? 0)) continue;
    const state = world.cloud.revisions().find(({ name }) => name === revision);
    if (state?.ready !== 'yes')
      violate(world, 'traffic only on Ready revisions', `${by} gave ${revision} ${percent} %`);
    if (holds.some((block) => block.revision === revision))
      violate(world, 'a blocked revision gets no traffic', `${by} gave ${revision} ${percent} %`);
    const quality = world.quality.get(revision);
    const isBad = quality === 'fails canary' || quality === 'undecided' || quality === 'fails smoke';
    const isCandidate = by.startsWith('deploy') && percent > 10;
    if (isBad && isCandidate && intent?.revision !== revision)
      violate(
        world,
        'no page is lost while stable is healthy',
        `${by} gave the bad ${revision} ${percent} %`,
      );
  }
  return after;
}

/** A write of the ledger: decisions are kept, and a newer one is not undone by an older command. */
export function writeLedgerBy(world: World, by: string, next: Ledger, generation: string): void {
  const before = world.cloud.ledger().ledger!;
  world.cloud.writeLedger(next, generation);
  const [was, is] = [before.intent, next.intent];
  if (is && (is.epoch !== was?.epoch || is.revision !== was.revision)) {
    world.intents.push({ by, revision: is.revision, epoch: is.epoch });
    if (was && is.epoch < was.epoch)
      violate(world, 'the newest rollback stays', `${by} put ${was.revision} of epoch ${was.epoch} back`);
  }
  const lost = before.lease && next.lease && next.lease.holder !== before.lease.holder;
  if (lost && Date.parse(before.lease.expiresAt) > world.time.now() + 2000)
    violate(world, 'a lease that is renewed is not taken over', `${by} took that of ${before.lease.holder}`);
}
