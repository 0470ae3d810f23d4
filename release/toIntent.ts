import type { Ledger } from '../domain/ledger';
import type { ReleaseContext } from './context';
import { needLedger } from './ledgerStore';
import { moveTraffic } from './moveTraffic';

/**
 * All traffic to what the ledger means, which is read from it at each try and never from a picture of our own.
 * @param check the ledger as it may be written; throws to stop.
 * @param options `always` writes at least once: see `TrafficDecision`.
 */
export async function toIntent(
  context: ReleaseContext,
  check: (ledger: Ledger) => Ledger = (ledger) => ledger,
  { always = false } = {},
): Promise<Ledger> {
  let ledger: Ledger | undefined;
  await moveTraffic(context, {
    ledger: (found) => (ledger = check(needLedger(found, context.ledger.url, RESTORE))),
    shares: () => [{ revision: ledger!.intent!.revision, percent: 100 }],
    always,
  });
  return ledger!;
}

const RESTORE = 'restore the ledger from an older generation';
