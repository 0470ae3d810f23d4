import { noteIntent } from './journal';
import type { Block, Candidate, Intent, Lease, Ledger, ReleaseEntry } from './ledgerTypes';

export type * from './ledgerTypes';

/** Entries kept: enough for months of releases in one object of some tens of kilobytes. */
export const RING_LENGTH = 50;

export const EMPTY_LEDGER: Ledger = { version: 1, epoch: 0, releases: [], holds: [] };

export function isExpired(lease: Lease, now: Date): boolean {
  return Date.parse(lease.expiresAt) <= now.getTime();
}

/** The lease of whoever is at work; undefined without one, and where it has expired. */
export function activeLease(ledger: Ledger | undefined, now: Date): Lease | undefined {
  const lease = ledger?.lease;
  return lease && !isExpired(lease, now) ? lease : undefined;
}

function leaseUntil(holder: string, epoch: number, now: Date, seconds: number): Lease {
  return { holder, epoch, expiresAt: new Date(now.getTime() + seconds * 1000).toISOString() };
}

/**
 * Takes the lease, or undefined while somebody else's is valid. Each lease opens an epoch, also over one's own: a rerun of a
 * job, or the `reconcile` at its end, goes on at once, and a process of the same job that still runs is fenced off.
 */
export function takeLease(ledger: Ledger, holder: string, now: Date, seconds: number): Ledger | undefined {
  const { lease } = ledger;
  if (lease && !isExpired(lease, now) && lease.holder !== holder) return undefined;
  const epoch = ledger.epoch + 1;
  return { ...ledger, epoch, lease: leaseUntil(holder, epoch, now, seconds) };
}

/** True while nobody has superseded this holder: same epoch, and the lease is still its own. */
export function owns(ledger: Ledger, lease: Lease): boolean {
  return (
    ledger.epoch === lease.epoch &&
    ledger.lease?.holder === lease.holder &&
    ledger.lease.epoch === lease.epoch
  );
}

/** True when a release is not what people want any more: somebody said so since, or a newer one has been applied. */
export function isSuperseded(ledger: Ledger, { sha, revision, epoch }: ReleaseEntry): boolean {
  const newest = ledger.releases.find(({ state }) => state !== 'failed');
  return (ledger.intent?.epoch ?? 0) > epoch || newest?.sha !== sha || newest.revision !== revision;
}

/** True while an intent is a release's own, which it has at 100 %; a rollback's has an epoch that no release has. */
export function isOfRelease(ledger: Ledger, { revision, epoch }: Intent): boolean {
  return ledger.releases.some((entry) => entry.revision === revision && entry.epoch === epoch);
}

export function renewLease(ledger: Ledger, lease: Lease, now: Date, seconds: number): Ledger {
  return { ...ledger, lease: leaseUntil(lease.holder, lease.epoch, now, seconds) };
}

/** Gives the lease back; another one, be it of the same holder, is left alone. */
export function dropLease(ledger: Ledger, { holder, epoch }: Lease): Ledger {
  if (ledger.lease?.holder !== holder || ledger.lease.epoch !== epoch) return ledger;
  const { lease: _lease, ...rest } = ledger;
  return rest;
}

/**
 * Puts an entry in, or in the place of the one with its SHA and revision; newest first, at most `RING_LENGTH`.
 * A rerun does not undo history: when the release was first started, and that it served, stay; and so does the place of its
 * revision among the others, whatever commit it is released with.
 */
export function recordRelease(ledger: Ledger, entry: ReleaseEntry): Ledger {
  const isSame = ({ sha, revision }: ReleaseEntry) => sha === entry.sha && revision === entry.revision;
  const { startedAt, servedAt } = ledger.releases.find(isSame) ?? entry;
  const firstEpoch = firstEpochOf(ledger, entry.revision) ?? entry.epoch;
  const kept = { ...entry, startedAt, firstEpoch, ...(servedAt && { servedAt }) };
  const others = ledger.releases.filter((other) => !isSame(other));
  return { ...ledger, releases: trimRing([kept, ...others]) };
}

/**
 * For a service that is made anew: what was meant to serve went with the one before, and that this very revision served is
 * true of another of its name. Holds stay.
 */
export function forgetService(ledger: Ledger, revision: string): Ledger {
  const { intent: _intent, ...rest } = ledger;
  const releases = ledger.releases.map(({ servedAt, ...entry }) =>
    servedAt === undefined || entry.revision === revision ? entry : { ...entry, servedAt },
  );
  return { ...rest, releases };
}

/**
 * Forgets one entry of a ring that is too full. What once served is where a rollback goes, so neither a row of merges of
 * documentation, each an entry of one and the same revision, nor a row of failures pushes it out.
 */
function trimRing(releases: readonly ReleaseEntry[]): readonly ReleaseEntry[] {
  if (releases.length <= RING_LENGTH) return releases;
  const servedLater = ({ revision }: ReleaseEntry, at: number) =>
    releases.slice(0, at).some((newer) => newer.revision === revision && newer.servedAt !== undefined);
  const oldestTwice = releases.findLastIndex(servedLater);
  const oldestUnserved = releases.findLastIndex(({ servedAt }) => servedAt === undefined);
  const forget = [oldestTwice, oldestUnserved, releases.length - 1].find((at) => at > 0);
  return releases.filter((_, at) => at !== forget);
}

