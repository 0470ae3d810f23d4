import { Failure, messageOf } from '../../domain/failure';
import {
  addBlock,
  EMPTY_LEDGER,
  entryOf,
  type Block,
  isRestart,
  type Ledger,
  liftBlock,
  withIntent,
} from '../../domain/releases/ledger';
import { isOlder, releasesSince } from '../../domain/releases/rollbackTarget';
import { candidateTag } from '../../domain/names';
import { isStopped } from '../../domain/scale/scale';
import { SHA_LABEL, TEMPLATE_LABEL } from '../../domain/template';
import { REVISION, sharesOf } from '../../domain/releases/traffic';
import { activeRelease, pendingRelease } from '../../domain/releases/activeRelease';
import { waitUntilReady } from '../../ocr/warmUp';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';
import { clientFor, readGoldenPage } from '../checks/golden';
import { startLedger } from '../checks/readLedger';
import { superseded } from '../driver/lease';
import { requireService, readBack } from '../driver/moveTraffic';
import { warmUpOptions } from '../checks/ocrService';
import { outlastApply } from '../driver/watchApply';
import { rollbackTarget } from '../driver/rollbackTarget';
import { toIntent } from '../driver/convergeTraffic';

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
  const service = await requireService(context);
  const found = await context.ledger.read();
  const target = await rollbackTarget(context, service, found, options.to);
  if (found && options.to === undefined) sayWhatIsLeft(context, service, found, target.name);
  // A tag starts an instance at zero too.
  if (!options.now && !isStopped(found?.scale, service.scaling)) await warm(context, service, target.name);

  // After the warm-up, which takes minutes: a canary may have moved on meanwhile.
  const { trafficStatuses } = await requireService(context);
  const left = [...sharesOf(trafficStatuses).keys()].filter((revision) => revision !== target.name);
  const decision = { by: context.actor.by, at: context.clock.now().toISOString(), reason: options.reason };
  const holds = await Promise.all(left.map((revision) => holdFor(context, revision, decision)));
  const decided = await context.ledger.update((ledger) =>
    turnBack(startLedger(ledger), target.name, holds, decision),
  );
  const { epoch, scale } = decided;
  const held = decided.holds.filter(({ at, by }) => at === decision.at && by === decision.by);
  if (held.length > 0) context.progress(`held: ${held.map(({ revision }) => revision).join(', ')}`);
  await enforce(context, epoch);
  await outlastApply(context, isOn(target.name), () => enforce(context, epoch));
  if (isStopped(scale, service.scaling))
    context.progress(`the service is stopped: ${target.name} was neither warmed nor probed`);
  else await probe(context, service, target.name);
  return { from: left, to: target.name };
}

/** Who decided, when and why: of the intent and of each hold. */
type Decision = Pick<Block, 'by' | 'at' | 'reason'>;

/**
 * The ledger after the decision: intent in a new epoch, the target's hold lifted, what is newer than it held. Held is what is
 * left, and what had served between the target and that: it was passed over, and a merge that takes the last one back
 * (`git revert`) has just that content.
 */
function turnBack(ledger: Ledger, target: string, left: readonly Block[], decision: Decision): Ledger {
  const skipped = releasesSince(ledger, target)
    .filter(({ revision }) => !ledger.holds.some((hold) => hold.revision === revision))
    .map(({ sha, digest, templateHash, revision }) => ({ sha, digest, templateHash, revision, ...decision }))
    .reverse(); // the newest is put in front
  const newer = left.filter(
    ({ revision }) => isOlder(ledger, target, revision) || entryOf(ledger, target) === undefined,
  );
  const held = [...skipped, ...newer]
    .filter(({ revision }) => !isRestart(ledger, revision, target)) // else the target itself were held
    .reduce(addBlock, liftBlock(ledger, target));
  return withIntent(held, { revision: target, ...decision }, { newEpoch: true });
}

/**
 * A release that has no traffic yet is not what a bare rollback leaves: that is what serves. Said before it is done, for
 * whoever meant the release.
 */
function sayWhatIsLeft(context: ReleaseContext, service: Service, ledger: Ledger, target: string): void {
  const begun = activeRelease(ledger) ?? pendingRelease(ledger);
  const serving = [...sharesOf(service.trafficStatuses).keys()].filter((revision) => revision !== target);
  if (begun === undefined || serving.length === 0 || serving.includes(begun.revision)) return;
  context.progress(
    `release ${begun.revision} is at 0 %; this leaves ${serving.join(', ')} (which serves) for ${target}; to stop the release alone, cancel its job`,
  );
}

