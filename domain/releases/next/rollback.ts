import { Failure } from '../../failure';
import { candidateTag } from '../../names';
import { isStopped } from '../../scale/scale';
import { SHA_LABEL, TEMPLATE_LABEL } from '../../template';
import { activeRelease, pendingRelease } from '../activeRelease';
import {
  addBlock,
  EMPTY_LEDGER,
  entryOf,
  isRestart,
  liftBlock,
  proveIntent,
  pruneBlocks,
  withIntent,
} from '../ledger';
import type { Block, Ledger } from '../ledgerTypes';
import type { RevisionState } from '../revisions';
import { isOlder, releasesSince } from '../rollbackTarget';
import { REVISION, sharesOf, type TrafficTarget } from '../traffic';
import type { Action, Probe } from './action';
import { converge, iso, settle, watchApply } from './converge';
import { noService, superseded } from './failures';
import type { Run } from './run';
import { type ObservedService, type Snapshot, valueOf } from './snapshot';
import { imageGone, readyTarget, targetName, type TargetWish } from './target';

/** All traffic to an earlier revision. Waits for no approval, no lease and no canary: it raises the epoch with its decision. */
export interface RollbackGoal extends TargetWish {
  readonly kind: 'rollback';
  /** For the history. */
  readonly reason: string;
  /** Skips the warm-up of the target. */
  readonly now?: boolean;
}

export function nextOfRollback(run: Run, seen: Snapshot, goal: RollbackGoal, now: number): Action {
  const service = valueOf(seen.service);
  const ledger = valueOf(seen.ledger);
  if (service === undefined) return { do: 'fail', failure: noService(run) };
  const { decided, probe } = run.facts;
  const { intent, learn } = run.attempt ?? {};
  const isMade = intent && ledger?.intent?.epoch === intent.epoch && ledger.intent.at === intent.at;
  if (decided === undefined && isMade && ledger?.intent?.by === intent.by)
    return { do: 'learn', learn: learn! };
  if (decided === undefined) return decide(run, seen, service, ledger, goal, now);
  if (ledger?.intent?.epoch !== decided.epoch) return giveWay(run, service, ledger ?? EMPTY_LEDGER, now);
  const shares = [{ revision: decided.target, percent: 100 }];
  const done = { from: decided.left, to: decided.target };
  return (
    converge(run, service, { ledger, shares, fence: true }, now) ??
    settle(ledger, service, now) ??
    watchApply(run, ledger, service, now) ??
    prove(run, service, ledger, probe) ??
    // Proven: from now on a bare rollback is a new decision.
    (ledger.intent.open
      ? { do: 'record', ledger: proveIntent(ledger), ends: done }
      : { do: 'finish', result: done })
  );
}

function prove(
  run: Run,
  service: ObservedService,
  ledger: Ledger,
  probe: Probe | undefined,
): Action | undefined {
  const { target } = run.facts.decided!;
  if (probe?.state === 'well') return undefined;
  if (isStopped(ledger.scale, service.scaling)) {
    const say = `the service is stopped: ${target} was neither warmed nor probed`;
    return { do: 'learn', learn: { probe: { state: 'well' } }, say };
  }
  if (probe === undefined) return { do: 'probe', uri: service.uri };
  return { do: 'fail', failure: notWell(run, service, target, probe) };
}

/** A newer decision stands. Where our write may have come after its own, which moved no etag, it gets its traffic back. */
export function giveWay(run: Run, service: ObservedService, ledger: Ledger, now: number): Action {
  const { intent } = ledger;
  const shares = intent && [{ revision: intent.revision, percent: 100 }];
  const back = run.write?.accepted && shares ? converge(run, service, { ledger, shares }, now) : undefined;
  return back ?? { do: 'fail', failure: superseded(run, ledger) };
}

