import type { Deployment } from '../../deployment';
import type { Failure } from '../../failure';
import type { Intent, Lease } from '../ledgerTypes';
import type { Action, Facts } from './action';
import { isTransient } from './faults';

/** Where and for whom the engine works. */
export interface Place {
  readonly deployment: Deployment;
  /** A person or a workflow, for the history. */
  readonly by: string;
  /** `gs://BUCKET/OBJECT` of the ledger. */
  readonly ledgerUrl: string;
}

/** The writes of the service that asked for one thing. */
export interface ServiceWrite {
  readonly key: string;
  readonly tries: number;
  /** True once Cloud Run has taken one. */
  readonly accepted: boolean;
  /** Milliseconds. */
  readonly at: number;
  readonly operation?: string;
  /** What the operation ended with, and when that was first seen. */
  readonly problem?: { readonly message: string; readonly at: number };
}

/** One command while it runs: a value, made anew by `learnFrom` after each action. */
export interface Run extends Place {
  readonly lease?: Lease;
  readonly facts: Facts;
  /** Failures in a row: of reads, and of everything else. */
  readonly faults: { readonly reads: number; readonly acts: number };
  /** The failure that the last turn met; undefined after one that went well. */
  readonly fault?: Failure;
  readonly looks: number;
  readonly looksSince?: number;
  readonly waitsSince?: number;
  readonly write?: ServiceWrite;
  /** A decision whose write was not answered: it may be in the ledger, and counts as made where it is. */
  readonly attempt?: { readonly intent: Intent; readonly learn: Facts };
}

export const startRun = (place: Place, lease?: Lease): Run => ({
  ...place,
  ...(lease && { lease }),
  facts: {},
  faults: { reads: 0, acts: 0 },
  looks: 0,
});

/** What came of an action. A conflict is somebody else's write between our read and our own: read again, decide again. */
export type Outcome =
  | {
      readonly is: 'done';
      readonly learn?: Facts;
      readonly operation?: string;
      readonly problem?: string;
    }
  /** `recorded`: the ledger was written, the service not. */
  | { readonly is: 'conflict'; readonly recorded: boolean }
  | { readonly is: 'fault'; readonly recorded: boolean; readonly failure: Failure };

/** A turn whose reads did not all succeed: nothing was decided in it. */
export const afterUnread = (run: Run, failure: Failure): Run => ({
  ...run,
  fault: failure,
  faults: { ...run.faults, reads: run.faults.reads + 1 },
});

/** The run once its reads succeeded; a failure of an earlier act is still to be decided upon. */
export const afterRead = (run: Run): Run => {
  if (run.faults.reads === 0) return run;
  const { fault: _fault, ...rest } = run;
  return { ...rest, faults: { ...run.faults, reads: 0 } };
};

/** The run after an action. @param now milliseconds. */
export function learnFrom(run: Run, action: Action, outcome: Outcome, now: number): Run {
  const { fault: _fault, ...well } = run;
  const tried = action.do === 'move' ? { write: tryOf(run, action.key, outcome, now) } : {};
  if (outcome.is !== 'done') {
    const isRecorded = outcome.recorded && action.do === 'move';
    const known = { ...well, ...tried, ...(isRecorded && { facts: { ...run.facts, ...action.learn } }) };
    if (outcome.is === 'conflict') return { ...known, looks: 0 };
    return {
      ...known,
      ...(!isRecorded && isTransient(outcome.failure) && attemptOf(action)),
      fault: outcome.failure,
      faults: { ...run.faults, acts: run.faults.acts + 1 },
    };
  }
  const learn = 'learn' in action ? action.learn : undefined;
  const facts = { ...run.facts, ...learn, ...outcome.learn };
  if (action.do === 'wait')
    return {
      ...well,
      facts,
      waitsSince: run.waitsSince ?? now,
      ...(run.write && { write: { ...run.write, tries: 0 } }),
    };
  if (action.do === 'look') {
    const { write } = run;
    const problem = outcome.problem;
    return {
      ...well,
      facts,
      looks: run.looks + 1,
      looksSince: run.looksSince ?? now,
      ...(write &&
        problem !== undefined && {
          write: { ...write, problem: write.problem ?? { message: problem, at: now } },
        }),
    };
  }
  if (action.do === 'pause') return well;
  if (action.do === 'read') return { ...run, facts };
  if (action.do === 'learn') return { ...well, facts, faults: { reads: 0, acts: 0 } };
  const { looksSince: _looksSince, ...rest } = well;
  return { ...rest, ...tried, facts, faults: { ...run.faults, acts: 0 }, looks: 0 };
}

const attemptOf = (action: Action): Pick<Run, 'attempt'> =>
  action.do === 'move' && action.learn && action.ledger.intent
    ? { attempt: { intent: action.ledger.intent, learn: action.learn } }
    : {};

function tryOf({ write }: Run, key: string, outcome: Outcome, now: number): ServiceWrite {
  const before = write?.key === key ? write : undefined;
  return {
    key,
    tries: (before?.tries ?? 0) + 1,
    accepted: outcome.is === 'done' || (before?.accepted ?? false),
    at: now,
    ...(outcome.is === 'done' && outcome.operation && { operation: outcome.operation }),
  };
}
