import { Failure, messageOf } from '../domain/failure';
import {
  addHold,
  hasServed,
  isOvertaken,
  isRestart,
  type Lease,
  type Ledger,
  liftHold,
  previousGood,
  type ReleaseEntry,
  updateRelease,
  withIntent,
} from '../domain/releases/ledger';
import { noteVerdict } from '../domain/releases/journal';
import { candidateTag } from '../domain/names';
import { hasShares, type Share, sharesOf } from '../domain/releases/traffic';
import type { Verdict } from '../domain/releases/verdict';
import { bake } from './canary';
import type { Service } from './google/cloudRun';
import { isStatus } from './google/googleApi';
import type { ReleaseContext } from './context';
import { refuseHeld, refuseScaled } from './admission';
import { needLedger, startLedger } from './ledgerStore';
import { isFencedOff, ownedLedger, superseded, withLease } from './lease';
import { moveTraffic, needService } from './moveTraffic';
import { movedByHand } from './startingTraffic';

export interface ReleaseResult {
  readonly revision: string;
  /** `unchanged`: it served already, as after a merge that changes only documentation. */
  readonly outcome: 'served' | 'unchanged';
}

interface Run {
  readonly context: ReleaseContext;
  readonly lease: Lease;
  readonly entry: ReleaseEntry;
  /** Traffic as this run has last moved it; undefined before its first step. */
  moved?: readonly Share[];
}

/** Takes what `apply` made to 100 %: smoke at 0 %, then step by step, and back to stable by itself when the numbers say so. */
export async function release(
  context: ReleaseContext,
  options: { sha: string; force?: boolean },
): Promise<ReleaseResult> {
  const sha = await context.git.resolve(options.sha);
  const before = needLedger(await context.ledger.read(), context);
  const entry = entryToRelease(context, before, sha);
  refuseScaled(context, before, await context.cloudRun.service());
  if (!options.force) refuseHeld(context, before, entry);
  if (isOvertaken(before, entry)) throw superseded(context, before);

  return withLease(context, async (lease, leased) => {
    const ledger = await leased.ledger.update((found) => {
      const owned = ownedLedger(leased, found, lease);
      if (isOvertaken(owned, entry)) throw superseded(leased, owned); // while we waited for the lease
      refuseScaled(leased, owned, undefined);
      return updateRelease(owned, sha, leased.clock.now(), { epoch: lease.epoch });
    });
    const run = { context: leased, lease, entry };
    const service = await needService(leased);
    const stable = ledger.intent?.revision;
    if (stable === entry.revision) return serveAlone(run, service);
    // With an intent there is a stable to go back to, even when a run that was killed has left it no traffic.
    if (stable !== undefined) return climb(run, stable, service);
    const others = [...sharesOf(service.trafficStatuses).keys()].filter(
      (revision) => revision !== entry.revision,
    );
    if (others.length > 0) throw noIntent(leased);
    return serveAlone(run, service);
  });
}

function entryToRelease(context: ReleaseContext, ledger: Ledger, sha: string): ReleaseEntry {
  const entry = ledger.releases.find((candidate) => candidate.sha === sha);
  if (entry && ['applied', 'smoke', 'canary', 'served'].includes(entry.state)) return entry;
  throw new Failure({
    code: 'NOT_APPLIED',
    message: entry
      ? `The last apply of this commit ended as ${entry.state}.`
      : 'This commit has not been applied.',
    where: context.ledger.url,
    got: entry?.reason ?? sha,
    remedy: `plan and apply it: bin/lightonocr plan ${context.deployment.name} --sha ${sha}`,
    exitCode: 2,
  });
}

function noIntent(context: ReleaseContext): Failure {
  return new Failure({
    code: 'NO_INTENT',
    message: 'The ledger does not say which revision is meant to serve.',
    where: context.ledger.url,
    remedy: `say it: bin/lightonocr rollback ${context.deployment.name} --to REVISION --reason TEXT`,
    exitCode: 3,
  });
}