/** Changes the newest entry of a SHA in place. */
export function updateRelease(
  ledger: Ledger,
  sha: string,
  now: Date,
  change: Partial<Omit<ReleaseEntry, keyof Candidate>>,
): Ledger {
  const index = ledger.releases.findIndex((entry) => entry.sha === sha);
  const releases = ledger.releases.map((entry, at) =>
    at === index ? { ...entry, ...change, updatedAt: now.toISOString() } : entry,
  );
  return { ...ledger, releases };
}

/** Says which revision is meant to serve, in the current epoch or, as a rollback decides it over whoever is at work, in a new one. */
export function withIntent(
  ledger: Ledger,
  intent: Omit<Intent, 'epoch' | 'decided' | 'open'>,
  { newEpoch }: { newEpoch: boolean },
): Ledger {
  const epoch = ledger.epoch + (newEpoch ? 1 : 0);
  const desired = { ...intent, epoch, decided: newEpoch, ...(newEpoch && { open: true }) };
  return noteIntent({ ...ledger, epoch, intent: desired }, { ...intent, epoch });
}

/** Closes a rollback's decision: its target reads the golden page. */
export function proveIntent(ledger: Ledger): Ledger {
  if (ledger.intent === undefined) return ledger;
  const { open: _open, ...intent } = ledger.intent;
  return { ...ledger, intent };
}

/**
 * Marks the intent as reached: its revision has all traffic. By a rollback it has served then; what was only pinned by name,
 * as before an apply, has not: a first revision that failed its smoke test has all traffic too.
 */
export function settleIntent(ledger: Ledger, now: Date): Ledger {
  const { intent, releases } = ledger;
  if (intent === undefined) return ledger;
  const at = now.toISOString();
  const serves = intent.decided && !hasServed(ledger, intent.revision);
  const newest = serves ? entryOf(ledger, intent.revision) : undefined;
  return {
    ...ledger,
    intent: { ...intent, settledAt: at },
    releases: releases.map((entry) => (entry === newest ? { ...entry, servedAt: at } : entry)),
  };
}

/** True when a revision has had all traffic, released with whatever commit. */
export function hasServed({ releases }: Ledger, revision: string): boolean {
  return releases.some((entry) => entry.revision === revision && entry.servedAt !== undefined);
}

/**
 * The hold that refuses a candidate. Its SHA or its template (image and settings) is held; or its image is, so that a new
 * SHA or another flag does not bring a bad image back, unless that image also served well with settings that are not held
 * (then it was the settings that were bad, and the image may be released with others).
 */
export function blockOn(ledger: Ledger, candidate: Candidate): Block | undefined {
  const isHeldTemplate = (templateHash: string) =>
    ledger.holds.some((hold) => hold.templateHash === templateHash);
  const servedWell = ledger.releases.some(
    (entry) =>
      entry.digest === candidate.digest &&
      entry.servedAt !== undefined &&
      !isHeldTemplate(entry.templateHash),
  );
  return ledger.holds.find(
    (hold) =>
      hold.sha === candidate.sha ||
      hold.templateHash === candidate.templateHash ||
      (hold.digest === candidate.digest && !servedWell),
  );
}

export function addBlock(ledger: Ledger, hold: Block): Ledger {
  return { ...ledger, holds: [hold, ...ledger.holds.filter(({ revision }) => revision !== hold.revision)] };
}

/** Without the blocks that no candidate can match: of a revision without labels, and of what a newer block refuses as well. */
export function pruneBlocks(ledger: Ledger): Ledger {
  const { holds } = ledger;
  const isAlikeWholly = (a: Block, b: Block) => isAlike(a, b) && a.sha === b.sha;
  const isUseful = (block: Block, at: number) =>
    (block.sha !== '' || block.digest !== '' || block.templateHash !== '') &&
    !holds.slice(0, at).some((newer) => isAlikeWholly(newer, block));
  return { ...ledger, holds: holds.filter(isUseful) };
}

/** Lifts the hold of a revision, and that of another one of the same image with the same settings: it would go on holding this one. */
export function liftBlock(ledger: Ledger, revision: string): Ledger {
  const lifted = entryOf(ledger, revision) ?? ledger.holds.find((hold) => hold.revision === revision);
  const isLifted = (hold: Block) =>
    hold.revision === revision || (lifted !== undefined && isAlike(hold, lifted));
  return { ...ledger, holds: ledger.holds.filter((hold) => !isLifted(hold)) };
}

/** True when two revisions are of the same image with the same settings, as a restart makes them. */
export function isRestart(ledger: Ledger, one: string, other: string | undefined): boolean {
  const [a, b] = [entryOf(ledger, one), other === undefined ? undefined : entryOf(ledger, other)];
  return a !== undefined && b !== undefined && isAlike(a, b);
}

const isAlike = (a: Candidate, b: Candidate) => a.digest === b.digest && a.templateHash === b.templateHash;

/** The newest entry of a revision. */
export function entryOf(ledger: Ledger, revision: string): ReleaseEntry | undefined {
  return ledger.releases.find((entry) => entry.revision === revision);
}

/** When a revision was first released: each apply has an epoch of its own, so no two revisions share one. */
export function firstEpochOf({ releases }: Ledger, revision: string): number | undefined {
  const epochs = releases
    .filter((entry) => entry.revision === revision)
    .map(({ firstEpoch, epoch }) => firstEpoch ?? epoch);
  return epochs.length > 0 ? Math.min(...epochs) : undefined;
}
