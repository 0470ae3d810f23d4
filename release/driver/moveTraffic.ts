import { Failure } from '../../domain/failure';
import { noteTraffic } from '../../domain/releases/journal';
import { type Ledger, settleIntent } from '../../domain/releases/ledger';
import { makeService } from '../../domain/releases/projectState';
import {
  describeTraffic,
  followsLatest,
  sameTraffic,
  type Share,
  sharesOf,
  trafficFor,
  type TrafficTarget,
} from '../../domain/releases/traffic';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';
import { isStatus } from '../adapters/google/googleApi';
import { startLedger } from '../checks/readLedger';

/** What to write: the ledger first, then these shares. */
export interface TrafficDecision {
  /** Called on the ledger as it is at that moment; throws to stop. */
  readonly ledger: (ledger: Ledger | undefined) => Ledger;
  readonly shares: (service: Service) => readonly Share[];
  /**
   * Writes also what serves already, once: the etag has to move for somebody who decided before us and is about to write.
   * Default false: only a decision against others needs it.
   */
  readonly always?: boolean;
}

/** Conflicts in a row after which a person should look. */
export const MAX_TRIES = 10;
/** Pauses between two looks at the service grow from the first to the second. */
const FIRST_LOOK_SECONDS = 0.25;
const MAX_LOOK_SECONDS = 2;
/** A write settles within seconds, unless Cloud Run is busy starting a revision, for as long as its probe allows. */
export const SETTLE_SECONDS = 900;
/** An operation may end in error over something else (a newest revision that failed) while traffic still moves. */
const SETTLE_AFTER_ERROR_SECONDS = 15;

/**
 * The one way in which the engine moves traffic. The order is what makes it safe: read the service, then write the ledger
 * (which stops if somebody has overtaken us), then PATCH with the etag read first. A rollback that comes in after the
 * ledger's write either sees our traffic and replaces it, or has already written, and then our etag is stale, and we
 * start over and find the newer epoch. Returns the service once it *serves* what was asked for, tags' URLs included.
 * @throws Failure `TRAFFIC_CONTESTED`, `TRAFFIC_REFUSED`, `TRAFFIC_NOT_SETTLED`, all 3.
 */
export async function moveTraffic(context: ReleaseContext, decision: TrafficDecision): Promise<Service> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const service = await requireService(context);
    let shares: readonly Share[] = [];
    await context.ledger.update((found) => {
      const ledger = decision.ledger(found);
      shares = decision.shares(service);
      return noteTraffic(ledger, { at: context.clock.now().toISOString(), by: context.actor.by, shares });
    });
    const wanted = trafficFor([...service.traffic, ...service.trafficStatuses], shares);
    try {
      const isAsked = sameTraffic(wanted, service.traffic);
      // Asked for and neither served nor on its way: an earlier write was lost, and asking again is the mend.
      const isOnItsWay =
        !(decision.always && tries === 1) && isAsked && (service.reconciling || serves(service, wanted));
      const operation = isOnItsWay ? undefined : await context.cloudRun.writeTraffic(wanted, service.etag);
      const settled = await readBack(context, wanted, operation);
      if (settled) {
        await recordOutcome(context, settled);
        return settled;
      }
    } catch (error) {
      if (!isStatus(error, 409, 412)) throw error;
    }
    context.progress('the service was written by somebody else; reading it again');
  }
  throw notMoved(
    context,
    'TRAFFIC_CONTESTED',
    'Somebody else keeps writing traffic.',
    `${MAX_TRIES} conflicts`,
  );
}

/** The intent is reached once its revision has all traffic; until then a rerun or `reconcile` finishes it. */
async function recordOutcome(context: ReleaseContext, service: Service): Promise<void> {
  const reached = (ledger: Ledger | undefined) =>
    ledger?.intent !== undefined &&
    ledger.intent.settledAt === undefined &&
    sharesOf(service.trafficStatuses).get(ledger.intent.revision) === 100;
  if (!reached(await context.ledger.read())) return;
  await context.ledger.update((ledger) =>
    reached(ledger) ? settleIntent(ledger!, context.clock.now()) : startLedger(ledger),
  );
}

/** True when the service serves just this, on named revisions, and every tag of it has its URL. */
function serves({ trafficStatuses }: Service, wanted: readonly TrafficTarget[]): boolean {
  const hasUrl = (tag: string) => trafficStatuses.some((status) => status.tag === tag && status.uri);
  return (
    !followsLatest(trafficStatuses) &&
    sameTraffic(trafficStatuses, wanted) &&
    wanted.every(({ tag }) => !tag || hasUrl(tag))
  );
}

/** The service once it serves what was asked for; undefined when somebody has asked for something else since. */
export async function readBack(
  context: ReleaseContext,
  wanted: readonly TrafficTarget[],
  operation: string | undefined,
): Promise<Service | undefined> {
  const { clock, cloudRun } = context;
  const started = clock.now().getTime();
  let failedAt: number | undefined;
  let problem: string | undefined;
  for (let pause = FIRST_LOOK_SECONDS; ; pause = Math.min(MAX_LOOK_SECONDS, pause * 2)) {
    const service = await requireService(context);
    if (!sameTraffic(service.traffic, wanted)) return undefined;
    if (serves(service, wanted)) return service;
    if (operation !== undefined) problem ??= await cloudRun.operationError(operation);
    const now = clock.now().getTime();
    if (problem !== undefined) failedAt ??= now;
    if (failedAt !== undefined && now - failedAt > SETTLE_AFTER_ERROR_SECONDS * 1000) {
      throw notMoved(
        context,
        'TRAFFIC_REFUSED',
        `Cloud Run did not move traffic: ${problem}`,
        serving(service),
      );
    }
    if (now - started > SETTLE_SECONDS * 1000) {
      const message = 'Cloud Run took the traffic and does not serve it.';
      throw notMoved(context, 'TRAFFIC_NOT_SETTLED', message, service.condition ?? serving(service));
    }
    await clock.sleep(pause, context.signal);
  }
}

const serving = ({ trafficStatuses }: Service) => describeTraffic(trafficStatuses);

/** A write of the service that did not come to what was asked for. */
export function notMoved(context: ReleaseContext, code: string, message: string, got: string): Failure {
  const { service, name } = context.deployment;
  return new Failure({
    code,
    message,
    where: `service ${service}`,
    got,
    remedy: `look at it: bin/lightonocr status ${name}; then run the same command again`,
    exitCode: 3,
  });
}

/** The service. Failure `NO_SERVICE` (3) where there is none. */
export async function requireService(context: ReleaseContext): Promise<Service> {
  const service = await context.cloudRun.service();
  if (service) return service;
  throw new Failure({
    code: 'NO_SERVICE',
    message: 'The service does not exist.',
    where: `service ${context.deployment.service} in ${context.deployment.region}`,
    remedy: makeService(context.deployment),
    exitCode: 3,
  });
}
