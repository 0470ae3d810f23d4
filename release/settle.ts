import { Failure } from '../domain/failure';
import type { Lease } from '../domain/ledger';
import type { Service } from './cloudRun';
import type { ReleaseContext } from './context';
import { needLedger } from './ledgerStore';
import { superseded } from './lease';
import { moveTraffic, needService } from './moveTraffic';

/**
 * After an apply: whatever Terraform sent, traffic is where the ledger's newest intent has it. Terraform writes the whole
 * service, with the traffic that it read when it planned; a rollback that came in between is undone by that write.
 * The intent is read from the ledger and never from a picture of our own: the rollback may be newer than any picture.
 * @throws Failure `SUPERSEDED` (4) when the epoch moved, `WRITTEN_BY_OTHERS` (3) when somebody wrote without the ledger.
 */
export async function settle(
  context: ReleaseContext,
  before: Service,
  wrote: boolean,
  lease: Lease,
): Promise<void> {
  const ledger = needLedger(
    await context.ledger.read(),
    context.ledger.url,
    'restore the ledger from an older generation',
  );
  const live = await needService(context);
  if (ledger.intent === undefined) return;
  const findings = context.defences.guard.applyDrift({
    before,
    live,
    intended: ledger.intent.revision,
    wrote,
  });
  const overtaken = ledger.epoch !== lease.epoch;
  if (findings.length === 0 && !overtaken) return;

  context.progress(
    `after the apply: ${findings.join('; ') || 'somebody else has moved on'}; putting the intent back`,
  );
  let intended = ledger.intent.revision;
  await moveTraffic(context, {
    ledger: (found) => {
      const current = needLedger(found, context.ledger.url, 'restore the ledger from an older generation');
      intended = current.intent?.revision ?? intended;
      return current;
    },
    shares: () => [{ revision: intended, percent: 100 }],
  });
  if (overtaken) throw superseded(context, ledger);
  throw new Failure({
    code: 'WRITTEN_BY_OTHERS',
    message: `The service was written by somebody else during the apply; traffic is back on ${intended}.`,
    where: `service ${context.deployment.service}`,
    got: findings.join('; '),
    remedy: `find out who wrote it (Cloud Audit Logs), then run the same command again; bin/lightonocr status ${context.deployment.name} shows what serves`,
    exitCode: 3,
  });
}
