import type { Ledger } from '../../domain/releases/ledger';
import type { ReleaseContext } from '../ports/context';
import { requireLedger } from '../checks/readLedger';
import { moveTraffic } from './moveTraffic';

/**
 * All traffic to what the ledger means, which is read from it at each try and never from a picture of our own. Read once more
 * after the write: a newer decision that found its traffic in place wrote nothing that ours could have met, or moved no etag
 * by it; then that one gets its traffic back.
 * @param check the ledger as it may be written; throws to stop.
 * @param options `always` writes at least once: see `TrafficDecision`.
 * @returns the ledger with the intent that has the traffic now: of another epoch where we were overtaken.
 */
export async function toIntent(
  context: ReleaseContext,
  check: (ledger: Ledger) => Ledger = (ledger) => ledger,
  { always = false } = {},
): Promise<Ledger> {
  const need = (found: Ledger | undefined) => requireLedger(found, context);
  let ledger: Ledger | undefined;
  await moveTraffic(context, {
    ledger: (found) => (ledger = check(need(found))),
    shares: () => [{ revision: ledger!.intent!.revision, percent: 100 }],
    always,
  });
  const now = need(await context.ledger.read());
  return now.intent!.epoch === ledger!.intent!.epoch ? ledger! : toIntent(context);
}
