import { Failure } from '../domain/failure';
import { dropLease, type Ledger, type Lease, owns, renewLease, takeLease } from '../domain/ledger';
import type { ReleaseContext } from './context';
import { needLedger, startLedger } from './ledgerStore';

/** Overtaken by a rollback or another release: exit code 4, and whoever is overtaken touches nothing. */
export function superseded(context: ReleaseContext, ledger: Ledger): Failure {
  const { intent, lease } = ledger;
  return new Failure({
    code: 'SUPERSEDED',
    message: 'Somebody else has moved on since this release began; it stops and leaves traffic as it is.',
    where: context.ledger.url,
    got: `epoch ${ledger.epoch}${intent ? `, intent ${intent.revision} by ${intent.by} (${intent.reason})` : ''}${lease ? `, lease of ${lease.holder}` : ''}`,
    remedy: `see what happened: bin/lightonocr status ${context.deployment.name}`,
    exitCode: 4,
  });
}

/** The ledger while this lease is the valid one; renewed for the write to come. Failure `SUPERSEDED` else. */
export function ownedLedger(context: ReleaseContext, ledger: Ledger | undefined, lease: Lease): Ledger {
  const found = startLedger(ledger);
  if (!owns(found, lease)) throw superseded(context, found);
  return renewLease(found, lease, context.clock.now(), context.deployment.release.leaseSeconds);
}

/** Pause between two tries to take a lease that somebody holds. */
const WAIT_SECONDS = 5;

export interface LeaseOptions {
  /** Starts a ledger where there is none: `--init-ledger`. */
  readonly initLedger?: boolean;
  /** How long to wait for another holder; default four times the lease. */
  readonly waitSeconds?: number;
}

/**
 * Runs work under the lease: taken (waiting for another holder), renewed while the work goes on, given back after it,
 * whatever came of it. A killed process gives nothing back: its lease expires.
 */
export async function withLease<T>(
  context: ReleaseContext,
  work: (lease: Lease) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  const lease = await waitForLease(context, options);
  const done = new AbortController();
  const heartbeat = renewUntil(context, lease, done.signal);
  try {
    return await work(lease);
  } finally {
    done.abort();
    await heartbeat;
    await context.ledger.update((ledger) => dropLease(startLedger(ledger), context.actor.holder));
  }
}

async function waitForLease(context: ReleaseContext, options: LeaseOptions): Promise<Lease> {
  const { clock, actor, deployment } = context;
  const { leaseSeconds } = deployment.release;
  const deadline = clock.now().getTime() + (options.waitSeconds ?? leaseSeconds * 4) * 1000;
  for (;;) {
    let holder: Lease | undefined;
    try {
      const ledger = await context.ledger.update((found) => {
        const start = options.initLedger
          ? startLedger(found)
          : needLedger(found, context.ledger.url, initRemedy(context));
        const taken = takeLease(start, actor.holder, clock.now(), leaseSeconds);
        holder = start.lease;
        if (taken === undefined) throw new LeaseHeld();
        return taken;
      });
      return ledger.lease!;
    } catch (error) {
      if (!(error instanceof LeaseHeld)) throw error;
    }
    if (clock.now().getTime() > deadline) {
      throw new Failure({
        code: 'LEASE_HELD',
        message: 'Another release is at work.',
        where: context.ledger.url,
        got: `held by ${holder?.holder}, until ${holder?.expiresAt} unless renewed`,
        remedy: 'wait for it and run the same command again; if it died, its lease expires by itself',
        exitCode: 3,
      });
    }
    context.progress(
      `waiting for ${holder?.holder}, whose lease ends at ${holder?.expiresAt} unless renewed`,
    );
    await clock.sleep(WAIT_SECONDS, context.signal);
  }
}

function initRemedy({ deployment }: ReleaseContext): string {
  return `for the first deploy ever add --init-ledger; else find the ledger of ${deployment.name} before anything else`;
}

class LeaseHeld extends Error {}

async function renewUntil(context: ReleaseContext, lease: Lease, done: AbortSignal): Promise<void> {
  const { clock, deployment } = context;
  try {
    for (;;) {
      await clock.sleep(deployment.release.leaseSeconds / 3, done);
      await context.ledger.update((ledger) => ownedLedger(context, ledger, lease));
    }
  } catch (error) {
    // Overtaken, or done: the work's own next write says which. A write that failed is tried again by that write.
    if (!done.aborted) context.progress(`the lease is no longer renewed: ${String(error).split('\n')[0]}`);
  }
}