/** The candidate has all traffic already: it is the first revision ever, or the image and settings that serve anyway. */
async function serveAlone(run: Run, service: Service): Promise<ReleaseResult> {
  const { context, entry } = run;
  const ledger = startLedger(await context.ledger.read());
  if (hasServed(ledger, entry.revision)) {
    await promote(run);
    return { revision: entry.revision, outcome: 'unchanged' };
  }
  // There is one where a runner died while it gave this revision its last share.
  const earlier = previousGood(ledger, entry.revision)?.revision;
  context.progress(`${earlier ? 'meant to serve' : 'first revision'}: smoke test at ${service.uri}`);
  const result = await context.defences.smoke(context, service.uri, service.uri);
  await judged(run, 100, { state: result.passed ? 'healthy' : 'unhealthy', reasons: result.findings });
  if (!result.passed && earlier) {
    throw await putBack(run, earlier, {
      code: 'SMOKE_FAILED',
      reasons: result.findings,
      state: 'failed',
      hold: false,
    });
  }
  if (!result.passed) {
    const reason = result.findings.join('; ');
    await note(run, { state: 'failed', reason });
    throw new Failure({
      code: 'FIRST_RELEASE_FAILED',
      message: `The first revision failed its smoke test, and there is none before it to go back to: ${reason}`,
      where: `revision ${entry.revision}`,
      remedy: 'merge a fix and deploy it; until then the service answers wrongly',
      exitCode: 3,
    });
  }
  context.progress(result.findings.join('; '));
  await promote(run);
  return { revision: entry.revision, outcome: 'served' };
}

/** Why a release goes back to stable. */
interface Setback {
  readonly code: string;
  readonly reasons: readonly string[];
  readonly state: 'failed' | 'put-back';
  /** Whether the candidate is held: only what the numbers condemn. */
  readonly hold: boolean;
  /** Why it could not go on: says where that was and what mends it. */
  readonly cause?: Failure;
}

async function climb(run: Run, stable: string, service: Service): Promise<ReleaseResult> {
  const setback = await ascend(run, stable, service).catch((error: unknown) => setbackOf(run, error));
  if (setback) throw await putBack(run, stable, setback);
  await promote(run, stable);
  return { revision: run.entry.revision, outcome: 'served' };
}

/** Smoke test at 0 %, then the steps; undefined when all went well. */
async function ascend(run: Run, stable: string, service: Service): Promise<Setback | undefined> {
  const { context, entry } = run;
  const tag = candidateTag(context.deployment.service, entry.revision);
  const split = (percent: number): Share[] => [
    ...(percent < 100 ? [{ revision: stable, percent: 100 - percent }] : []),
    { revision: entry.revision, percent, tag },
  ];

  const tagged = await shift(run, stable, split(0), { state: 'smoke', percent: 0 });
  const url = tagged.trafficStatuses.find((target) => target.tag === tag)!.uri!; // moveTraffic waits for it
  context.progress(`smoke test at 0 %, ${url}`);
  const smoke = await context.defences.smoke(context, service.uri, url);
  await judged(run, 0, { state: smoke.passed ? 'healthy' : 'unhealthy', reasons: smoke.findings });
  if (!smoke.passed) return { code: 'SMOKE_FAILED', reasons: smoke.findings, state: 'failed', hold: false };
  context.progress(smoke.findings.join('; '));

  for (const { percent, bakeSeconds } of context.deployment.release.canary.steps) {
    await shift(run, stable, split(percent), { state: 'canary', percent });
    context.progress(`${percent} % on ${entry.revision}`);
    const step = { candidate: entry.revision, stable, percent, bakeSeconds, audience: service.uri, url };
    const { state, reasons } = await bake(context, step);
    await judged(run, percent, { state, reasons });
    if (state === 'healthy') continue;
    const hold = state === 'unhealthy';
    return { code: hold ? 'CANARY_UNHEALTHY' : 'CANARY_UNDECIDED', reasons, state: 'put-back', hold };
  }
  return undefined;
}

/**
 * A release that cannot go on (an API that fails, a missing permission) goes back too. Not when it was overtaken, which
 * touches nothing, and not when it was stopped by hand: then `reconcile` puts it back.
 */
