import { Failure, messageOf } from '../domain/failure';
import { addHold, isRestart, type Ledger, withIntent } from '../domain/releases/ledger';
import { isStatus } from './google/googleApi';
import { isFencedOff, ownedLedger } from './lease';
import { moveTraffic } from './moveTraffic';
import { note, type Run } from './releaseRun';

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
  const byHand = error instanceof Failure && error.code === 'TRAFFIC_MOVED_BY_HAND';
  if (isFencedOff(error) || byHand || context.signal.aborted) throw error;
  const cause = error instanceof Failure ? { cause: error } : {};
  return { code: 'RELEASE_BROKEN', reasons: [messageOf(error)], state: 'put-back', hold: false, ...cause };
}

/** All traffic to stable; then the ledger says why. Returns the failure to throw: exit code 1, failed and put back. */
export async function putBack(run: Run, stable: string, setback: Setback): Promise<Failure> {
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
