import { Failure } from '../../domain/failure';
import { activeLease, type Ledger } from '../../domain/releases/ledger';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';
import { startLedger } from '../checks/readLedger';
import { requireService } from './moveTraffic';

const WATCH_SECONDS = 1;
/** Longer than Terraform waits for a service (20 min by default) and than any start-up probe may take (30 min). */
const MAX_WATCH_SECONDS = 2400;

/**
 * An apply that is under way writes the whole service, as its plan has it, whenever Terraform gets to it. So we watch until
 * it is over and nothing is being reconciled, and put back each time what has to be there.
 * @throws Failure `APPLY_NEVER_ENDS` (3), with everything in place.
 */
export async function outlastApply(
  context: ReleaseContext,
  isInPlace: (service: Service, ledger: Ledger) => boolean,
  putBack: () => Promise<unknown>,
): Promise<void> {
  const until = context.clock.now().getTime() + MAX_WATCH_SECONDS * 1000;
  for (;;) {
    const ledger = startLedger(await context.ledger.read());
    const leased = activeLease(ledger, context.clock.now()) !== undefined;
    const service = await requireService(context);
    const inPlace = isInPlace(service, ledger);
    if (!inPlace) await putBack();
    const isApplying =
      ledger.releases.some(({ state }) => state === 'applying') && (leased || service.reconciling);
    if (inPlace && !isApplying) return;
    if (context.clock.now().getTime() > until) throw neverEnds(context);
    if (isApplying) context.progress('an apply is under way; watching that it does not undo this');
    await context.clock.sleep(WATCH_SECONDS, context.signal);
  }
}

function neverEnds({ deployment }: ReleaseContext): Failure {
  return new Failure({
    code: 'APPLY_NEVER_ENDS',
    message: `What was asked for is in place; an apply that has run for ${MAX_WATCH_SECONDS / 60} minutes may still undo it.`,
    where: `service ${deployment.service}`,
    remedy: `end that job or process, then: bin/lightonocr reconcile ${deployment.name}; bin/lightonocr status ${deployment.name}`,
    exitCode: 3,
  });
}
