import { Failure } from '../../failure';
import { rememberTags, scalesAs, settleScale, type WantedScale, wantedScale } from '../../scale/scale';
import { noteTraffic } from '../journal';
import { activeLease, settleIntent } from '../ledger';
import type { Ledger } from '../ledgerTypes';
import {
  describeTraffic,
  followsLatest,
  sameTraffic,
  type Share,
  sharesOf,
  type TrafficTarget,
  trafficFor,
} from '../traffic';
import type { Action, Facts } from './action';
import { applyNeverEnds, notMoved } from './failures';
import type { Run } from './run';
import type { ObservedService } from './snapshot';

/** What the service shall be, and what the ledger says with it. */
export interface Wish {
  /** As it is written before the service is, and proven to be the newest by that. */
  readonly ledger: Ledger;
  /** Shares of all traffic; default: as the service has it, which only scaling changes. */
  readonly shares?: readonly Share[];
  /** Writes at least once: the etag has to move for somebody who decided before us and is about to write. */
  readonly fence?: boolean;
  readonly learn?: Facts;
  readonly say?: string;
  /** Whether a revision can take its tag back; default: it can. */
  readonly exists?: (revision: string) => boolean;
}

/** Tries for the same in a row after which a person should look. */
const MAX_TRIES = 10;
/** Pauses between two looks at the service grow from the first to the second. */
const FIRST_LOOK_SECONDS = 0.25;
const MAX_LOOK_SECONDS = 2;
/** A write settles within seconds, unless Cloud Run is busy starting a revision, for as long as its probe allows. */
const SETTLE_SECONDS = 900;
/** An operation may end in error over something else (a newest revision that failed) while traffic still moves. */
const SETTLE_AFTER_ERROR_SECONDS = 15;

/** Traffic and scaling as one desired state. A stopped service has no tags: one starts an instance at zero too. */
function desiredState(
  ledger: Ledger,
  service: ObservedService,
  shares: readonly Share[] | undefined,
  exists: Wish['exists'],
): { readonly traffic: readonly TrafficTarget[]; readonly scaling?: WantedScale['scaling'] } {
  const traffic = shares
    ? trafficFor([...service.traffic, ...service.trafficStatuses], shares)
    : service.traffic;
  return ledger.scale ? wantedScale(ledger, { ...service, traffic }, exists) : { traffic };
}

/**
 * The next thing to do until the service serves what is wished; undefined once it does, tags' URLs included. The order is what
 * makes it safe: the service was read, then the ledger is written (which fails where somebody has decided since), then the
 * service is written with the etag that was read first.
 */
export function converge(run: Run, service: ObservedService, wish: Wish, now: number): Action | undefined {
  const remembering = rememberTags(wish.ledger, service);
  const { traffic, scaling } = desiredState(remembering, service, wish.shares, wish.exists);
  const key = `${describeTraffic(traffic)} ${JSON.stringify(scaling ?? {})}`;
  const write = run.write?.key === key ? run.write : undefined;
  const isAsked =
    sameTraffic(traffic, service.traffic) &&
    (scaling === undefined || scalesAs(service.scaling, scaling)) &&
    !(wish.shares && followsLatest(service.traffic));
  if (isAsked && !(wish.fence && !write?.accepted)) {
    if (isServed(service, traffic, scaling !== undefined)) return undefined;
    // Asked for and neither served nor on its way: an earlier write was lost, and asking again is the mend.
    if (service.reconciling || write?.accepted) return look(run, service, now, scaling !== undefined);
  }
  if ((write?.tries ?? 0) >= MAX_TRIES) return { do: 'fail', failure: contested(run, scaling !== undefined) };
  const shares = traffic.flatMap(({ revision, percent = 0 }) =>
    revision === undefined ? [] : [{ revision, percent }],
  );
  const changesScale = scaling !== undefined && !scalesAs(service.scaling, scaling);
  return {
    do: 'move',
    ledger: noteTraffic(remembering, { at: iso(now), by: run.by, shares }),
    traffic,
    ...((changesScale || (scaling && !wish.shares)) && { scaling }),
    etag: service.etag,
    key,
    ...(wish.learn && { learn: wish.learn }),
    ...(wish.say !== undefined && { say: wish.say }),
  };
}

export const iso = (now: number): string => new Date(now).toISOString();