function decide(
  run: Run,
  seen: Snapshot,
  service: ObservedService,
  ledger: Ledger | undefined,
  goal: RollbackGoal,
  now: number,
): Action {
  if (seen.revisions === undefined) return { do: 'read', need: { revisions: true } };
  const revisions = valueOf(seen.revisions) ?? [];
  const name = targetName(run, service, ledger, revisions, goal);
  const target = readyTarget(run, ledger, revisions, name, goal);
  const digest = target.image.slice(target.image.indexOf('@') + 1);
  if (seen.image === undefined) return { do: 'read', need: { image: digest } };
  if (valueOf(seen.image) !== digest)
    return seen.image.is === 'absent'
      ? { do: 'fail', failure: imageGone(run, ledger, name, digest) }
      : { do: 'read', need: { image: digest } };

  // A tag starts an instance at zero too.
  const isCold = !sharesOf(service.trafficStatuses).has(name) && !isStopped(ledger?.scale, service.scaling);
  const left = whatIsLeft(service, ledger, name, goal);
  if (!goal.now && isCold && !run.facts.warmed) return warm(run, service, name, left);
  const decision = { by: run.by, at: iso(now), reason: goal.reason };
  const leaves = [...sharesOf(service.trafficStatuses).keys()].filter((revision) => revision !== name);
  const blocks = leaves.map((revision) => blockOf(revision, ledger, revisions, decision));
  const decided = turnBack(ledger ?? EMPTY_LEDGER, name, blocks, decision);
  const blocked = decided.holds.filter(({ at, by }) => at === decision.at && by === decision.by);
  const says = [
    ...(left === undefined || run.facts.warmed ? [] : [left]),
    ...(blocked.length > 0 ? [`held: ${blocked.map(({ revision }) => revision).join(', ')}`] : []),
  ];
  return converge(
    run,
    service,
    {
      ledger: decided,
      shares: [{ revision: name, percent: 100 }],
      fence: true,
      learn: { decided: { epoch: decided.epoch, target: name, left: leaves } },
      ...(says.length > 0 && { say: says.join('\n') }),
    },
    now,
  )!;
}

/** Who decided, when and why: of the desired revision and of each block. */
type Decision = Pick<Block, 'by' | 'at' | 'reason'>;

/**
 * The ledger after the decision: the desired revision in a new epoch, the target's block lifted, what is newer than it blocked.
 * That is what is left, and what had served between the target and that: it was passed over, and a merge that takes the last
 * one back (`git revert`) has just that content.
 */
function turnBack(ledger: Ledger, target: string, left: readonly Block[], decision: Decision): Ledger {
  const skipped = releasesSince(ledger, target)
    .filter(({ revision }) => !ledger.holds.some((block) => block.revision === revision))
    .map(({ sha, digest, templateHash, revision }) => ({ sha, digest, templateHash, revision, ...decision }))
    .reverse(); // the newest is put in front
  const newer = left.filter(
    ({ revision }) => isOlder(ledger, target, revision) || entryOf(ledger, target) === undefined,
  );
  const blocked = [...skipped, ...newer]
    .filter(({ revision }) => !isRestart(ledger, revision, target)) // else the target itself were blocked
    .reduce(addBlock, liftBlock(ledger, target));
  return withIntent(pruneBlocks(blocked), { revision: target, ...decision }, { newEpoch: true });
}

function blockOf(
  revision: string,
  ledger: Ledger | undefined,
  revisions: readonly RevisionState[],
  decision: Decision,
): Block {
  const found = revisions.find(({ name }) => name === revision);
  const entry = ledger && entryOf(ledger, revision);
  return {
    sha: entry?.sha ?? found?.labels[SHA_LABEL] ?? '',
    digest: entry?.digest ?? found?.image.slice(found.image.indexOf('@') + 1) ?? '',
    templateHash: entry?.templateHash ?? found?.labels[TEMPLATE_LABEL] ?? '',
    revision,
    ...decision,
  };
}

/**
 * A release that has no traffic yet is not what a bare rollback leaves: that is what serves. Said before it is done, for
 * whoever meant the release.
 */
