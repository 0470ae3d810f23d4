import { Failure } from '../../domain/failure';
import { superseded } from '../../domain/releases/next/failures';
import { isSuperseded, type Ledger, type ReleaseEntry, updateRelease } from '../../domain/releases/ledger';
import { assertNotBlocked, assertNotScaled } from '../checks/preconditions';
import { requireLedger } from '../checks/readLedger';
import { drive } from '../driver/drive';
import { assertLeaseHeld, placeOf, withLease } from '../driver/lease';
import { readLive } from '../driver/observe';
import type { ReleaseContext } from '../ports/context';

export interface ReleaseResult {
  readonly revision: string;
  /** `unchanged`: it served already, as after a merge that changes only documentation. */
  readonly outcome: 'served' | 'unchanged';
}

/** Takes what `apply` made to 100 %: smoke test at 0 %, then step by step, and back to stable by itself when the numbers say so. */
export async function release(
  context: ReleaseContext,
  options: { sha: string; force?: boolean },
): Promise<ReleaseResult> {
  const sha = await context.git.resolve(options.sha);
  const { service, ledger } = await readLive(context);
  const before = requireLedger(ledger, context);
  const entry = entryToRelease(context, before, sha);
  assertNotScaled(context, before, service);
  if (!options.force) assertNotBlocked(context, before, entry);
  if (isSuperseded(before, entry)) throw superseded(placeOf(context), before);

  return withLease(context, async (lease, leased) => {
    await leased.ledger.update((found) => {
      const owned = assertLeaseHeld(leased, found, lease);
      if (isSuperseded(owned, entry)) throw superseded(placeOf(leased), owned); // while we waited for the lease
      assertNotScaled(leased, owned, undefined);
      return updateRelease(owned, sha, leased.clock.now(), { epoch: lease.epoch });
    });
    return drive(leased, { kind: 'release', revision: entry.revision, sha }, lease);
  });
}

function entryToRelease(context: ReleaseContext, ledger: Ledger, sha: string): ReleaseEntry {
  const entry = ledger.releases.find((candidate) => candidate.sha === sha);
  if (entry && ['applied', 'smoke', 'canary', 'served'].includes(entry.state)) return entry;
  throw new Failure({
    code: 'NOT_APPLIED',
    message: entry
      ? `The last apply of this commit ended as ${entry.state}.`
      : 'This commit has not been applied.',
    where: context.ledger.url,
    got: entry?.reason ?? sha,
    remedy: `plan and apply it: bin/lightonocr plan ${context.deployment.name} --sha ${sha}`,
    exitCode: 2,
  });
}
