import { type HistoryEvent, historyOf } from '../domain/releases/history';
import { markSuperseded } from '../domain/releases/superseded';
import type { ReleaseContext } from '../release/ports/context';
import { requireLedger } from '../release/checks/readLedger';

/**
 * What the ledger remembers, newest first. Reads; changes nothing.
 * @throws Failure `NO_LEDGER`, exit code 3.
 */
export async function history(context: ReleaseContext): Promise<HistoryEvent[]> {
  return historyOf(markSuperseded(requireLedger(await context.ledger.read(), context)));
}
