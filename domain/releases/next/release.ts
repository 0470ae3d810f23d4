import { candidateTag } from '../../names';
import { noteVerdict } from '../journal';
import { endedBy } from '../cause';
import { hasServed, liftBlock, owns, renewLease, withIntent } from '../ledger';
import { previousGood } from '../rollbackTarget';
import { hasShares, type Share, sharesOf } from '../traffic';
import { abort, isElsewhere, nextOfAbort } from './abort';
import type { Action, Facts } from './action';
import { converge, iso, settle } from './converge';
import { firstReleaseFailed, leaseLost, movedByHand, noIntent, noService } from './failures';
import { type ReleaseTurn, update } from './releaseTurn';
import type { Run } from './run';
import { type Snapshot, valueOf } from './snapshot';

/** What `apply` made goes to 100 %: smoke test at 0 %, then step by step, and back to stable when the numbers say so. */
export interface ReleaseGoal {
  readonly kind: 'release';
  readonly revision: string;
  readonly sha: string;
}

export function nextOfRelease(run: Run, seen: Snapshot, goal: ReleaseGoal, now: number): Action {
  const service = valueOf(seen.service);
  const found = valueOf(seen.ledger);
  const { facts } = run;
  if (service === undefined) return { do: 'fail', failure: noService(run) };
  const entry = found?.releases.find(({ sha, revision }) => sha === goal.sha && revision === goal.revision);
  if (found === undefined || entry === undefined || !owns(found, run.lease!))
    return { do: 'fail', failure: leaseLost(run, found!, run.lease!) };
  const { leaseSeconds } = run.deployment.release;
  const ledger = renewLease(found, run.lease!, new Date(now), leaseSeconds);
  const turn = { run, seen, service, ledger, entry, now };
  const { stable } = facts;
  if (stable === undefined) return chooseStable(turn);
  if (facts.abort) return nextOfAbort(turn, facts.abort);
  return typeof stable === 'string' ? runSteps(turn, stable) : alone(turn);
}

/**
 * With a desired revision there is a stable to go back to, even when a run that was killed has left it no traffic; unless it
 * went with a service that was deleted.
 */
function chooseStable({ run, seen, service, ledger, entry }: ReleaseTurn): Action {
  const desired = ledger.intent?.revision;
  const serving = [...sharesOf(service.trafficStatuses).keys()];
  const alone: Action = { do: 'learn', learn: { stable: { alone: true } } };
  if (desired === entry.revision) return alone;
  if (desired !== undefined) {
    const known: Action = { do: 'learn', learn: { stable: desired } };
    if (serving.includes(desired)) return known;
    if (seen.revisions === undefined) return { do: 'read', need: { revisions: true } };
    if ((valueOf(seen.revisions) ?? []).some(({ name }) => name === desired)) return known;
  }
  const others = serving.filter((revision) => revision !== entry.revision);
  return others.length > 0 ? { do: 'fail', failure: noIntent(run, desired) } : alone;
}

/** Smoke test at 0 %, then the steps, then all of it. */
function runSteps(turn: ReleaseTurn, stable: string): Action {
  const { run, service, ledger, entry, now } = turn;
  const { step = 0, verdict } = run.facts;
  const { steps } = run.deployment.release.canary;
  const current = step === 0 ? { percent: 0, bakeSeconds: 0 } : steps[step - 1];
  if (current === undefined) return promote(turn, stable);
  const tagOf = (revision: string) => candidateTag(run.deployment.service, revision);
  const { percent, bakeSeconds } = current;
  // Golden pages go to both, each under a tag of its own: the service's URL would reach either.
  const shares: Share[] = [
    { revision: stable, percent: 100 - percent, tag: tagOf(stable) },
    { revision: entry.revision, percent, tag: tagOf(entry.revision) },
  ];
  if (verdict) return recordVerdict(turn, percent, { step: step + 1, moved: shares });
  const state = step === 0 ? 'smoke' : 'canary';
  const stepped =
    entry.state === state && entry.percent === percent ? ledger : update(turn, ledger, { state, percent });
  const stop = movedByOthers(turn, stable, shares, step);
  if (stop) return stop;
  const say = percent > 0 ? { say: `${percent} % on ${entry.revision}, for ${bakeSeconds} s at most` } : {};
  const move = converge(run, service, { ledger: stepped, shares, learn: { asked: step }, ...say }, now);
  if (move) return move;
  if (stepped !== ledger) return { do: 'record', ledger: stepped };
  const audience = service.uri;
  // Converge waits for them.
  const urlOf = (revision: string) =>
    service.trafficStatuses.find(({ tag }) => tag === tagOf(revision))!.uri!;
  const [url, stableUrl] = [urlOf(entry.revision), urlOf(stable)];
  return step === 0
    ? { do: 'smoke', audience, url, say: `smoke test at 0 %, ${url}` }
    : {
        do: 'bake',
        step: { candidate: entry.revision, stable, percent, bakeSeconds, audience, url, stableUrl },
      };
}

/** Keeps a verdict for the history, and goes on, or back. */
function recordVerdict(turn: ReleaseTurn, percent: number, next: Facts): Action {
  const { run, ledger, entry, now } = turn;
  const { notAsked, state, reasons } = run.facts.verdict!;
  if (notAsked)
    return {
      do: 'learn',
      learn: {
        moved: next.moved!,
        verdict: undefined,
        abort: abort('RELEASE_BROKEN', [notAsked.message], 'put-back', notAsked),
      },
    };
  const noted = { state, reasons, at: iso(now), by: run.by, revision: entry.revision, percent };
  const learn: Facts =
    state === 'healthy'
      ? { ...next, verdict: undefined }
      : { moved: next.moved!, verdict: undefined, abort: aborts(percent === 0, state, reasons) };
  return {
    ...{ do: 'record', ledger: noteVerdict(ledger, noted), learn },
    ...(percent === 0 && state === 'healthy' && { say: reasons.join('; ') }),
  };
}

