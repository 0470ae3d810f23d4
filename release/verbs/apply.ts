import { rm, writeFile } from 'node:fs/promises';
import { Failure, messageOf } from '../../domain/failure';
import { priorService } from '../../domain/plan/guard';
import type { Lease } from '../../domain/releases/ledger';
import { SERVICE_TYPE, writesService } from '../../domain/plan/plan';
import { planDifference } from '../../domain/plan/planDifference';
import type { Service } from '../adapters/google/cloudRun';
import { applyWithLock } from '../driver/applyWithLock';
import { readLive } from '../driver/observe';
import type { ReleaseContext } from '../ports/context';
import { assertNotBlocked, assertNotScaled, assertNotSuperseded } from '../checks/preconditions';
import { applyChange } from '../driver/applyChange';
import { withLease } from '../driver/lease';
import type { PlanRecord } from '../adapters/planStore';
import {
  type MadePlan,
  PLAN_FILE,
  planService,
  readPlan,
  refuseImpossible,
  synthService,
} from '../adapters/terraform/synthPlan';

export interface ApplyOptions {
  /** Id of the plan. */
  readonly plan: string;
  /** The fingerprint that a person approved. */
  readonly fingerprint: string;
  /** Lets a held candidate in. */
  readonly force?: boolean;
  /** The first deploy ever starts the ledger. */
  readonly initLedger?: boolean;
  /** A run that a merge started: refused when its commit is an ancestor of what was applied since. */
  readonly push?: boolean;
  /** Of a restart: the revision that must be the one that is meant to serve, still. */
  readonly serving?: string;
  /** For the history. */
  readonly reason?: string;
}

export interface ApplyResult {
  readonly revision: string;
  readonly sha: string;
  /** False when everything was as planned already. */
  readonly changed: boolean;
}

/** Applies an approved plan, guarded: traffic stays where the ledger's newest intent has it, and the revision must be Ready. */
export async function apply(context: ReleaseContext, options: ApplyOptions): Promise<ApplyResult> {
  const { record, file } = await context.plans.load(options.plan);
  const { service, ledger } = await readLive(context);
  assertNotScaled(context, ledger, service);
  if (!options.force) assertNotBlocked(context, ledger, record);
  if (options.push) await assertNotSuperseded(context, ledger, record);
  const work = (lease: Lease, leased: ReleaseContext) =>
    applyUnderLease(leased, options, record, file, lease);
  try {
    return await withLease(context, work, options);
  } finally {
    // A plan file holds secrets in plain text. One that stays is no reason to hide how the work ended.
    for (const file of [APPROVED, PLAN_FILE].map((name) => context.workspace.file(name)))
      await rm(file, { force: true }).catch((error: unknown) =>
        context.progress(`delete ${file}, which holds secrets: ${messageOf(error)}`),
      );
  }
}

const APPROVED = 'approved.tfplan';

async function applyUnderLease(
  context: ReleaseContext,
  options: ApplyOptions,
  record: PlanRecord,
  file: Buffer,
  lease: Lease,
): Promise<ApplyResult> {
  const { sha, digest, revision, labelSha } = record;
  if (options.push) await assertNotSuperseded(context, (await readLive(context)).ledger, record); // while we waited for the lease
  const directory = await synthService(context, { sha: labelSha, digest, revision });
  const approved = await approvedPlan(context, directory, file, sha, options.fingerprint);

  return applyChange(context, options, record, lease, async (before, resumes) => {
    const ready = await planForNow(context, directory, approved, before, sha, resumes);
    return {
      changes: ready.changes,
      writes: writesService(ready.json),
      async apply() {
        context.progress(`terraform apply, ${ready.json.resource_changes?.length ?? 0} resource(s)`);
        await applyWithLock(context, directory, ready.file, lease);
      },
      untaint: () => liftTaint(context, directory, ready),
    };
  });
}

/** The plan file as it was approved; its fingerprint is computed again from the file. */
async function approvedPlan(
  context: ReleaseContext,
  directory: string,
  content: Buffer,
  sha: string,
  fingerprint: string,
): Promise<MadePlan> {
  const file = context.workspace.file(APPROVED);
  await writeFile(file, content, { mode: 0o600 });
  const made = await readPlan(context, directory, file, sha);
  if (made.fingerprint === fingerprint) return made;
  throw new Failure({
    code: 'NOT_APPROVED',
    message: 'The plan is not the one that was approved.',
    where: file,
    got: `fingerprint ${made.fingerprint}, approved ${fingerprint}`,
    remedy: `approve the fingerprint that this prints: bin/lightonocr plan ${context.deployment.name} --sha ${sha}`,
    exitCode: 3,
  });
}

/** The approved plan when nothing moved since; else a new plan, which must be the same change. */
async function planForNow(
  context: ReleaseContext,
  directory: string,
  approved: MadePlan,
  live: Service | undefined,
  sha: string,
  resumes: boolean,
): Promise<MadePlan> {
  const drift = context.defences.guard.planDrift(priorService(approved.json), live);
  if (drift.length === 0) return approved;
  context.progress(`planning again, the service moved since the plan: ${drift.join('; ')}`);
  const again = await planService(context, directory, sha);
  refuseImpossible(context, directory, again, live);
  const difference = planDifference(approved, again);
  if (difference.length === 0) return again;
  // This very plan has been applied before and left no resource to change; its revision is checked all the same.
  if (resumes && again.document.resources.length === 0) return again;
  throw new Failure({
    code: 'PLAN_CHANGED',
    message: 'What would be applied now is not what was approved.',
    where: directory,
    got: `\n${difference.join('\n')}`,
    remedy: `look at the difference; an earlier commit that was applied meanwhile is the usual reason. Then ${planAgain(context, sha)}`,
    exitCode: 3,
  });
}

/** The failed job alone would run again with the plan that it has. */
function planAgain({ actor, deployment }: ReleaseContext, sha: string): string {
  const byHand = `bin/lightonocr plan ${deployment.name} --sha ${sha}`;
  return actor.runUrl === undefined
    ? `plan and approve again: ${byHand}`
    : `run the job "${deployment.name} / plan" again, not only the failed one, and approve what it plans: ${actor.runUrl}`;
}

/** A first create that failed leaves a tainted resource, and `deletion_protection` then blocks every later apply. */
async function liftTaint(context: ReleaseContext, directory: string, plan: MadePlan): Promise<void> {
  const address = plan.json.resource_changes?.find(({ type }) => type === SERVICE_TYPE)?.address;
  if (address === undefined || (await context.cloudRun.service()) === undefined) return;
  context.progress(`the service exists although its create failed; lifting the taint of ${address}`);
  await context.terraform.untaint(directory, address);
}
