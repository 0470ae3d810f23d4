import { type HistoryEvent, historyOf } from '../domain/releases/history';
import { withOvertaken } from '../domain/releases/overtaken';
import type { ReleaseContext } from '../release/context';
import { needLedger } from '../release/ledgerStore';

/**
 * What the ledger remembers, newest first. Reads; changes nothing.
 * @throws Failure `NO_LEDGER`, exit code 3.
 */
export async function history(context: ReleaseContext): Promise<HistoryEvent[]> {
  return historyOf(withOvertaken(needLedger(await context.ledger.read(), context)));
}