function setbackOf({ context }: Run, error: unknown): Setback {
  const byHand = error instanceof Failure && error.code === 'TRAFFIC_MOVED_BY_HAND';
  if (isFencedOff(error) || byHand || context.signal.aborted) throw error;
  const cause = error instanceof Failure ? { cause: error } : {};
  return { code: 'RELEASE_BROKEN', reasons: [messageOf(error)], state: 'put-back', hold: false, ...cause };
}

/** One step: the ledger says it, then traffic does it, unless somebody has moved it by hand since the last one. */
async function shift(
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
function unlessMovedByHand(
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

/**
 * All traffic, without the tag, which would keep the revision able to start instances; and the ledger says served.
 * @param stable where the canary came from; without one the candidate has all traffic already.
 */
async function promote(run: Run, stable?: string): Promise<void> {
  const { context, lease, entry } = run;
  const now = context.clock.now().toISOString();
  const all = [{ revision: entry.revision, percent: 100 }];
  const intent = {
    revision: entry.revision,
    by: context.actor.by,
    at: now,
    reason: `release of ${entry.sha.slice(0, 7)}`,
  };
  await moveTraffic(context, {
    // A held one that was let in by force and serves is held no longer.
    ledger: (ledger) =>
      liftHold(withIntent(ownedLedger(context, ledger, lease), intent, { newEpoch: false }), entry.revision),
    shares: stable === undefined ? () => all : unlessMovedByHand(run, stable, all),
  });
  await note(run, { state: 'served', percent: 100, servedAt: entry.servedAt ?? now });
}

/** All traffic to stable; then the ledger says why. Returns the failure to throw: exit code 1, failed and put back. */
async function putBack(run: Run, stable: string, setback: Setback): Promise<Failure> {
  const { code, reasons, state, hold, cause } = setback;
  const { context, lease, entry } = run;
  const reason = reasons.join('; ');
  await moveTraffic(context, {
    ledger: (ledger) => {
      const owned = meantToServe(run, stable, reason, ownedLedger(context, ledger, lease));
      // A restart is what serves, under another name: a hold on it would be one on stable.
      if (!hold || isRestart(owned, entry.revision, stable)) return owned;
      const { sha, digest, templateHash, revision } = entry;
      const at = context.clock.now().toISOString();
      return addHold(owned, { sha, digest, templateHash, revision, by: 'canary', at, reason });
    },
    shares: () => [{ revision: stable, percent: 100 }],
  });
  await note(run, { state, percent: 0, reason });
  const passes = isStatus(cause, 429, 500, 502, 503, 504);
  const deployAgain = `deploy again: bin/lightonocr plan ${context.deployment.name} --sha ${entry.sha}`;
  return new Failure(
    {
      code,
      message: `The release went back to ${stable}: ${reason}`,
      where: cause?.where ?? `revision ${entry.revision}`,
      ...(cause?.got !== undefined && { got: cause.got }),
      remedy: hold
        ? 'merge a fix; this image with these settings is held'
        : `${passes ? 'wait until that API is well' : (cause?.remedy ?? 'read its log')}; then ${deployAgain}`,
      exitCode: 1,
    },
    { cause },
  );
}

/** The intent says the candidate already where a runner died at the release's last write: it goes back with the traffic. */
function meantToServe({ context }: Run, stable: string, reason: string, ledger: Ledger): Ledger {
  if (ledger.intent?.revision === stable) return ledger;
  const { clock, actor } = context;
  const intent = { revision: stable, by: actor.by, at: clock.now().toISOString(), reason };
  return withIntent(ledger, intent, { newEpoch: false });
}

/** Keeps a verdict for the history; a release that was overtaken meanwhile stops here. */
async function judged({ context, lease, entry }: Run, percent: number, verdict: Verdict): Promise<void> {
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

async function note({ context, lease, entry }: Run, change: Partial<ReleaseEntry>): Promise<void> {
  await context.ledger.update((ledger) =>
    updateRelease(ownedLedger(context, ledger, lease), entry.sha, context.clock.now(), change),
  );
}