function aborts(
  isSmoke: boolean,
  state: 'unhealthy' | 'inconclusive' | 'healthy',
  reasons: readonly string[],
) {
  if (isSmoke) return abort('SMOKE_FAILED', reasons, 'failed');
  return state === 'unhealthy'
    ? { ...abort('CANARY_UNHEALTHY', reasons, 'put-back'), block: true }
    : abort('CANARY_UNDECIDED', reasons, 'put-back');
}

/**
 * How a release ends where somebody has moved traffic by hand; undefined where it is as this run has left it, or has asked for
 * it. Before its first step any shares of stable and candidate will do: what a killed run has left. All of it back on stable is
 * the end of the release, and the ledger says so.
 */
function movedByOthers(
  turn: ReleaseTurn,
  stable: string,
  shares: readonly Share[],
  step: number,
): Action | undefined {
  const { run, service, ledger, entry } = turn;
  const { moved, asked } = run.facts;
  const known = moved && (asked === step ? [moved, shares] : [moved]);
  const isOurs = known ? known.some((ours) => hasShares(service.traffic, ours)) : !isElsewhere(turn, stable);
  if (isOurs) return undefined;
  const isEnded = hasShares(service.traffic, [{ revision: stable, percent: 100 }]);
  const failure = movedByHand(run, service, entry, { isEnded, ...(moved && { moved }) });
  if (!isEnded) return { do: 'fail', failure };
  const cause = { code: failure.code, by: run.by, at: iso(turn.now), text: 'traffic was moved by hand' };
  const ended = { state: 'put-back', percent: 0, ...endedBy(cause) } as const;
  return { do: 'record', ledger: update(turn, ledger, ended), fails: failure };
}

/** The candidate has all traffic already: it is the first revision ever, or the image and settings that serve anyway. */
function alone(turn: ReleaseTurn): Action {
  const { run, seen, service, ledger, entry, now } = turn;
  const { step = 0, verdict } = run.facts;
  if (step > 0) return promote(turn, undefined);
  if (verdict === undefined) {
    if (hasServed(ledger, entry.revision)) return { do: 'learn', learn: { step: 1, settled: true } };
    const say = `smoke test at ${service.uri}, which has all traffic`;
    return { do: 'smoke', audience: service.uri, url: service.uri, say };
  }
  const noted = { ...verdict, at: iso(now), by: run.by, revision: entry.revision, percent: 100 };
  const record = noteVerdict(ledger, noted);
  if (verdict.state === 'healthy')
    return {
      do: 'record',
      ledger: record,
      learn: { step: 1, verdict: undefined },
      say: verdict.reasons.join('; '),
    };
  // There is one where a runner died while it gave this revision its last share; none of a service that was deleted.
  const good = previousGood(ledger, entry.revision)?.revision;
  if (good !== undefined) {
    if (seen.revisions === undefined) return { do: 'read', need: { revisions: true } };
    const isReady = valueOf(seen.revisions)?.some(({ name, ready }) => name === good && ready === 'yes');
    const why = verdict.notAsked
      ? abort('RELEASE_BROKEN', verdict.reasons, 'put-back', verdict.notAsked)
      : abort('SMOKE_FAILED', verdict.reasons, 'failed');
    if (isReady)
      return { do: 'record', ledger: record, learn: { stable: good, verdict: undefined, abort: why } };
  }
  const reason = verdict.reasons.join('; ');
  const fails = firstReleaseFailed(entry, reason);
  const cause = { code: fails.code, by: run.by, at: iso(now), text: reason };
  return { do: 'record', ledger: update(turn, record, { state: 'failed', ...endedBy(cause) }), fails };
}

/**
 * All traffic, without the tag, which would keep the revision able to start instances; and the ledger says served.
 * @param stable where the canary came from; without one the candidate has all traffic already.
 */
function promote(turn: ReleaseTurn, stable: string | undefined): Action {
  const { run, service, ledger, entry, now } = turn;
  const { revision, sha, servedAt = iso(now) } = entry;
  const outcome = run.facts.settled ? 'unchanged' : 'served';
  const intent = { revision, by: run.by, at: iso(now), reason: `release of ${sha.slice(0, 7)}` };
  const isDesired = ledger.intent?.revision === revision && ledger.intent.epoch === run.lease!.epoch;
  // One that was blocked, let in by force and serves is blocked no longer.
  const desired = isDesired ? ledger : liftBlock(withIntent(ledger, intent, { newEpoch: false }), revision);
  const shares = [{ revision, percent: 100 }];
  const step = run.facts.step ?? 0;
  const stop = stable === undefined ? undefined : movedByOthers(turn, stable, shares, step);
  if (stop) return stop;
  const move = converge(run, service, { ledger: desired, shares, learn: { asked: step } }, now);
  if (move) return move;
  if (!isDesired) return { do: 'record', ledger: desired };
  const settled = settle(ledger, service, now);
  const served = update(turn, settled?.do === 'record' ? settled.ledger : ledger, {
    ...{ state: 'served', percent: 100, servedAt },
  });
  return { do: 'record', ledger: served, ends: { revision, outcome } };
}
