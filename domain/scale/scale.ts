import { hasServed, updateRelease } from '../releases/ledger';
import type { Ledger, RememberedTag, ScaleOverride, ServiceScaling } from '../releases/ledgerTypes';
import { noteScale } from '../releases/journal';
import { LATEST, REVISION, sharesOf, type TrafficTarget } from '../releases/traffic';
import { activeRelease } from '../releases/activeRelease';

export type { ScaleOverride, ServiceScaling } from '../releases/ledgerTypes';

/** What is read of a service here. */
export interface ScaledService {
  readonly scaling: ServiceScaling;
  readonly traffic: readonly TrafficTarget[];
  readonly trafficStatuses: readonly TrafficTarget[];
}

/** What a service should look like. */
export interface WantedScale {
  readonly scaling: ServiceScaling;
  readonly traffic: readonly TrafficTarget[];
}

export const MANUAL = 'MANUAL';
const AUTOMATIC = 'AUTOMATIC';

const isManual = ({ scalingMode }: ServiceScaling) => scalingMode === MANUAL;

/**
 * Instances that an automatic service keeps although the deployment asks for none of them: its `scaling.minInstances` is
 * the template's. Terraform never writes the service's own minimum, and so takes none away. 0 for a manual service.
 */
export const minimumByHand = (scaling: ServiceScaling): number =>
  isManual(scaling) ? 0 : (scaling.minInstanceCount ?? 0);

/**
 * Decides on a number of instances, in a new epoch. What was there is remembered once: a second decision must not take the
 * first one's zero for what was there. A release that is on its way in ends here; who runs it finds the newer epoch.
 */
export function overrideScale(
  ledger: Ledger,
  service: ScaledService,
  decision: Pick<ScaleOverride, 'instances' | 'by' | 'at' | 'reason'>,
): Ledger {
  const { instances, by, at, reason } = decision;
  const epoch = ledger.epoch + 1;
  // What somebody stopped by hand is not put back to that: it would stay stopped, and be called restored.
  const scaling = isStopped(undefined, service.scaling) ? { scalingMode: AUTOMATIC } : service.scaling;
  const before = ledger.scale?.before ?? { scaling, tags: [] };
  const was = ledger.scale;
  // The same again, to take a tag that came later: it is stopped since the first time, and for its reason. The journal has both.
  const since = was?.instances === instances && !was.restoring ? was : decision;
  const decided = {
    ...noteScale(ledger, { by, at, reason, to: instances }),
    version: 2,
    epoch,
    scale: { instances, by: since.by, at: since.at, reason: since.reason, epoch, before },
  } as const;
  if (instances > 0) return decided;
  const underWay = activeRelease(ledger);
  const ended =
    underWay && underWay.state !== 'applying' // what Terraform did has to be looked at: `reconcile` ends that one
      ? updateRelease(decided, underWay.sha, new Date(at), {
          state: 'superseded',
          percent: 0,
          reason: `the service was stopped by ${by}: ${reason}`,
        })
      : decided;
  return rememberTags(ended, service);
}

/** Adds the tags that a service has now to those that `restore` puts back; those of releases are theirs, and not put back. */
export function rememberTags(ledger: Ledger, { traffic }: ScaledService): Ledger {
  const { scale } = ledger;
  if (scale === undefined || scale.instances > 0 || scale.restoring) return ledger;
  const known = new Map(scale.before.tags.map((remembered) => [remembered.tag, remembered]));
  for (const { tag, revision } of traffic) {
    if (tag && !RELEASE_TAG.test(tag)) known.set(tag, { tag, ...(revision && { revision }) });
  }
  return { ...ledger, scale: { ...scale, before: { ...scale.before, tags: [...known.values()] } } };
}

const RELEASE_TAG = /^c-/;

/**
 * Decides to put back what was there, in a new epoch. Manual scaling, or a minimum, that the ledger knows nothing of was set
 * by hand: then it is what the deployment says, automatic without a minimum; a maximum stays, it costs nothing. Undefined
 * when there is nothing to put back.
 */
export function restoreScale(
  ledger: Ledger,
  { scaling }: ScaledService,
  decision: Pick<ScaleOverride, 'by' | 'at' | 'reason'>,
): Ledger | undefined {
  const minimum = minimumByHand(scaling);
  if (ledger.scale === undefined && !isManual(scaling) && minimum === 0) return undefined;
  const { manualInstanceCount = minimum, maxInstanceCount } = scaling;
  const epoch = ledger.epoch + 1;
  const found: ScaleOverride = ledger.scale ?? {
    ...{ instances: manualInstanceCount, ...decision, epoch },
    before: {
      scaling: { scalingMode: AUTOMATIC, ...(maxInstanceCount !== undefined && { maxInstanceCount }) },
      tags: [],
    },
  };
  const { settledAt: _settledAt, ...unsettled } = found;
  const noted = noteScale(ledger, { ...decision, to: 'restore' });
  return { ...noted, version: 2, epoch, scale: { ...unsettled, epoch, restoring: true } };
}

