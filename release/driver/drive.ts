import { Failure } from '../../domain/failure';
import { systemFailure } from '../../domain/systemFailure';
import type { Action, Move } from '../../domain/releases/next/action';
import { type Goal, next } from '../../domain/releases/next/next';
import {
  afterRead,
  afterUnread,
  learnFrom,
  type Outcome,
  type Run,
  startRun,
} from '../../domain/releases/next/run';
import type { Snapshot } from '../../domain/releases/next/snapshot';
import type { Lease } from '../../domain/releases/ledgerTypes';
import { isStatus } from '../adapters/google/googleApi';
import { effectsOf } from '../checks/effects';
import type { Effects, ReleaseContext } from '../ports/context';
import { type Observed, type Observer, observer } from './observe';

/** Turns after which a command that goes round in circles ends: a canary of a day looks less often. */
const MOST_TURNS = 100_000;
/** At most so long until everything is read again after a conflict: two that write meet again less likely. */
const CONFLICT_SECONDS = 0.5;

/**
 * Acts until the goal is reached: reads the world, asks `next` for the one thing to do, does it. Everything that is decided is
 * decided there; here is what it takes to do it. Times are the server's.
 * @param lease of goals that work under one.
 * @throws Failure with which the goal ends; the signal's reason.
 */
export async function drive<Result>(context: ReleaseContext, goal: Goal, lease?: Lease): Promise<Result> {
  const { deployment, actor, ledger, clock, decide = next } = context;
  const observing = observer(context);
  const effects = effectsOf(context);
  let run: Run = startRun({ deployment, by: actor.by, ledgerUrl: ledger.url }, lease);
  let observed: Observed | undefined;
  let told: string | undefined;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    if (context.signal.aborted) throw interrupted(run, goal, context.signal.reason);
    observed ??= await observing.read({});
    const { snapshot } = observed;
    const unread = unreadOf(snapshot);
    run = unread ? afterUnread(run, unread) : afterRead(run);
    const action = decide(run, snapshot, goal, clock.now().getTime());
    if (action.do === 'fail') throw action.failure;
    if (action.say !== told) action.say?.split('\n').forEach(context.progress);
    told = action.say;
    if (action.do === 'finish') return action.result as Result;
    if (action.do === 'learn') {
      run = learnFrom(run, action, { is: 'done' }, clock.now().getTime());
      continue; // nothing was done: what was read still holds
    }
    if (action.do === 'read') {
      observed = await observing.read(action.need, observed);
      continue;
    }
    const outcome = await act(context, effects, observing, observed, action).catch(
      (thrown: unknown): Outcome => {
        const error = systemFailure(thrown) ?? thrown;
        if (error instanceof Failure) return { is: 'fault', recorded: false, failure: error };
        if (context.signal.aborted) throw interrupted(run, goal, error);
        throw error;
      },
    );
    if (action.do === 'record' && outcome.is === 'done') {
      if (action.fails) throw action.fails;
      if (action.ends) return action.ends as Result;
    }
    run = learnFrom(run, action, outcome, clock.now().getTime());
    observed = undefined;
  }
  throw new Error(`No end after ${MOST_TURNS} turns.`);
}

type Act = Exclude<Action, { do: 'learn' | 'read' | 'finish' | 'fail' }>;

async function act(
  context: ReleaseContext,
  effects: Effects,
  observing: Observer,
  observed: Observed,
  action: Act,
): Promise<Outcome> {
  const { clock, signal, cloudRun } = context;
  switch (action.do) {
    case 'pause':
      await clock.sleep(action.seconds * (0.5 + (context.random ?? Math.random)()), signal);
      return { is: 'done' };
    case 'wait':
      await clock.sleep(action.seconds, signal);
      return { is: 'done' };
    case 'look': {
      await clock.sleep(action.seconds, signal);
      // A diagnosis, which decides nothing: whether traffic moved is read from the service.
      const { operation } = action;
      const problem = operation ? await cloudRun.operationError(operation).catch(() => undefined) : undefined;
      return { is: 'done', ...(problem !== undefined && { problem }) };
    }
    case 'record':
      return write(context, observing, observed, action, undefined);
    case 'move':
      return write(context, observing, observed, action, action);
    case 'warm':
      await effects.warm(context, action);
      return { is: 'done' };
    case 'smoke':
      return { is: 'done', learn: { verdict: await effects.smoke(context, action) } };
    case 'bake':
      return { is: 'done', learn: { verdict: await effects.bake(context, action.step) } };
    case 'probe':
      return { is: 'done', learn: { probe: await effects.probe(context, action.uri) } };
  }
}

/** The ledger first, with its precondition; then the service, with the etag that was read before the ledger was. */
async function write(
  { ledger, cloudRun, clock, random = Math.random, signal }: ReleaseContext,
  observing: Observer,
  observed: Observed,
  action: Extract<Act, { do: 'record' | 'move' }>,
  move: Move | undefined,
): Promise<Outcome> {
  let recorded = false;
  try {
    await ledger.write(action.ledger, observed.generation);
    recorded = true;
    if (move === undefined) return { is: 'done' };
    const { traffic, scaling, etag } = move;
    const answer = scaling
      ? await cloudRun.writeScale({ scaling, traffic }, etag)
      : await cloudRun.writeTraffic(traffic, etag);
    observing.wrote(answer.generation);
    return { is: 'done', ...(answer.operation && { operation: answer.operation }) };
  } catch (error) {
    if (isStatus(error, 409, 412)) {
      await clock.sleep(CONFLICT_SECONDS * random(), signal);
      return { is: 'conflict', recorded };
    }
    if (error instanceof Failure) return { is: 'fault', recorded, failure: error };
    throw error;
  }
}

function unreadOf({ service, ledger, revisions, image }: Snapshot): Failure | undefined {
  const part = [service, ledger, revisions, image].find((each) => each?.is === 'not read');
  return part?.is === 'not read' ? part.reason : undefined;
}

/** A signal before a rollback's decision has decided nothing; after it, what was written is said. */
function interrupted(run: Run, goal: Goal, reason: unknown): unknown {
  const { decided } = run.facts;
  if (goal.kind !== 'rollback' || reason instanceof Failure) return reason;
  if (decided === undefined && run.attempt === undefined) return reason;
  const target = decided?.target ?? run.attempt!.intent.revision;
  const { name } = run.deployment;
  return new Failure(
    {
      code: 'ROLLBACK_INTERRUPTED',
      message: `Stopped after the decision: the ledger says that ${target} is to serve${run.write?.accepted ? ', and traffic was asked for' : '; traffic was not moved yet'}.`,
      where: run.ledgerUrl,
      remedy: `finish it: bin/lightonocr rollback ${name} --to ${target} --reason TEXT`,
      exitCode: 3,
    },
    { cause: reason },
  );
}
