import { Failure, messageOf } from '../../domain/failure';
import { addBlock, isRestart, type Ledger, updateRelease, withIntent } from '../../domain/releases/ledger';
import { describeShares } from '../../domain/releases/traffic';
import { ApiError, isStatus } from '../adapters/google/googleApi';
import { isLeaseLost, assertLeaseHeld } from './lease';
import { moveTraffic } from './moveTraffic';
import { isElsewhere, movedByHand, note, type Run } from './releaseSteps';

/** Why a release goes back to stable. */
export interface Setback {
  readonly code: string;
  readonly reasons: readonly string[];
  readonly state: 'failed' | 'put-back';
  /** Whether the candidate is held: only what the numbers condemn. */
  readonly hold: boolean;
  /** Why it could not go on: says where that was and what mends it. */
  readonly cause?: Failure;
}

/**
 * A release that cannot go on (an API that fails, a missing permission) goes back too. Not when it was overtaken, which
 * touches nothing, and not when it was stopped by hand: then `reconcile` puts it back.
 */
export function setbackOf({ context }: Run, error: unknown): Setback {
  if (isLeaseLost(error) || isMovedByHand(error) || context.signal.aborted) throw error;
  const cause = error instanceof Failure ? { cause: error } : {};
  return { code: 'RELEASE_BROKEN', reasons: [messageOf(error)], state: 'put-back', hold: false, ...cause };
}

const isMovedByHand = (error: unknown) => error instanceof Failure && error.code === 'TRAFFIC_MOVED_BY_HAND';

/**
 * All traffic to stable; then the ledger says why. Returns the failure to throw: exit code 1, failed and put back; or
 * `NOT_PUT_BACK` (3), where Cloud Run or the ledger refuses that.
 * @throws Failure `TRAFFIC_MOVED_BY_HAND` (3) where another revision has traffic: it stays, and the ledger says the rest.
 */
export async function putBack(run: Run, stable: string, setback: Setback): Promise<Failure> {
  const { code, reasons, state, hold, cause } = setback;
  const { context, lease, entry } = run;
  const reason = reasons.join('; ');
  const held = (ledger: Ledger) => (hold ? withHold(run, stable, reason, ledger) : ledger);
  try {
    await moveTraffic(context, {
      ledger: (ledger) => held(meantToServe(run, stable, reason, assertLeaseHeld(context, ledger, lease))),
      shares: (service) => {
        if (isElsewhere(run, stable, service)) throw movedByHand(run, service, { reason });
        return [{ revision: stable, percent: 100 }];
      },
    });
  } catch (error) {
    if (isLeaseLost(error) || context.signal.aborted) throw error;
    if (!isMovedByHand(error)) return notPutBack(run, stable, reason, error);
    // Where the candidate is meant to serve already, the release stays under way: ended, `reconcile` would finish that intent.
    await context.ledger.update((found) => {
      const owned = assertLeaseHeld(context, found, lease);
      if (owned.intent?.revision !== stable) return owned;
      const ended = { state, percent: 0, reason: `${reason}; traffic was moved by hand` };
      return updateRelease(held(owned), entry.sha, context.clock.now(), ended);
    });
    throw error;
  }
  await note(run, { state, percent: 0, reason });
  const deployAgain = `deploy again: bin/lightonocr plan ${context.deployment.name} --sha ${entry.sha}`;
  return new Failure(
    {
      code,
      message: `The release went back to ${stable}: ${reason}`,
      where: cause?.where ?? `revision ${entry.revision}`,
      ...(cause?.got !== undefined && { got: cause.got }),
      remedy: hold
        ? 'merge a fix; this image with these settings is held'
        : `${firstStep(run, cause)}; then ${deployAgain}`,
      exitCode: 1,
    },
    { cause },
  );
}

/** The candidate keeps what it has; the release stays under way, so that `reconcile` puts it back. */
async function notPutBack(run: Run, stable: string, reason: string, error: unknown): Promise<Failure> {
  const { context, entry } = run;
  const cause = error instanceof Failure ? error : undefined;
  const service = await context.cloudRun.service().catch(() => undefined);
  return new Failure(
    {
      code: 'NOT_PUT_BACK',
      message: `The release has to go back to ${stable} (${reason}) and cannot: ${messageOf(error)}`,
      where: cause?.where ?? `revision ${entry.revision}`,
      got: service
        ? `traffic: ${describeShares(service.trafficStatuses)}`
        : 'Cloud Run does not say where traffic is',
      remedy: `${firstStep(run, cause)}; then put it back: bin/lightonocr reconcile ${context.deployment.name}`,
      exitCode: 3,
    },
    { cause: error },
  );
}

/** What comes before another deploy. What stopped the release says "the same command again", which is over for this one. */
function firstStep({ context, entry }: Run, cause: Failure | undefined): string {
  const { name } = context.deployment;
  if (cause === undefined) return `see why: bin/lightonocr troubleshoot ${name} --revision ${entry.revision}`;
  if (isStatus(cause, 429, 500, 502, 503, 504)) return 'wait until that API is well';
  const isOver = (cause instanceof ApiError && !isStatus(cause, 401, 403)) || /^TRAFFIC_/.test(cause.code);
  return isOver
    ? `look at it: bin/lightonocr doctor ${name}`
    : (cause.remedy ?? `bin/lightonocr doctor ${name}`);
}

/** A restart is what serves, under another name: a hold on it would be one on stable. */
function withHold({ context, entry }: Run, stable: string, reason: string, ledger: Ledger): Ledger {
  if (isRestart(ledger, entry.revision, stable)) return ledger;
  const { sha, digest, templateHash, revision } = entry;
  const at = context.clock.now().toISOString();
  return addBlock(ledger, { sha, digest, templateHash, revision, by: 'canary', at, reason });
}

/** The intent says the candidate already where a runner died at the release's last write: it goes back with the traffic. */
function meantToServe({ context }: Run, stable: string, reason: string, ledger: Ledger): Ledger {
  if (ledger.intent?.revision === stable) return ledger;
  const { clock, actor } = context;
  const intent = { revision: stable, by: actor.by, at: clock.now().toISOString(), reason };
  return withIntent(ledger, intent, { newEpoch: false });
}
