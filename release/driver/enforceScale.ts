import { noteTraffic } from '../../domain/releases/journal';
import type { Ledger } from '../../domain/releases/ledger';
import { rememberTags, scalesAs, settleScale, type WantedScale, wantedScale } from '../../domain/scale/scale';
import { describeTraffic, sameTraffic } from '../../domain/releases/traffic';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';
import { isStatus } from '../adapters/google/googleApi';
import { startLedger } from '../checks/readLedger';
import { superseded } from './lease';
import { MAX_TRIES, requireService, notMoved, SETTLE_SECONDS } from './moveTraffic';

const LOOK_SECONDS = 0.5;

/**
 * Makes the service scale as the ledger's override says, in the order of every write: read the service, then the ledger
 * (which stops when a newer decision is there), then one PATCH of scaling and traffic with the etag that was read first.
 * Then it is read until the service is so, and the ledger is told. A rerun goes on wherever it was killed.
 * @throws Failure `SUPERSEDED` (4), `SCALE_CONTESTED` and `SCALE_NOT_SETTLED` (3).
 */
export async function enforceScale(context: ReleaseContext, epoch: number): Promise<Service> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const service = await requireService(context);
    const exists = await revisionsOf(context, startLedger(await context.ledger.read()));
    let wanted: WantedScale | undefined;
    await context.ledger.update((found) => {
      const ledger = startLedger(found);
      if (ledger.scale?.epoch !== epoch) throw superseded(context, ledger);
      const remembering = rememberTags(ledger, service);
      wanted = wantedScale(remembering, service, exists);
      const at = context.clock.now().toISOString();
      return noteTraffic(remembering, { at, by: context.actor.by, shares: sharesIn(wanted) });
    });
    try {
      // Also when it is so already: the etag has to move, for somebody who decided before us and is about to write.
      if (tries === 1 || !isAsked(service, wanted!)) await context.cloudRun.writeScale(wanted!, service.etag);
      const settled = await readBack(context, wanted!);
      if (settled) {
        await settle(context, epoch);
        return settled;
      }
    } catch (error) {
      if (!isStatus(error, 409, 412)) throw error;
    }
    context.progress('the service was written by somebody else, or is not as asked; reading it again');
  }
  throw notMoved(
    context,
    'SCALE_CONTESTED',
    'Somebody else keeps writing the service.',
    `${MAX_TRIES} tries`,
  );
}

/** Tells the ledger; overtaken after our write all the same, the service gets what the newer decision says. */
async function settle(context: ReleaseContext, epoch: number): Promise<void> {
  let newer: Ledger | undefined;
  await context.ledger.update((found) => {
    const ledger = startLedger(found);
    if (ledger.scale?.epoch === epoch) return settleScale(ledger, context.clock.now());
    return (newer = ledger);
  });
  if (newer === undefined) return;
  await holdScale(context);
  throw superseded(context, newer);
}

/** What an apply or a killed command left undone: the override of the ledger holds again. Nothing where there is none. */
export async function holdScale(context: ReleaseContext): Promise<void> {
  const ledger = startLedger(await context.ledger.read());
  const { scale } = ledger;
  if (scale === undefined) return;
  if (scale.settledAt !== undefined && isScaleHeld(ledger, await requireService(context))) return;
  context.progress(`the number of instances is put back to what ${scale.by} set`);
  await enforceScale(context, scale.epoch);
}

/** True while the service is as the ledger's override says; true where there is none. */
export function isScaleHeld(ledger: Ledger, service: Service): boolean {
  if (ledger.scale === undefined) return true;
  const wanted = wantedScale(ledger, service);
  return isAsked(service, wanted) && sameTraffic(service.trafficStatuses, named(service, wanted));
}

const isAsked = (service: Service, { scaling, traffic }: WantedScale) =>
  scalesAs(service.scaling, scaling) && sameTraffic(service.traffic, traffic);

/** What `trafficStatuses` says of wanted traffic: a share of the newest revision has that one's name there. */
function named({ latestReadyRevision }: Service, { traffic }: WantedScale) {
  return traffic.map((target) =>
    target.revision === undefined && latestReadyRevision !== undefined
      ? { ...target, revision: latestReadyRevision }
      : target,
  );
}

const sharesIn = ({ traffic }: WantedScale) =>
  traffic.flatMap(({ revision, percent = 0 }) => (revision === undefined ? [] : [{ revision, percent }]));

/** Whether a revision can take its tag back: it may have been deleted since. */
async function revisionsOf(
  context: ReleaseContext,
  { scale }: Ledger,
): Promise<(revision: string) => boolean> {
  if (!scale?.restoring || scale.before.tags.length === 0) return () => true;
  const ready = (await context.cloudRun.revisions()).filter((revision) => revision.ready === 'yes');
  const names = new Set(ready.map(({ name }) => name));
  return (revision) => names.has(revision);
}

/** The service once it is so and nothing is under way; undefined when it turned out otherwise, or somebody else wrote. */
async function readBack(context: ReleaseContext, wanted: WantedScale): Promise<Service | undefined> {
  const started = context.clock.now().getTime();
  for (;;) {
    const service = await requireService(context);
    if (!isAsked(service, wanted)) return undefined;
    const isServed = sameTraffic(service.trafficStatuses, named(service, wanted));
    if (isServed && !service.reconciling) return service;
    if (context.clock.now().getTime() - started > SETTLE_SECONDS * 1000) {
      const message = 'Cloud Run took the scaling and has not finished with it.';
      const got = service.condition ?? describeTraffic(service.trafficStatuses);
      throw notMoved(context, 'SCALE_NOT_SETTLED', message, got);
    }
    await context.clock.sleep(LOOK_SECONDS, context.signal);
  }
}
