import {
  entryOf,
  firstEpochOf,
  hasServed,
  blockOn,
  isRestart,
  type Ledger,
  type ReleaseEntry,
} from './ledger';

/**
 * Newest entry that served, is not held and is older than the current revision: where a bare rollback goes. Never forward:
 * what is newer was left on purpose, held or not. Everything is older than a revision that the ledger does not know. What a
 * restart was made of is the same image with the same settings: no way back, once the restart has served.
 */
export function previousGood(ledger: Ledger, current: string | undefined): ReleaseEntry | undefined {
  const isKnown = current !== undefined && entryOf(ledger, current) !== undefined;
  return ledger.releases.find(
    ({ servedAt, revision, ...candidate }) =>
      servedAt !== undefined &&
      revision !== current &&
      !(isRestart(ledger, revision, current) && hasServed(ledger, current!)) &&
      (!isKnown || isOlder(ledger, revision, current)) &&
      blockOn(ledger, candidate) === undefined,
  );
}

/** True when `a` was first released before `b`; unknown revisions are older than known ones. */
export function isOlder(ledger: Ledger, a: string, b: string): boolean {
  return (firstEpochOf(ledger, a) ?? -1) < (firstEpochOf(ledger, b) ?? -1);
}

/**
 * What has served since a revision last did, each revision by its newest such release; newest first. Not what that revision
 * itself came after: a `git revert` has brought it back.
 */
export function releasesSince({ releases }: Ledger, revision: string): ReleaseEntry[] {
  const served = releases.findIndex((entry) => entry.revision === revision && entry.servedAt !== undefined);
  const at = served < 0 ? releases.findIndex((entry) => entry.revision === revision) : served;
  const since = releases
    .slice(0, Math.max(at, 0))
    .filter((entry) => entry.servedAt !== undefined && entry.revision !== revision);
  const isNewest = (entry: ReleaseEntry) =>
    entry === since.find((newer) => newer.revision === entry.revision);
  return since.filter(isNewest);
}