function isServed(service: ObservedService, wanted: readonly TrafficTarget[], scales: boolean): boolean {
  const { trafficStatuses, latestReadyRevision } = service;
  const named = wanted.map((target) =>
    target.revision === undefined && latestReadyRevision !== undefined
      ? { ...target, revision: latestReadyRevision }
      : target,
  );
  const hasUrl = (tag: string) => trafficStatuses.some((status) => status.tag === tag && status.uri);
  return (
    (followsLatest(wanted) || !followsLatest(trafficStatuses)) &&
    sameTraffic(trafficStatuses, named) &&
    wanted.every(({ tag }) => !tag || hasUrl(tag)) &&
    !(scales && service.reconciling)
  );
}

function look(run: Run, service: ObservedService, now: number, scales: boolean): Action {
  const { write, looks, looksSince = now } = run;
  const problem = write?.problem;
  if (problem && now - problem.at > SETTLE_AFTER_ERROR_SECONDS * 1000) {
    const message = `Cloud Run did not move traffic: ${problem.message}`;
    const observed = describeTraffic(service.trafficStatuses);
    return { do: 'fail', failure: notMoved(run, 'TRAFFIC_REFUSED', message, observed) };
  }
  if (now - looksSince > SETTLE_SECONDS * 1000) {
    const [code, message] = scales
      ? ['SCALE_NOT_SETTLED', 'Cloud Run took the scaling and has not finished with it.']
      : ['TRAFFIC_NOT_SETTLED', 'Cloud Run took the traffic and does not serve it.'];
    const observed = service.condition ?? describeTraffic(service.trafficStatuses);
    return { do: 'fail', failure: notMoved(run, code, message, observed) };
  }
  // Most writes are served at once: only of one that is not it is asked what became of it.
  const isSlow = write?.operation && !problem && looks >= 3;
  const seconds = Math.min(MAX_LOOK_SECONDS, FIRST_LOOK_SECONDS * 2 ** looks);
  return { do: 'look', seconds, ...(isSlow && { operation: write.operation }) };
}

const contested = (run: Run, scales: boolean): Failure =>
  scales
    ? notMoved(run, 'SCALE_CONTESTED', 'Somebody else keeps writing the service.', `${MAX_TRIES} tries`)
    : notMoved(run, 'TRAFFIC_CONTESTED', 'Somebody else keeps writing traffic.', `${MAX_TRIES} conflicts`);

/** True while the service is as the ledger's scale override says; true where there is none. */
export function isScaleHeld(ledger: Ledger, service: ObservedService, exists?: Wish['exists']): boolean {
  if (ledger.scale === undefined) return true;
  const { traffic, scaling } = wantedScale(ledger, service, exists);
  return (
    scalesAs(service.scaling, scaling) &&
    sameTraffic(service.traffic, traffic) &&
    isServed(service, traffic, false)
  );
}

/** Tells the ledger that the desired state has been read back; undefined where it knows. Until then a rerun finishes it. */
export function settle(
  ledger: Ledger,
  service: ObservedService,
  now: number,
  exists?: Wish['exists'],
): Action | undefined {
  const { intent, scale } = ledger;
  let settled = ledger;
  if (intent && !intent.settledAt && sharesOf(service.trafficStatuses).get(intent.revision) === 100)
    settled = settleIntent(settled, new Date(now));
  if (scale && (scale.restoring || !scale.settledAt) && isScaleHeld(ledger, service, exists))
    settled = settleScale(settled, new Date(now));
  return settled === ledger ? undefined : { do: 'record', ledger: settled };
}

const WATCH_SECONDS = 1;
/** Longer than Terraform waits for a service (20 min by default) and than any start-up probe may take (30 min). */
const MAX_WATCH_SECONDS = 2400;

/**
 * An apply that is under way writes the whole service, as its plan has it, whenever Terraform gets to it: what is in place is
 * watched until that is over. Undefined where there is none.
 */
export function watchApply(
  run: Run,
  ledger: Ledger,
  service: ObservedService,
  now: number,
): Action | undefined {
  const isLeased = activeLease(ledger, new Date(now)) !== undefined;
  const isApplying =
    ledger.releases.some(({ state }) => state === 'applying') && (isLeased || service.reconciling);
  if (!isApplying) return undefined;
  if (now - (run.waitsSince ?? now) > MAX_WATCH_SECONDS * 1000)
    return { do: 'fail', failure: applyNeverEnds(run, MAX_WATCH_SECONDS / 60) };
  return {
    do: 'wait',
    seconds: WATCH_SECONDS,
    say: 'an apply is under way; watching that it does not undo this',
  };
}
