import { Failure } from '../../failure';
import { abort, notPutBack } from './abort';
import type { Action } from './action';
import { nextOfPrepare, nextOfVerify, type PrepareGoal, type VerifyGoal } from './apply';
import { tryAgain } from './faults';
import { nextOfReconcile, type ReconcileGoal } from './reconcile';
import { nextOfRelease, type ReleaseGoal } from './release';
import { failedRollback, nextOfRollback, type RollbackGoal } from './rollback';
import type { Run } from './run';
import { nextOfScale, type ScaleGoal } from './scale';
import type { Snapshot } from './snapshot';

/** What a command is to bring about. */
export type Goal = RollbackGoal | ReleaseGoal | ReconcileGoal | PrepareGoal | VerifyGoal | ScaleGoal;

/**
 * The one thing to do next, from what was read in this turn and what this command has done so far. Pure: no I/O, no clock.
 * A fault that passes is waited for and everything is read again; nothing is decided on what was not read.
 * @param now milliseconds, by the server's clock.
 */
export function next(run: Run, seen: Snapshot, goal: Goal, now: number): Action {
  const unread = [seen.service, seen.ledger, seen.revisions, seen.image].find(
    (part) => part?.is === 'not read',
  );
  const fault = unread?.is === 'not read' ? unread.reason : run.fault;
  if (fault) return tryAgain(fault, run.faults) ?? giveUp(run, seen, goal, fault);
  try {
    const action = rows(run, seen, goal, now);
    return action.do === 'fail' ? orBack(run, seen, goal, action.failure) : action;
  } catch (error) {
    if (error instanceof Failure) return orBack(run, seen, goal, error);
    throw error;
  }
}

/** A release ends only where it was superseded, or somebody moved traffic by hand; else it goes back. */
function orBack(run: Run, seen: Snapshot, goal: Goal, failure: Failure): Action {
  const isEnd =
    failure.exitCode === 4 || ['RELEASE_PUT_BACK', 'TRAFFIC_MOVED_BY_HAND'].includes(failure.code);
  return isEnd ? { do: 'fail', failure: ended(run, goal, failure) } : giveUp(run, seen, goal, failure);
}

function rows(run: Run, seen: Snapshot, goal: Goal, now: number): Action {
  switch (goal.kind) {
    case 'rollback':
      return nextOfRollback(run, seen, goal, now);
    case 'release':
      return nextOfRelease(run, seen, goal, now);
    case 'reconcile':
      return nextOfReconcile(run, seen, goal, now);
    case 'prepare':
      return nextOfPrepare(run, seen, goal, now);
    case 'verify':
      return nextOfVerify(run, seen, goal, now);
    case 'scale':
      return nextOfScale(run, seen, goal, now);
  }
}

/** A fault that did not pass. A release that cannot go on goes back to stable; where it cannot do that either, it says so. */
function giveUp(run: Run, seen: Snapshot, goal: Goal, fault: Failure): Action {
  if (goal.kind !== 'release') return { do: 'fail', failure: ended(run, goal, fault) };
  if (run.facts.abort) return { do: 'fail', failure: notPutBack(run, seen, goal.revision, fault) };
  if (typeof run.facts.stable !== 'string') return { do: 'fail', failure: fault };
  return { do: 'learn', learn: { abort: abort('RELEASE_BROKEN', [fault.message], 'put-back', fault) } };
}

function ended(run: Run, goal: Goal, failure: Failure): Failure {
  return goal.kind === 'rollback' ? failedRollback(run, goal, failure) : failure;
}