function whatIsLeft(
  service: ObservedService,
  ledger: Ledger | undefined,
  target: string,
  { to }: RollbackGoal,
): string | undefined {
  const begun = ledger && to === undefined ? (activeRelease(ledger) ?? pendingRelease(ledger)) : undefined;
  const serving = [...sharesOf(service.trafficStatuses).keys()].filter((revision) => revision !== target);
  if (begun === undefined || serving.length === 0 || serving.includes(begun.revision)) return undefined;
  return `release ${begun.revision} is at 0 %; this leaves ${serving.join(', ')} (which serves) for ${target}; to stop the release alone, cancel its job`;
}

/** The target's tag beside everything that is there: a running canary goes on until the ledger says otherwise. */
function warm(run: Run, service: ObservedService, target: string, say: string | undefined): Action {
  const tag = candidateTag(run.deployment.service, target);
  // As it was asked for: what is served may be what a rollback has just left.
  const kept = service.traffic.filter((target) => target.tag !== tag || target.percent);
  const share: TrafficTarget = { type: REVISION, revision: target, percent: 0, tag };
  const { uri, etag } = service;
  return {
    ...{ do: 'warm', target, tag, traffic: [...kept, share], service: { uri, etag } },
    learn: { warmed: true },
    ...(say !== undefined && { say }),
  };
}

function notWell(run: Run, { uri }: ObservedService, target: string, probe: Probe): Failure {
  const { name } = run.deployment;
  const finish = `bin/lightonocr rollback ${name} --to ${target} --reason TEXT`;
  if (probe.state === 'not asked') {
    return new Failure({
      code: 'ROLLED_BACK_NOT_PROBED',
      message: `All traffic is on ${target}; it could not be asked whether it reads the golden page.`,
      where: uri,
      ...(probe.observed !== undefined && { got: probe.observed }),
      remedy: `${probe.remedy ?? 'see why'}; then prove it: ${finish}`,
      exitCode: 3,
    });
  }
  return new Failure({
    code: 'ROLLED_BACK_NOT_WELL',
    message: `All traffic is on ${target}, and it does not read the golden page.`,
    where: uri,
    ...(probe.observed !== undefined && { got: probe.observed }),
    remedy: probe.throttled
      ? `no GPU could be had: look at the quota, then ask it again: ${finish}`
      : `ask it again: ${finish}; or go further back: bin/lightonocr rollback ${name} --further --reason TEXT`,
    exitCode: 3,
  });
}

/** Every failure after the decision names the command that finishes it, and no other. */
export function failedRollback(run: Run, goal: RollbackGoal, failure: Failure): Failure {
  // A decision whose write was not answered may have been made.
  const target = run.facts.decided?.target ?? run.attempt?.intent.revision;
  const { name, service, project, region } = run.deployment;
  const isLedger =
    failure.code === 'LEDGER_UNREADABLE' || failure.where.includes(run.ledgerUrl.slice(5).split('/')[0]!);
  const to = target ?? (goal.to?.startsWith(`${service}-`) ? goal.to : goal.to && 'REVISION');
  const byHand = `gcloud run services update-traffic ${service} --project=${project} --region=${region} --to-revisions=${to}=100`;
  if (target !== undefined) {
    if (failure.exitCode === 4 || failure.remedy.includes(`--to ${target}`)) return failure;
    const finish = `finish it: bin/lightonocr rollback ${name} --to ${target} --reason TEXT`;
    return new Failure(
      {
        ...detailsOf(failure),
        message: `The rollback to ${target} is decided and not finished: ${failure.message}`,
        remedy: isLedger ? `${finish}; while the ledger is out of reach: ${byHand}` : finish,
        exitCode: 3,
      },
      { cause: failure },
    );
  }
  if (!isLedger || to === undefined) return failure;
  const remedy = `move traffic without the ledger: ${byHand}; a deploy stops until the ledger says the same: ${failure.remedy}`;
  return new Failure({ ...detailsOf(failure), remedy }, { cause: failure });
}

const detailsOf = ({ code, message, where, got, remedy, exitCode }: Failure) => ({
  ...{ code, message, where, remedy, exitCode },
  ...(got !== undefined && { got }),
});
