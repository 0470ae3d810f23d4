import { supersededBy } from './cause';
import type { Cause, Ledger, ReleaseEntry, ReleaseState } from './ledgerTypes';

/** States of a release that goes on only through its own `release`, which stops at a newer decision and writes nothing. */
const GOES_ON: readonly ReleaseState[] = ['applied', 'smoke', 'canary'];

/**
 * The ledger as it reads: a release that a newer decision has superseded reads so, whether or not somebody has written that.
 * `reconcile` does for a canary, later; for one that was only applied nobody does. One in `applying` stays what it is: what
 * Terraform did after the decision has to be looked at.
 */
export function markSuperseded(ledger: Ledger): Ledger {
  const { intent, releases } = ledger;
  if (intent === undefined) return ledger;
  return {
    ...ledger,
    releases: releases.map((entry) => {
      const cause = GOES_ON.includes(entry.state) ? supersededBy(ledger, entry.epoch) : undefined;
      return cause ? { ...entry, ...supersededEntry(cause) } : entry;
    }),
  };
}

/** How a release reads that somebody has superseded. */
export const supersededEntry = (cause: Cause): Partial<ReleaseEntry> => ({
  state: 'superseded',
  percent: 0,
  cause,
  reason: `superseded by ${cause.by}: ${cause.text}`,
});