/** The ledger once the service is as its override says: marked as settled, or free of it after a restore. */
export function settleScale(ledger: Ledger, now: Date): Ledger {
  const { scale, ...rest } = ledger;
  if (scale === undefined) return ledger;
  if (scale.restoring) return { ...rest, version: 1 };
  return { ...ledger, scale: { ...scale, settledAt: scale.settledAt ?? now.toISOString() } };
}

/** What an override asks of the service as it is. @param exists whether a revision can still take a tag. */
export function wantedScale(
  ledger: Ledger,
  service: ScaledService,
  exists: (revision: string) => boolean = () => true,
): WantedScale {
  const { instances, before, restoring } = ledger.scale!;
  if (restoring) {
    // Said also where nothing was: what Cloud Run makes of a mode that is left out after a manual one is not documented.
    const scaling = { scalingMode: AUTOMATIC, ...before.scaling };
    return { scaling, traffic: withTags(service.traffic, before.tags, exists) };
  }
  const scaling = { scalingMode: MANUAL, manualInstanceCount: instances };
  return { scaling, traffic: instances === 0 ? stoppedTraffic(ledger, service) : service.traffic };
}

/**
 * The shares without any tag: a revision that has only a tag starts an instance at zero too. What a canary had goes to the
 * intended revision, so that a restore does not bring back a canary that nobody watches.
 */
function stoppedTraffic(ledger: Ledger, service: ScaledService): readonly TrafficTarget[] {
  const { intent, releases } = ledger;
  const serving = [...sharesOf(service.trafficStatuses).keys()];
  const isKnown = (revision: string) =>
    revision === intent?.revision || releases.some((entry) => entry.revision === revision);
  const [only] = serving;
  // At its last step a canary has all traffic and has not served; one that served was put there by hand.
  const isCanary =
    serving.length > 1
      ? serving.includes(intent?.revision ?? '') && serving.every(isKnown)
      : only !== undefined && isKnown(only) && !hasServed(ledger, only);
  if (intent && isCanary) return [{ type: REVISION, revision: intent.revision, percent: 100 }];
  const shares = service.traffic
    .filter(({ percent = 0 }) => percent > 0)
    .map(({ type, revision, percent }) => ({
      type: type ?? REVISION,
      ...(revision && { revision }),
      percent,
    }));
  return shares.length > 0 ? shares : [{ type: LATEST, percent: 100 }];
}

function withTags(
  traffic: readonly TrafficTarget[],
  tags: readonly RememberedTag[],
  exists: (revision: string) => boolean,
): readonly TrafficTarget[] {
  const taken = new Set(traffic.map(({ tag }) => tag));
  const back = tags
    .filter(({ tag, revision }) => !taken.has(tag) && (revision === undefined || exists(revision)))
    .map(({ tag, revision }) => ({
      type: revision ? REVISION : LATEST,
      ...(revision && { revision }),
      percent: 0,
      tag,
    }));
  return [...traffic, ...back];
}

/**
 * True when a service scales as it should. A manual count that is not there is not taken for 0: Terraform's provider leaves
 * zeroes out, and what Cloud Run makes of that is not documented.
 */
export function scalesAs(live: ServiceScaling, wanted: ServiceScaling): boolean {
  if (isManual(live) !== isManual(wanted)) return false;
  if (isManual(wanted)) return live.manualInstanceCount === wanted.manualInstanceCount;
  const { minInstanceCount = 0, maxInstanceCount } = wanted;
  return (
    (live.minInstanceCount ?? 0) === minInstanceCount &&
    (maxInstanceCount === undefined || live.maxInstanceCount === maxInstanceCount)
  );
}

/** True while no instance may start: by the ledger, or on the service itself. */
export function isStopped(scale: ScaleOverride | undefined, live: ServiceScaling | undefined): boolean {
  if (scale !== undefined) return scale.instances === 0;
  return live !== undefined && isManual(live) && (live.manualInstanceCount ?? 0) === 0;
}

/** True when somebody has set the number of instances; no release begins then. A minimum leaves a canary its instances. */
export function isScaleOverridden(
  scale: ScaleOverride | undefined,
  live: ServiceScaling | undefined,
): boolean {
  return scale !== undefined || (live !== undefined && isManual(live));
}
