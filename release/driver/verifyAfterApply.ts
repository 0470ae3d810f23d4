import { Failure } from '../../domain/failure';
import type { Lease } from '../../domain/releases/ledger';
import type { Service } from '../adapters/google/cloudRun';
import type { ReleaseContext } from '../ports/context';
import { startLedger } from '../checks/readLedger';
import { leaseLost } from './lease';
import { requireService } from './moveTraffic';
import { holdScale } from './enforceScale';
import { toIntent } from './convergeTraffic';

/**
 * After an apply: whatever Terraform sent, traffic is where the ledger's newest intent has it. Terraform writes the whole
 * service, with the traffic that it read when it planned; a rollback that came in between is undone by that write.
 * The intent is read from the ledger and never from a picture of our own: the rollback may be newer than any picture.
 * @throws Failure of `leaseLost` (4, or 1) when the epoch moved, `WRITTEN_BY_OTHERS` (3) when somebody wrote without the ledger.
 */
export async function settle(
  context: ReleaseContext,
  before: Service,
  wrote: boolean,
  lease: Lease,
): Promise<void> {
  const live = await requireService(context);
  // Read after the service: a rollback that came in before that read is seen here.
  const ledger = startLedger(await context.ledger.read());
  if (ledger.intent === undefined) return;
  const findings = context.defences.guard.applyDrift({
    before,
    live,
    intended: ledger.intent.revision,
    wrote,
  });
  if (findings.length === 0 && ledger.epoch === lease.epoch) return;

  context.progress(
    `after the apply: ${findings.join('; ') || 'somebody else has moved on'}; putting the intent back`,
  );
  await holdScale(context); // Terraform writes the scaling of its plan too: a stopped service stays stopped
  const current = await toIntent(context);
  if (current.epoch !== lease.epoch) throw leaseLost(context, current, lease);
  throw new Failure({
    code: 'WRITTEN_BY_OTHERS',
    message: `The service was written by somebody else during the apply; traffic is back on ${current.intent?.revision}.`,
    where: `service ${context.deployment.service}`,
    got: findings.join('; '),
    remedy: `find out who wrote it (Cloud Audit Logs), then run the same command again; bin/lightonocr status ${context.deployment.name} shows what serves`,
    exitCode: 3,
  });
}
