import type { Ledger } from '../releases/ledgerTypes';
import type { DocumentResult } from './manifest';

/** A time in which a revision that was put back answered callers. ISO 8601; without `to` it does so now. */
export interface BadTime {
  readonly revision: string;
  readonly from: string;
  readonly to?: string;
}

/** When revisions that were put back or are blocked had a share of the traffic, by the ledger's journal. */
export function badTimes({ journal = [], releases, holds }: Ledger): BadTime[] {
  const bad = new Set([
    ...releases.filter(({ state }) => state === 'put-back').map(({ revision }) => revision),
    ...holds.map(({ revision }) => revision),
  ]);
  const moves = journal.flatMap((entry) => (entry.kind === 'traffic' ? [entry] : [])); // newest first
  return moves.flatMap(({ at, shares }, index) => {
    const next = moves[index - 1];
    return shares
      .filter(({ revision, percent }) => percent > 0 && bad.has(revision))
      .map(({ revision }) => ({ revision, from: at, ...(next && { to: next.at }) }));
  });
}

/** True where one of its pages may have been read by such a revision. */
export const isSuspect = (
  { from, to }: Pick<DocumentResult, 'from' | 'to'>,
  times: readonly BadTime[],
): boolean => times.some((time) => from < (time.to ?? '~') && to >= time.from);
