import { type HistoryEvent, historyOf } from '../domain/releases/history';
import type { ReleaseContext } from '../release/context';
import { needLedger } from '../release/ledgerStore';

/**
 * What the ledger remembers, newest first. Reads; changes nothing.
 * @throws Failure `NO_LEDGER`, exit code 3.
 */
export async function history({ deployment, ledger }: ReleaseContext): Promise<HistoryEvent[]> {
  const remedy = `see what serves: bin/lightonocr status ${deployment.name}`;
  return historyOf(needLedger(await ledger.read(), ledger.url, remedy));
}
