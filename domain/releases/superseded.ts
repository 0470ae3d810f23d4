import type { Ledger, ReleaseState } from './ledger';

/** States of a release that goes on only through its own `release`, which stops at a newer decision and writes nothing. */
const GOES_ON: readonly ReleaseState[] = ['applied', 'smoke', 'canary'];

/**
 * The ledger as it reads: a release that a newer intent has overtaken is superseded, whether or not somebody has written that.
 * `reconcile` does for a canary, later; for one that was only applied nobody does. One in `applying` stays what it is: what
 * Terraform did after the decision has to be looked at.
 */
export function markSuperseded(ledger: Ledger): Ledger {
  const { intent, releases } = ledger;
  if (intent === undefined) return ledger;
  const reason = `overtaken by ${intent.by}: ${intent.reason}`;
  return {
    ...ledger,
    releases: releases.map((entry) =>
      GOES_ON.includes(entry.state) && entry.epoch < intent.epoch
        ? { ...entry, state: 'superseded', percent: 0, reason }
        : entry,
    ),
  };
}
