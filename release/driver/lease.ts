import { Failure, messageOf } from '../../domain/failure';
import {
  dropLease,
  type Ledger,
  type Lease,
  owns,
  renewLease,
  takeLease,
} from '../../domain/releases/ledger';
import { findLedger } from '../../domain/releases/projectState';
import { leaseLost } from '../../domain/releases/next/failures';
import type { Place } from '../../domain/releases/next/run';
import type { ReleaseContext } from '../ports/context';
import { requireLedger, startLedger } from '../checks/readLedger';

/** Where the engine works, for what is decided. */
export const placeOf = ({ deployment, actor, ledger }: ReleaseContext): Place => ({
  deployment,
  by: actor.by,
  ledgerUrl: ledger.url,
});

/** True for what ends the work of a holder that must touch nothing any more. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof Failure && (error.exitCode === 4 || error.code === 'RELEASE_PUT_BACK');
}

/** The ledger while this lease is the valid one; renewed for the write to come. Failure of `leaseLost` else. */
export function assertLeaseHeld(context: ReleaseContext, ledger: Ledger | undefined, lease: Lease): Ledger {
  const found = startLedger(ledger);
  if (!owns(found, lease)) throw leaseLost(placeOf(context), found, lease);
  return renewLease(found, lease, context.clock.now(), context.deployment.release.leaseSeconds);
}

/** Pause between two tries to take a lease that somebody holds. */
const WAIT_SECONDS = 5;

export interface LeaseOptions {
  /** Starts a ledger where there is none: `--init-ledger`. */
  readonly initLedger?: boolean;
}

/**
 * Runs work under the lease: taken (waiting for as long as another holder renews it), renewed while the work goes on, given
 * back after it, whatever came of it. A killed process gives nothing back: its lease expires. The work gets a context
 * whose signal also fires when it is superseded, so that no bake goes on for a release that nobody wants any more.
 * @throws Failure `SUPERSEDED` (4) when superseded, `RELEASE_PUT_BACK` (1) when put back; what the work throws.
 */
export async function withLease<T>(
  context: ReleaseContext,
  work: (lease: Lease, context: ReleaseContext) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  const lease = await waitForLease(context, options);
  const done = new AbortController();
  const superseded = new AbortController();
  const heartbeat = renewUntil(context, lease, done.signal).catch((error: unknown) =>
    superseded.abort(error),
  );
  try {
    return await work(lease, { ...context, signal: AbortSignal.any([context.signal, superseded.signal]) });
  } catch (error) {
    const isLost = superseded.signal.aborted && (!(error instanceof Failure) || isLeaseLost(error));
    if (!isLost) throw error;
    // Who has moved on is said as it is now: what took the lease may have been followed by a decision.
    const ledger = await context.ledger.read().catch(() => undefined);
    throw ledger ? leaseLost(placeOf(context), ledger, lease) : superseded.signal.reason;
  } finally {
    done.abort();
    await heartbeat;
    await giveBack(context, lease);
  }
}

/** A lease that cannot be given back expires by itself; that is no reason to hide how the work ended. */
async function giveBack(context: ReleaseContext, lease: Lease): Promise<void> {
  try {
    await context.ledger.update((ledger) => dropLease(startLedger(ledger), lease));
  } catch (error) {
    context.progress(`the lease was not given back and expires by itself: ${messageOf(error)}`);
  }
}

async function waitForLease(context: ReleaseContext, options: LeaseOptions): Promise<Lease> {
  const { clock, actor, deployment } = context;
  let told: string | undefined;
  for (;;) {
    let holder: Lease | undefined;
    try {
      const ledger = await context.ledger.update((found) => {
        const start = options.initLedger
          ? startLedger(found)
          : requireLedger(found, context, initRemedy(context));
        const taken = takeLease(start, actor.holder, clock.now(), deployment.release.leaseSeconds);
        holder = start.lease;
        if (taken === undefined) throw new LeaseHeld();
        return taken;
      });
      return ledger.lease!;
    } catch (error) {
      if (!(error instanceof LeaseHeld)) throw error;
    }
    // Once a renewal: the holder of a long canary renews for an hour.
    if (told !== holder?.expiresAt) {
      context.progress(
        `waiting for ${holder?.holder}, whose lease ends at ${holder?.expiresAt} unless renewed`,
      );
    }
    told = holder?.expiresAt;
    await clock.sleep(WAIT_SECONDS, context.signal);
  }
}

function initRemedy({ deployment }: ReleaseContext): string {
  return `for the first release ever: bin/lightonocr bootstrap ${deployment.name} --run next, or this command with --init-ledger; else bring it back before anything else: ${findLedger(deployment)}`;
}

class LeaseHeld extends Error {}

/** Renews until done; throws when superseded. A write that fails for another reason is tried again at the next beat. */
async function renewUntil(context: ReleaseContext, lease: Lease, done: AbortSignal): Promise<void> {
  const { clock, deployment } = context;
  for (;;) {
    await clock.sleep(deployment.release.leaseSeconds / 3, done).catch(() => undefined);
    if (done.aborted) return;
    try {
      await context.ledger.update((ledger) => assertLeaseHeld(context, ledger, lease));
    } catch (error) {
      if (isLeaseLost(error)) throw error;
      context.progress(`the lease was not renewed, trying again: ${messageOf(error)}`);
    }
  }
}
