import { Failure } from '../../domain/failure';
import type { Lease } from '../../domain/releases/ledger';
import type { ReleaseContext } from '../ports/context';
import { assertLeaseHeld } from './lease';
import { LOCK_SECONDS } from '../adapters/terraform/terraform';

/** Pause between two tries: a plan holds the lock for some seconds. */
const RETRY_SECONDS = 5;

/**
 * Applies a plan under a lease that was renewed just now; waits for the state's lock for as long as Terraform would. The wait
 * is here because Terraform's own goes on after the lease: once it got the lock it would write over a rollback or an emergency
 * stop that have long ended. Here the lease is looked at before each try, and a superseded apply ends before it writes.
 * @throws Failure `TERRAFORM_FAILED` (1); any other means that Terraform has not begun: `STATE_LOCKED` (3), `SUPERSEDED` (4).
 */
export async function applyWithLock(
  context: ReleaseContext,
  directory: string,
  file: string,
  lease: Lease,
): Promise<void> {
  const { clock, signal } = context;
  const until = clock.now().getTime() + LOCK_SECONDS * 1000;
  for (let tries = 1; ; tries++) {
    try {
      return await context.terraform.apply(directory, file, { lockSeconds: 0 });
    } catch (error) {
      const isLocked = error instanceof Failure && error.code === 'STATE_LOCKED';
      if (!isLocked || clock.now().getTime() >= until) throw error;
      if (tries === 1)
        context.progress(`waiting for the state's lock, at most ${LOCK_SECONDS} s: ${error.got}`);
      await clock.sleep(RETRY_SECONDS, signal).catch(() => undefined);
      await context.ledger.update((ledger) => assertLeaseHeld(context, ledger, lease));
      if (signal.aborted) throw error;
    }
  }
}
