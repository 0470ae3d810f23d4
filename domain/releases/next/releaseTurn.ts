import { updateRelease } from '../ledger';
import type { Ledger, ReleaseEntry } from '../ledgerTypes';
import type { Run } from './run';
import type { ObservedService, Snapshot } from './snapshot';

/** One turn of a release: what was read, under its lease. */
export interface ReleaseTurn {
  readonly run: Run;
  readonly seen: Snapshot;
  readonly service: ObservedService;
  /** Renewed. */
  readonly ledger: Ledger;
  readonly entry: ReleaseEntry;
  /** Milliseconds. */
  readonly now: number;
}

/** The change of an entry in place, by its SHA. */
export const update = ({ entry, now }: ReleaseTurn, ledger: Ledger, change: Partial<ReleaseEntry>): Ledger =>
  updateRelease(ledger, entry.sha, new Date(now), change);
