import { Failure } from '../../domain/failure';
import { candidateTag } from '../../domain/names';
import {
  hasServed,
  isSuperseded,
  type Ledger,
  liftBlock,
  type ReleaseEntry,
  updateRelease,
  withIntent,
} from '../../domain/releases/ledger';
import { previousGood } from '../../domain/releases/rollbackTarget';
import { type Share, sharesOf } from '../../domain/releases/traffic';
import { assertNotBlocked, assertNotScaled } from '../checks/preconditions';
import { openCanary } from '../checks/canary';
import type { ReleaseContext } from '../ports/context';
import { intendedRevision } from '../driver/desiredRevision';
import type { Service } from '../adapters/google/cloudRun';
import { assertLeaseHeld, superseded, withLease } from '../driver/lease';
import { requireLedger, startLedger } from '../checks/readLedger';
import { moveTraffic, requireService } from '../driver/moveTraffic';
import { putBack, type Setback, setbackOf } from '../driver/abort';
import { advance, judged, note, type Run, shift } from '../driver/releaseSteps';

export interface ReleaseResult {
  readonly revision: string;
  /** `unchanged`: it served already, as after a merge that changes only documentation. */
  readonly outcome: 'served' | 'unchanged';
}

/** Takes what `apply` made to 100 %: smoke at 0 %, then step by step, and back to stable by itself when the numbers say so. */
export async function release(
  context: ReleaseContext,
  options: { sha: string; force?: boolean },
): Promise<ReleaseResult> {
  const sha = await context.git.resolve(options.sha);
  const before = requireLedger(await context.ledger.read(), context);
  const entry = entryToRelease(context, before, sha);
  assertNotScaled(context, before, await context.cloudRun.service());
  if (!options.force) assertNotBlocked(context, before, entry);
  if (isSuperseded(before, entry)) throw superseded(context, before);

  return withLease(context, async (lease, leased) => {
    const ledger = await leased.ledger.update((found) => {
      const owned = assertLeaseHeld(leased, found, lease);
      if (isSuperseded(owned, entry)) throw superseded(leased, owned); // while we waited for the lease
      assertNotScaled(leased, owned, undefined);
      return updateRelease(owned, sha, leased.clock.now(), { epoch: lease.epoch });
    });
    const run = { context: leased, lease, entry };
    const service = await requireService(leased);
    const meant = ledger.intent?.revision;
    if (meant === entry.revision) return serveAlone(run, service);
    // With an intent there is a stable to go back to, even when a run that was killed has left it no traffic; unless it went
    // with a service that was deleted.
    const stable = await intendedRevision(leased, service, ledger);
    if (stable !== undefined) return climb(run, stable, service);
    const others = [...sharesOf(service.trafficStatuses).keys()].filter(
      (revision) => revision !== entry.revision,
    );
    if (others.length > 0) throw noIntent(leased, meant);
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

function noIntent(context: ReleaseContext, gone: string | undefined): Failure {
  return new Failure({
    code: 'NO_INTENT',
    message: `The ledger does not say which of the revisions that are there is meant to serve.`,
    where: context.ledger.url,
    ...(gone !== undefined && { got: `${gone}, which Cloud Run does not know` }),
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
  // There is one where a runner died while it gave this revision its last share; none of a service that was deleted.
  const good = previousGood(ledger, entry.revision)?.revision;
  const before = good === undefined ? undefined : await context.cloudRun.revision(good);
  const earlier = before?.ready === 'yes' ? before.name : undefined;
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

async function climb(run: Run, stable: string, service: Service): Promise<ReleaseResult> {
  const setback = await ascend(run, stable, service).catch((error: unknown) => setbackOf(run, error));
  if (setback) throw await putBack(run, stable, setback);
  await promote(run, stable);
  return { revision: run.entry.revision, outcome: 'served' };
}

/** Smoke test at 0 %, then the steps; undefined when all went well. */
async function ascend(run: Run, stable: string, service: Service): Promise<Setback | undefined> {
  const { context, entry } = run;
  const tagOf = (revision: string) => candidateTag(context.deployment.service, revision);
  // Golden pages go to both, each under a tag of its own: the service's URL would reach either.
  const split = (percent: number): Share[] => [
    { revision: stable, percent: 100 - percent, tag: tagOf(stable) },
    { revision: entry.revision, percent, tag: tagOf(entry.revision) },
  ];

  const tagged = await shift(run, stable, split(0), { state: 'smoke', percent: 0 });
  const target = (revision: string) => {
    const url = tagged.trafficStatuses.find(({ tag }) => tag === tagOf(revision))!.uri!; // moveTraffic waits for it
    return { revision, url };
  };
  const candidate = target(entry.revision);
  context.progress(`smoke test at 0 %, ${candidate.url}`);
  const smoke = await context.defences.smoke(context, service.uri, candidate.url);
  await judged(run, 0, { state: smoke.passed ? 'healthy' : 'unhealthy', reasons: smoke.findings });
  if (!smoke.passed) return { code: 'SMOKE_FAILED', reasons: smoke.findings, state: 'failed', hold: false };
  context.progress(smoke.findings.join('; '));

  const canary = openCanary(context, { candidate, stable: target(stable), audience: service.uri });
  for (const { percent, bakeSeconds } of context.deployment.release.canary.steps) {
    await shift(run, stable, split(percent), { state: 'canary', percent });
    context.progress(`${percent} % on ${entry.revision}, for ${bakeSeconds} s at most`);
    const { state, reasons } = await canary.bake(percent, bakeSeconds);
    context.progress(`${percent} %: ${state}: ${reasons.join('; ')}`);
    await judged(run, percent, { state, reasons });
    if (state === 'healthy') continue;
    const hold = state === 'unhealthy';
    return { code: hold ? 'CANARY_UNHEALTHY' : 'CANARY_UNDECIDED', reasons, state: 'put-back', hold };
  }
  return undefined;
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
  // A held one that was let in by force and serves is held no longer.
  const meant = (ledger: Ledger | undefined) =>
    liftBlock(
      withIntent(assertLeaseHeld(context, ledger, lease), intent, { newEpoch: false }),
      entry.revision,
    );
  if (stable === undefined) await moveTraffic(context, { ledger: meant, shares: () => all });
  else await advance(run, stable, all, meant);
  await note(run, { state: 'served', percent: 100, servedAt: entry.servedAt ?? now });
}
