import type { Cause, Ledger, ReleaseEntry } from './ledgerTypes';

/** What an entry of the ledger keeps of why its release ended; `reason` is the text, for engines that know no cause. */
export const endedBy = (cause: Cause): Pick<ReleaseEntry, 'cause' | 'reason'> => ({
  cause,
  reason: cause.text,
});

/**
 * The decision that superseded what was begun in an epoch: the first newer one, whoever decided after that. Undefined where
 * there is none.
 */
export function supersededBy({ journal = [], intent }: Ledger, epoch: number): Cause | undefined {
  const isNewer = (decision: { readonly epoch?: number }) => (decision.epoch ?? -1) > epoch;
  const first = journal.filter((entry) => entry.kind === 'intent').findLast(isNewer);
  const decision = first ?? (intent && isNewer(intent) ? intent : undefined);
  return decision && { code: 'SUPERSEDED', by: decision.by, at: decision.at, text: decision.reason };
}
