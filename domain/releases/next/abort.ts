import { Failure, messageOf } from '../../failure';
import { endedBy } from '../cause';
import { addBlock, isRestart, withIntent } from '../ledger';
import type { Ledger } from '../ledgerTypes';
import { describeShares, sharesOf } from '../traffic';
import type { AbortReason, Action } from './action';
import { converge, iso, settle } from './converge';
import { movedByHand } from './failures';
import { isTransient } from './faults';
import { type ReleaseTurn, update } from './releaseTurn';
import type { Run } from './run';
import type { Snapshot } from './snapshot';

export const abort = (
  code: string,
  reasons: readonly string[],
  state: AbortReason['state'],
  cause?: Failure,
): AbortReason => ({ code, reasons, state, block: false, ...(cause && { cause }) });

/** True where a revision has traffic that is neither stable nor the candidate. */
export function isElsewhere({ service, entry }: ReleaseTurn, stable: string): boolean {
  const revisions = [...sharesOf([...service.traffic, ...service.trafficStatuses]).keys()];
  return revisions.some((revision) => revision !== stable && revision !== entry.revision);
}

/**
 * All traffic to stable; then the ledger says why, and the release ends with exit code 1. Traffic stays where another
 * revision has some (`TRAFFIC_MOVED_BY_HAND`, 3), and the ledger says the rest.
 */
export function nextOfAbort(turn: ReleaseTurn, why: AbortReason): Action {
  const { run, service, ledger, entry, now } = turn;
  const stable = run.facts.stable as string;
  const reason = why.reasons.join('; ');
  if (isElsewhere(turn, stable)) {
    const failure = movedByHand(run, service, entry, {
      reason,
      ...(run.facts.moved && { moved: run.facts.moved }),
    });
    // Where the candidate is desired already, the release stays under way: ended, `reconcile` would finish that.
    if (ledger.intent?.revision !== stable) return { do: 'fail', failure };
    const text = `${reason}; traffic was moved by hand`;
    const cause = { code: failure.code, by: run.by, at: iso(now), text };
    const ended = { state: why.state, percent: 0, ...endedBy(cause) };
    const record = update(turn, block(turn, ledger, stable, why), ended);
    return { do: 'record', ledger: record, fails: failure };
  }
  const back = block(turn, goBack(turn, ledger, stable, reason), stable, why);
  const move = converge(run, service, { ledger: back, shares: [{ revision: stable, percent: 100 }] }, now);
  if (move) return move;
  const settled = settle(back, service, now);
  const cause = { code: why.code, by: run.by, at: iso(now), text: reason };
  const ended = { state: why.state, percent: 0, ...endedBy(cause) };
  const record = update(turn, settled?.do === 'record' ? settled.ledger : back, ended);
  return { do: 'record', ledger: record, fails: aborted(run, entry, stable, why) };
}

/** A restart is what serves, under another name: a block on it would be one on stable. */
function block({ entry, now }: ReleaseTurn, ledger: Ledger, stable: string, why: AbortReason): Ledger {
  if (!why.block || isRestart(ledger, entry.revision, stable)) return ledger;
  const { sha, digest, templateHash, revision } = entry;
  const reason = why.reasons.join('; ');
  if (ledger.holds.some((held) => held.revision === revision && held.by === 'canary')) return ledger;
  return addBlock(ledger, { sha, digest, templateHash, revision, by: 'canary', at: iso(now), reason });
}

/** The candidate is desired already where a runner died at the release's last write: that goes back with the traffic. */
function goBack({ run, now }: ReleaseTurn, ledger: Ledger, stable: string, reason: string): Ledger {
  if (ledger.intent?.revision === stable) return ledger;
  return withIntent(ledger, { revision: stable, by: run.by, at: iso(now), reason }, { newEpoch: false });
}

function aborted(
  run: Run,
  entry: ReleaseTurn['entry'],
  stable: string,
  { code, reasons, block, cause }: AbortReason,
): Failure {
  const deployAgain = `deploy again: bin/lightonocr plan ${run.deployment.name} --sha ${entry.sha}`;
  return new Failure(
    {
      code,
      message: `The release went back to ${stable}: ${reasons.join('; ')}`,
      where: cause?.where ?? `revision ${entry.revision}`,
      ...(cause?.got !== undefined && { got: cause.got }),
      remedy: block
        ? 'merge a fix; this image with these settings is held'
        : `${firstStep(run, entry.revision, cause)}; then ${deployAgain}`,
      exitCode: 1,
    },
    { cause },
  );
}

/** The candidate keeps what it has; the release stays under way, so that `reconcile` puts it back. */
export function notPutBack(run: Run, seen: Snapshot, revision: string, error: Failure): Failure {
  const reason = run.facts.abort!.reasons.join('; ');
  const stable = run.facts.stable as string;
  return new Failure(
    {
      code: 'NOT_PUT_BACK',
      message: `The release has to go back to ${stable} (${reason}) and cannot: ${messageOf(error)}`,
      where: error.where,
      got:
        seen.service.is === 'value'
          ? `traffic: ${describeShares(seen.service.value.trafficStatuses)}`
          : 'Cloud Run does not say where traffic is',
      remedy: `${firstStep(run, revision, error)}; then put it back: bin/lightonocr reconcile ${run.deployment.name}`,
      exitCode: 3,
    },
    { cause: error },
  );
}

/** What comes before another deploy. What stopped the release says "the same command again", which is over for this one. */
function firstStep({ deployment: { name } }: Run, revision: string, cause: Failure | undefined): string {
  if (cause === undefined) return `see why: bin/lightonocr troubleshoot ${name} --revision ${revision}`;
  if (isTransient(cause)) return 'wait until that API is well';
  const isOver = /^(API_(?!401|403)\d+|TRAFFIC_.*)$/.test(cause.code);
  return isOver
    ? `look at it: bin/lightonocr doctor ${name}`
    : (cause.remedy ?? `bin/lightonocr doctor ${name}`);
}
