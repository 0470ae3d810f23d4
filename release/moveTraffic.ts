import { Failure } from '../domain/failure';
import { type Ledger, settleIntent } from '../domain/ledger';
import { sameTraffic, type Share, sharesOf, trafficFor } from '../domain/traffic';
import type { Service } from './cloudRun';
import type { ReleaseContext } from './context';
import { isStatus } from './googleApi';
import { startLedger } from './ledgerStore';

/** What to write: the ledger first, then these shares. */
export interface TrafficDecision {
  /** Called on the ledger as it is at that moment; throws to stop. */
  readonly ledger: (ledger: Ledger | undefined) => Ledger;
  readonly shares: (service: Service) => readonly Share[];
}

/** Conflicts in a row after which a person should look. */
const MAX_TRIES = 10;
const READ_BACK_SECONDS = 0.5;
/** Cloud Run settles a traffic write within seconds; it is read back this often before it is called lost. */
const MAX_READ_BACKS = 120;

/**
 * The one way in which the engine moves traffic. The order is what makes it safe: read the service, then write the ledger
 * (which stops if somebody has overtaken us), then PATCH with the etag read first. A rollback that comes in after the
 * ledger's write either sees our traffic and replaces it, or has already written, and then our etag is stale, and we
 * start over and find the newer epoch.
 */
export async function moveTraffic(context: ReleaseContext, decision: TrafficDecision): Promise<Service> {
  for (let tries = 1; ; tries++) {
    const service = await needService(context);
    await context.ledger.update(decision.ledger);
    const wanted = trafficFor(service.traffic, decision.shares(service));
    try {
      if (!sameTraffic(wanted, service.traffic)) {
        await context.cloudRun.writeTraffic(wanted, service.etag, context.signal);
      }
      const settled = await readBack(context, wanted);
      await recordOutcome(context, settled);
      return settled;
    } catch (error) {
      if (!isStatus(error, 409, 412) || tries === MAX_TRIES) throw error;
      context.progress('the service was written by somebody else; reading it again');
    }
  }
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

/** Waits until what is equals what was asked for, unless something newer was asked for since. */
async function readBack(context: ReleaseContext, wanted: ReturnType<typeof trafficFor>): Promise<Service> {
  for (let reads = 1; ; reads++) {
    const service = await needService(context);
    if (!sameTraffic(service.traffic, wanted)) return service;
    const is = JSON.stringify([...sharesOf(service.trafficStatuses)].sort());
    if (is === JSON.stringify([...sharesOf(wanted)].sort()) && !service.reconciling) return service;
    if (reads === MAX_READ_BACKS) {
      throw new Failure({
        code: 'TRAFFIC_NOT_SETTLED',
        message: 'Cloud Run took the traffic and does not serve it.',
        where: `service ${context.deployment.service}`,
        got: service.condition ?? is,
        remedy: `look at it: bin/lightonocr status ${context.deployment.name}`,
        exitCode: 3,
      });
    }
    await context.clock.sleep(READ_BACK_SECONDS, context.signal);
  }
}

/** The service. Failure `NO_SERVICE` (3) where there is none. */
export async function needService(context: ReleaseContext): Promise<Service> {
  const service = await context.cloudRun.service();
  if (service) return service;
  throw new Failure({
    code: 'NO_SERVICE',
    message: 'The service does not exist.',
    where: `service ${context.deployment.service} in ${context.deployment.region}`,
    remedy: `deploy it first: bin/lightonocr plan ${context.deployment.name} --sha SHA, then apply`,
    exitCode: 3,
  });
}
