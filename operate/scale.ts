import { Failure } from '../domain/failure';
import { activeLease, type Ledger } from '../domain/releases/ledger';
import { activeRelease } from '../domain/releases/activeRelease';
import { assertWithinMaximum } from '../domain/scale/assertWithinMaximum';
import { isStopped, minimumByHand, overrideScale, restoreScale } from '../domain/scale/scale';
import { scaleByHand } from '../domain/scale/scaleByHand';
import type { ScaleTarget } from '../domain/scale/scaleInputs';
import { scaleFindings, scaleSentences } from '../domain/scale/formatScale';
import type { Service } from '../release/adapters/google/cloudRun';
import { drive } from '../release/driver/drive';
import type { ReleaseContext } from '../release/ports/context';
import { ApiError } from '../release/adapters/google/googleApi';
import { startLedger } from '../release/checks/readLedger';
import { requireService } from '../release/checks/requireService';
import { refuseOverQuota } from '../release/adapters/google/quota';

export interface ScaleOptions {
  /** For the ledger and whoever reads it. */
  readonly reason: string;
  /** Looks and says what would be done. */
  readonly dryRun?: boolean;
}

export interface ScaleResult {
  readonly action: 'stopped' | 'fixed' | 'restored' | 'nothing';
  /** True when nothing was changed, because that was asked for. */
  readonly dryRun: boolean;
  /** What was done, or would be, a sentence each. */
  readonly said: readonly string[];
}

/**
 * Sets the number of instances by hand, or takes that back. 0 is the emergency stop: it waits for no approval, no lease and
 * no canary. Done means read back from the service, and no apply under way that could undo it.
 * @throws Failure `LEDGER_NOT_WRITTEN` (3) with gcloud's commands; for a number from 1 also `ABOVE_MAXIMUM` and `OVER_QUOTA`
 * (2), `SERVICE_STOPPED` and `RELEASE_UNDER_WAY` (3); `APPLY_NEVER_ENDS` (3) for what an apply may still undo.
 */
export async function scale(
  context: ReleaseContext,
  target: ScaleTarget,
  { reason, dryRun = false }: ScaleOptions,
): Promise<ScaleResult> {
  const fixed = target !== 'restore' && target > 0;
  if (fixed) assertWithinMaximum(context.deployment, target);
  const service = await requireService(context);
  const decide = decision(context, target, reason, service);
  const found = startLedger(await orByHand(context, service, () => context.ledger.read()));
  const planned = decide(found);
  if (planned === undefined) {
    return { action: 'nothing', dryRun, said: ['nothing to restore: the service scales by itself'] };
  }
  if (fixed) await refuseOverQuota(withMaximum(context, target));
  const said = scaleSentences(context.deployment, found, planned, service);
  const action = target === 'restore' ? 'restored' : fixed ? 'fixed' : 'stopped';
  if (dryRun) return { action, dryRun, said };

  const decided = await orByHand(context, service, () =>
    context.ledger.update((ledger) => decide(startLedger(ledger)) ?? startLedger(ledger)),
  );
  if (decided.scale === undefined) {
    return { action: 'nothing', dryRun, said: ['somebody else has just restored it'] };
  }
  const { epoch, before } = decided.scale;
  const settled = await drive<Service>(context, { kind: 'scale', epoch });
  if (target === 'restore') {
    const back = new Set(settled.traffic.map(({ tag }) => tag));
    const lost = before.tags.filter(({ tag }) => !back.has(tag)).map(({ tag }) => tag);
    return { action, dryRun, said: [...said, ...(lost.length > 0 ? [lostTags(lost)] : [])] };
  }
  return { action, dryRun, said };
}

const lostTags = (tags: readonly string[]) =>
  `not put back, because the revision is gone or not ready: tag ${tags.join(', ')}`;

/** The ledger with the decision in it; undefined when there is nothing to decide. Throws what refuses it. */
function decision(context: ReleaseContext, target: ScaleTarget, reason: string, service: Service) {
  const { actor, clock } = context;
  const who = { by: actor.by, at: clock.now().toISOString(), reason };
  return (ledger: Ledger): Ledger | undefined => {
    if (target === 'restore') {
      // A minimum is no emergency either; what an override set is taken back whoever is at work.
      const isMinimum = ledger.scale === undefined && minimumByHand(service.scaling) > 0;
      if (isMinimum) refuseWhileBusy(context, ledger, service);
      return restoreScale(ledger, service, who);
    }
    if (target > 0) refuseWhileBusy(context, ledger, service);
    return overrideScale(ledger, service, { ...who, instances: target });
  };
}

/** A number of instances is no emergency: it does not end a release, and does not start what somebody stopped. */
function refuseWhileBusy(context: ReleaseContext, ledger: Ledger, service: Service): void {
  const { name } = context.deployment;
  if (isStopped(ledger.scale, service.scaling)) {
    throw new Failure({
      code: 'SERVICE_STOPPED',
      message: 'The service is stopped; it is started by taking that back, not by a number.',
      where: `service ${context.deployment.service}`,
      got: scaleFindings(name, ledger.scale, service.scaling).join('; '),
      remedy: `bin/lightonocr scale ${name} restore`,
      exitCode: 3,
    });
  }
  const lease = activeLease(ledger, context.clock.now());
  const entry = activeRelease(ledger);
  if (!lease && entry === undefined) return;
  throw new Failure({
    code: 'RELEASE_UNDER_WAY',
    message:
      'A release is under way; a number of instances would end it, or share itself out among its revisions.',
    where: context.ledger.url,
    got: lease
      ? `${lease.holder} is at work until ${lease.expiresAt}`
      : `${entry?.revision} is at ${entry?.state}`,
    remedy: `wait for it; what a dead runner left ends with: bin/lightonocr reconcile ${name}`,
    exitCode: 3,
  });
}

const withMaximum = (context: ReleaseContext, maxInstances: number): ReleaseContext => ({
  ...context,
  deployment: { ...context.deployment, scaling: { ...context.deployment.scaling, maxInstances } },
});

/** Without a ledger nothing is remembered: then a person does it by hand, and keeps what brings it back. */
async function orByHand<T>(context: ReleaseContext, service: Service, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isLedger =
      error instanceof ApiError ||
      (error instanceof Failure &&
        ['LEDGER_UNREADABLE', 'LEDGER_NEWER', 'API_NOT_REACHABLE'].includes(error.code));
    if (!isLedger) throw error;
    const { stop, restore } = scaleByHand(context.deployment, service);
    throw new Failure(
      {
        code: 'LEDGER_NOT_WRITTEN',
        message: `Nothing was changed: what is there now could not be remembered (${error.code}, ${error.message}).`,
        where: context.ledger.url,
        remedy: `by hand, at once: ${stop.join(' && ')}\n  and back, keep this: ${restore.join(' && ')}`,
        exitCode: 3,
      },
      { cause: error },
    );
  }
}
