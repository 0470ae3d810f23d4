import { Failure } from '../../domain/failure';
import { EMPTY_LEDGER, type Ledger } from '../../domain/releases/ledger';
import { findLedger } from '../../domain/releases/projectState';
import type { Part } from '../../domain/releases/next/snapshot';
import { markSuperseded } from '../../domain/releases/superseded';
import type { ReleaseContext } from '../ports/context';

/** What a command that only looks makes of the ledger. */
export type LedgerRead =
  | { readonly state: 'read'; readonly ledger: Ledger }
  | { readonly state: 'none'; readonly ledger?: undefined }
  | { readonly state: 'unread'; readonly ledger?: undefined; readonly failure: Failure };

/** The ledger as it reads, or why it cannot be read: what Cloud Run says is worth showing all the same. */
export function ledgerRead(part: Part<Ledger>): LedgerRead {
  if (part.is === 'not read') return { state: 'unread', failure: part.reason };
  return part.is === 'absent' ? { state: 'none' } : { state: 'read', ledger: markSuperseded(part.value) };
}

/** The ledger, which has to be there. Failure `NO_LEDGER` (3) where it is not. @param remedy default: `findLedger`. */
export function requireLedger(
  ledger: Ledger | undefined,
  { deployment, ledger: { url } }: Pick<ReleaseContext, 'deployment' | 'ledger'>,
  remedy = findLedger(deployment),
): Ledger {
  if (ledger) return ledger;
  throw new Failure({
    code: 'NO_LEDGER',
    message: 'There is no ledger: nothing says which revision is meant to serve.',
    where: url,
    remedy,
    exitCode: 3,
  });
}

export const startLedger = (ledger: Ledger | undefined): Ledger => ledger ?? EMPTY_LEDGER;
