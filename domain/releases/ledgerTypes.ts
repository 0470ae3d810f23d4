import type { Share } from './traffic';
import type { Verdict } from '../canary/verdict';

/**
 * The ledger: what is meant to serve, what was released, what may not come back, and who is at work.
 * One JSON object a deployment and region. Everything here is pure; `release/adapters/ledgerStore.ts` reads and writes it.
 */
export interface Ledger {
  /** 2 while there is a `scale`: an engine that does not know that one would drop it with its next write. */
  readonly version: 1 | 2;
  /** Grows with every new lease and every rollback: whoever holds an older number has been superseded. */
  readonly epoch: number;
  readonly intent?: Intent;
  /** Newest first. */
  readonly releases: readonly ReleaseEntry[];
  readonly holds: readonly Block[];
  readonly lease?: Lease;
  /** How traffic moved and why, newest first; a ledger from before there was one has none. */
  readonly journal?: readonly JournalEntry[];
  /** The number of instances that somebody set by hand: `scale zero`, `scale N`. */
  readonly scale?: ScaleOverride;
}

/** Which revision is meant to serve. Written before traffic moves. */
export interface Intent {
  readonly revision: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly epoch: number;
  readonly reason: string;
  /** True for a rollback's: somebody wants this revision, whatever its release said of it. A release proves its own. */
  readonly decided?: boolean;
  /** When traffic was read back as this says; absent while the move is unfinished. */
  readonly settledAt?: string;
  /** Of a rollback: true until its target has read the golden page. A bare rollback finishes it and decides nothing new. */
  readonly open?: boolean;
}

/** An image with its settings: what a hold refuses and a release ships. */
export interface Candidate {
  readonly sha: string;
  readonly digest: string;
  readonly templateHash: string;
}

export type ReleaseState =
  'applying' | 'applied' | 'smoke' | 'canary' | 'served' | 'failed' | 'put-back' | 'superseded';

/** Why something ended: a code for programs, and who said so when in words. */
export interface Cause {
  readonly code: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
}

export interface ReleaseEntry extends Candidate {
  readonly revision: string;
  readonly fingerprint: string;
  readonly state: ReleaseState;
  /** Percent of the canary's last step. */
  readonly percent: number;
  readonly epoch: number;
  readonly by: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Set when its revision reached 100 %, by its canary or by a rollback to it. */
  readonly servedAt?: string;
  /**
   * Epoch in which its revision was first released: the order of revisions. Clocks do not decide it, since a laptop's may be
   * a day behind. Absent on entries of engines that did not write it: then `epoch` stands for it.
   */
  readonly firstEpoch?: number;
  /** Why it ended; absent while it is under way, and of engines that kept its text alone. */
  readonly cause?: Cause;
  /** The cause's text; of a release that is under way what it is for. */
  readonly reason?: string;
  readonly runUrl?: string;
}

export interface Block extends Candidate {
  readonly revision: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** The one lock, between workflows and for a person at a terminal. */
export interface Lease {
  readonly holder: string;
  readonly expiresAt: string;
  readonly epoch: number;
}

/** What the engine did or found, in the order in which it happened: how traffic moved, and why. */
export type JournalEntry = {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
} & (IntentEntry | TrafficEntry | VerdictEntry | ScaleEntry);

/** Somebody said which revision is meant to serve: a release that reached 100 %, or a rollback. */
interface IntentEntry {
  readonly kind: 'intent';
  readonly revision: string;
  readonly reason: string;
  /** Of the decision; absent in entries of engines that did not write it. */
  readonly epoch?: number;
}

/** Traffic as it was asked for; until the next one it stays so. */
export interface TrafficEntry {
  readonly kind: 'traffic';
  readonly shares: readonly Pick<Share, 'revision' | 'percent'>[];
}

/** A smoke test (0 %) or a step of the canary. */
interface VerdictEntry {
  readonly kind: 'verdict';
  readonly revision: string;
  readonly percent: number;
  readonly state: Verdict['state'];
  readonly reasons: readonly string[];
}

/** Somebody stopped the service (0), fixed its instances, or took that back. */
interface ScaleEntry {
  readonly kind: 'scale';
  readonly to: number | 'restore';
  /** Empty where none was given. */
  readonly reason: string;
}

/** A service's own scaling in Cloud Run's API, beside that of its revisions. Counts that are absent are not set. */
export interface ServiceScaling {
  /** Absent means automatic. */
  readonly scalingMode?: string;
  readonly minInstanceCount?: number;
  readonly maxInstanceCount?: number;
  /** Of `MANUAL` alone: instances of all serving revisions together. */
  readonly manualInstanceCount?: number;
}

/** A tag as it was; without a revision it followed the newest one. */
export interface RememberedTag {
  readonly tag: string;
  readonly revision?: string;
}

/** A number of instances that somebody set by hand, in the ledger until it is taken back. 0 is the emergency stop. */
export interface ScaleOverride {
  readonly instances: number;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
  /** Its own: a newer decision about the scale has a newer one; a rollback does not touch it. */
  readonly epoch: number;
  /** What was there, for `scale restore`. */
  readonly before: { readonly scaling: ServiceScaling; readonly tags: readonly RememberedTag[] };
  /** Being taken back; gone from the ledger once that is done. */
  readonly restoring?: boolean;
  /** When the service was read back as this says; absent while that is unfinished. */
  readonly settledAt?: string;
}