async function holdFor(context: ReleaseContext, revision: string, decision: Decision): Promise<Block> {
  const found = await context.cloudRun.revision(revision);
  const entry = entryOf((await context.ledger.read()) ?? EMPTY_LEDGER, revision);
  return {
    sha: entry?.sha ?? found?.labels[SHA_LABEL] ?? '',
    digest: entry?.digest ?? found?.image.slice(found.image.indexOf('@') + 1) ?? '',
    templateHash: entry?.templateHash ?? found?.labels[TEMPLATE_LABEL] ?? '',
    revision,
    ...decision,
  };
}

/** All traffic to the target, while our intent is the newest one. A lease taken since then does not matter: it obeys the intent. */
async function enforce(context: ReleaseContext, epoch: number): Promise<void> {
  const ours = (ledger: Ledger) => {
    if (ledger.intent?.epoch !== epoch) throw superseded(context, ledger);
    return ledger;
  };
  ours(await toIntent(context, ours, { always: true }));
}

/** In place when all traffic, asked for and served, is the target's. */
const isOn = (target: string) => (service: Service) =>
  [service.traffic, service.trafficStatuses].every((traffic) => sharesOf(traffic).get(target) === 100);

/** Starts an instance of the target through its tag, so that the move does not meet a cold start. Bounded; never blocks the rollback. */
async function warm(context: ReleaseContext, service: Service, target: string): Promise<void> {
  const { trafficStatuses, uri, etag } = service;
  if (sharesOf(trafficStatuses).has(target)) return;
  const tag = candidateTag(context.deployment.service, target);
  const entry = (revision: string, percent: number, name: string | undefined) => ({
    ...{ type: REVISION, revision, percent },
    ...(name && { tag: name }),
  });
  // Everything else stays as it is, a running canary's tag too: its release goes on until the ledger says otherwise.
  const kept = trafficStatuses.flatMap((status) =>
    status.revision && status.tag !== tag ? [entry(status.revision, status.percent ?? 0, status.tag)] : [],
  );
  try {
    const wanted = [...kept, entry(target, 0, tag)];
    const tagged = await readBack(context, wanted, await context.cloudRun.writeTraffic(wanted, etag));
    const url = tagged?.trafficStatuses.find((status) => status.tag === tag)?.uri;
    if (url === undefined) return;
    await waitForModel(context, uri, url, `warming ${target}; --now skips this`);
  } catch (error) {
    context.signal.throwIfAborted();
    context.progress(`not warmed, going on: ${String(error).split('\n')[0]}`);
  }
}

async function waitForModel(
  context: ReleaseContext,
  audience: string,
  url: string,
  what: string,
): Promise<void> {
  const waiting = warmUpOptions(context);
  context.progress(`${what}, at most ${waiting.budgetSeconds} s`);
  await waitUntilReady(clientFor(context, audience, url), waiting);
}

/** Reads the golden page from the target, a cold start allowed for. The traffic stays where it is, whatever comes of it. */
async function probe(context: ReleaseContext, { uri }: Service, target: string): Promise<void> {
  const ready = await waitForModel(context, uri, uri, 'probing what serves').catch((error: unknown) => {
    context.signal.throwIfAborted();
    return messageOf(error);
  });
  const reading = ready ? undefined : await readGoldenPage(context, clientFor(context, uri, uri));
  const limit = context.deployment.release.smoke.maxCharacterErrorRate;
  if (reading?.answered && (reading.characterErrorRate ?? 1) <= limit) return;
  const { name } = context.deployment;
  throw new Failure({
    code: 'ROLLED_BACK_NOT_WELL',
    message: `All traffic is on ${target}, and it does not read the golden page.`,
    where: uri,
    got: ready ?? reading?.problem ?? `character error rate ${reading?.characterErrorRate}, limit ${limit}`,
    remedy: reading?.throttled
      ? `no GPU could be had: look at the quota, then at bin/lightonocr status ${name}`
      : `go further back: bin/lightonocr rollback ${name} --reason TEXT`,
    exitCode: 3,
  });
}
