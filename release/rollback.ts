import { Failure } from '../domain/failure';
import {
  addHold,
  EMPTY_LEDGER,
  entryOf,
  type Hold,
  isExpired,
  isOlder,
  type Ledger,
  liftHold,
  withIntent,
} from '../domain/ledger';
import { candidateTag } from '../domain/names';
import { SHA_LABEL, TEMPLATE_LABEL } from '../domain/template';
import { type Share, sharesOf, trafficFor } from '../domain/traffic';
import { waitUntilReady } from '../ocr/warmUp';
import type { Service } from './cloudRun';
import type { ReleaseContext } from './context';
import { clientFor, readGoldenPage } from './golden';
import { startLedger } from './ledgerStore';
import { superseded } from './lease';
import { moveTraffic, needService } from './moveTraffic';
import { rollbackTarget } from './target';

export interface RollbackOptions {
  /** A revision, or the SHA of a release; default: the previous good one. */
  readonly to?: string;
  /** For the history; required. */
  readonly reason: string;
  /** Skips the warm-up of the target. */
  readonly now?: boolean;
}

export interface RollbackResult {
  /** Revisions that had traffic and have none now. */
  readonly from: readonly string[];
  readonly to: string;
}

/**
 * Moves all traffic to an earlier revision. Waits for no approval, no lease and no canary: it raises the epoch, and a
 * canary that is under way sees that and stops.
 * @throws Failure with exit code 3 when there is nothing to go to (nothing was changed then), or when the target has the
 * traffic and does not read the golden page.
 */
export async function rollback(context: ReleaseContext, options: RollbackOptions): Promise<RollbackResult> {
  const service = await needService(context);
  const target = await rollbackTarget(context, service, await context.ledger.read(), options.to);
  const left = [...sharesOf(service.trafficStatuses).keys()].filter((revision) => revision !== target.name);
  if (!options.now) await warm(context, service, target.name);

  const holds = await Promise.all(left.map((revision) => holdOn(context, revision, options.reason)));
  const intended = await context.ledger.update((found) =>
    turnBack(context, startLedger(found), target.name, holds, options.reason),
  );
  const { epoch } = intended;
  await enforce(context, target.name, epoch);
  await outlastApply(context, target.name, epoch);
  await probe(context, service, target.name);
  return { from: left, to: target.name };
}

/** The ledger after the decision: intent in a new epoch, the target's hold lifted, what is newer than it held. */
function turnBack(
  context: ReleaseContext,
  ledger: Ledger,
  target: string,
  holds: readonly Hold[],
  reason: string,
): Ledger {
  const at = context.clock.now().toISOString();
  const lifted = liftHold(ledger, target);
  const held = holds
    .filter(({ revision }) => isOlder(ledger, target, revision) || entryOf(ledger, target) === undefined)
    .reduce(addHold, lifted);
  return withIntent(held, { revision: target, by: context.actor.by, at, reason }, { newEpoch: true });
}

async function holdOn(context: ReleaseContext, revision: string, reason: string): Promise<Hold> {
  const found = await context.cloudRun.revision(revision);
  const entry = entryOf((await context.ledger.read()) ?? EMPTY_LEDGER, revision);
  return {
    sha: entry?.sha ?? found?.labels[SHA_LABEL] ?? '',
    digest: entry?.digest ?? found?.image.slice(found.image.indexOf('@') + 1) ?? '',
    templateHash: entry?.templateHash ?? found?.labels[TEMPLATE_LABEL] ?? '',
    revision,
    by: context.actor.by,
    at: context.clock.now().toISOString(),
    reason,
  };
}

/** All traffic to the target, while our intent is the newest one. A lease taken since then does not matter: it obeys the intent. */
async function enforce(context: ReleaseContext, target: string, epoch: number): Promise<void> {
  await moveTraffic(context, {
    ledger: (found) => {
      const ledger = startLedger(found);
      if (ledger.intent?.epoch !== epoch) throw superseded(context, ledger);
      return ledger;
    },
    shares: () => [{ revision: target, percent: 100 }],
  });
}

const WATCH_SECONDS = 1;

/**
 * An apply that is under way writes the whole service, with the traffic of its plan, whenever Terraform gets to it. So we
 * watch until it is over (its lease is gone) and nothing is being reconciled, and put our traffic back each time.
 */
async function outlastApply(context: ReleaseContext, target: string, epoch: number): Promise<void> {
  for (;;) {
    const ledger = startLedger(await context.ledger.read());
    const applying = ledger.releases.some(({ state }) => state === 'applying');
    const leased = ledger.lease !== undefined && !isExpired(ledger.lease, context.clock.now());
    const service = await needService(context);
    const inPlace = sharesOf(service.traffic).get(target) === 100;
    if (inPlace && !service.reconciling && !(applying && leased)) return;
    if (!inPlace) await enforce(context, target, epoch);
    context.progress('an apply is under way; watching that it does not undo the rollback');
    await context.clock.sleep(WATCH_SECONDS, context.signal);
  }
}

/** Starts an instance of the target through its tag, so that the move does not meet a cold start. Bounded; never blocks the rollback. */
async function warm(context: ReleaseContext, service: Service, target: string): Promise<void> {
  const shares = sharesOf(service.trafficStatuses);
  if (shares.has(target)) return;
  const tag = candidateTag(context.deployment.service, target);
  const wanted: Share[] = [
    ...[...shares].map(([revision, percent]) => ({ revision, percent })),
    { revision: target, percent: 0, tag },
  ];
  try {
    await context.cloudRun.writeTraffic(trafficFor(service.traffic, wanted), service.etag, context.signal);
    const tagged = (await needService(context)).trafficStatuses.find((status) => status.tag === tag);
    if (tagged?.uri === undefined) return;
    const budgetSeconds = context.deployment.release.smoke.coldStartSeconds;
    context.progress(`warming ${target}, at most ${budgetSeconds} s; --now skips this`);
    const client = clientFor(context, service.uri, tagged.uri);
    const onWait = (seconds: number, answer: string) =>
      context.progress(`warming, ${seconds.toFixed(0)} s (${answer})`);
    await waitUntilReady(client, { ...context.clock, budgetSeconds, signal: context.signal, onWait });
  } catch (error) {
    context.signal.throwIfAborted();
    context.progress(`not warmed, going on: ${String(error).split('\n')[0]}`);
  }
}

async function probe(context: ReleaseContext, service: Service, target: string): Promise<void> {
  const reading = await readGoldenPage(context, clientFor(context, service.uri, service.uri));
  const limit = context.deployment.release.smoke.maxCharacterErrorRate;
  if (reading.answered && (reading.characterErrorRate ?? 1) <= limit) return;
  throw new Failure({
    code: 'ROLLED_BACK_NOT_WELL',
    message: `All traffic is on ${target}, and it does not read the golden page.`,
    where: service.uri,
    got: reading.problem ?? `character error rate ${reading.characterErrorRate}, limit ${limit}`,
    remedy: `go further back: bin/lightonocr rollback ${context.deployment.name} --reason TEXT`,
    exitCode: 3,
  });
}
