import { Failure } from '../../domain/failure';
import { shortSha, type StackKind } from '../../domain/names';
import { activeLease, type Ledger } from '../../domain/releases/ledger';
import { placeholderIdentity } from '../../domain/plan/placeholder';
import { planReview, type Review } from '../../domain/plan/review';
import { scaleFindings } from '../../domain/scale/formatScale';
import { SHA_LABEL, type ReleaseIdentity } from '../../domain/template';
import { describeTraffic, followsLatest, sharesOf } from '../../domain/releases/traffic';
import type { ReleaseContext } from '../ports/context';
import { requireAppliedStacks } from '../checks/requireAppliedStacks';
import { planManualStacks } from '../checks/manualStacks';
import { planService, synthService } from '../adapters/terraform/synthPlan';

export interface DriftResult {
  /** What differs, a sentence each; empty when nothing does. */
  readonly findings: readonly string[];
  /** Of the stacks that differ. */
  readonly reviews: readonly Review[];
  /** What was not looked at, and why. */
  readonly skipped?: string;
}

/**
 * What is in the cloud against what was applied: a plan of every stack, the service's with the name, SHA and digest that the
 * ledger has as last applied, and live traffic against the ledger's intent. Changes nothing. While a release is at work, or
 * when one began during the look, it says so and tells nothing of the service: what it would find is that release. Where the
 * code at hand is not what was applied it plans nothing: what it would find is what was merged since.
 * @throws Failure `STACK_NEVER_APPLIED`, exit code 3.
 */
export async function drift(context: ReleaseContext): Promise<DriftResult> {
  await requireAppliedStacks(context);
  const ledger = await context.ledger.read();
  const applied = await lastApplied(context, ledger);
  const otherCode = applied && (await otherCodeThan(context, applied.sha));
  let skipped = atWork(context, ledger) ?? (applied ? undefined : 'nothing has been applied yet');
  const traffic = skipped === undefined ? await trafficDrift(context, ledger) : [];
  const { looked, others, notApplied } =
    otherCode === undefined
      ? await lookAtStacks(context, skipped === undefined ? applied : undefined, applied?.identity)
      : { looked: [], others: [], notApplied: undefined };
  const now = await context.ledger.read();
  // Every lease and every rollback opens an epoch.
  if (now?.epoch !== ledger?.epoch)
    skipped ??= atWork(context, now) ?? 'a release or a rollback came in between';
  const why = skipped ?? otherCode ?? notApplied;

  const reviews = [...(skipped === undefined ? looked : []), ...others].filter(({ changes }) => changes);
  return {
    findings: [
      // In no plan: Terraform leaves the service's own scaling to others.
      ...scaleFindings(context.deployment.name, now?.scale, (await context.cloudRun.service())?.scaling),
      ...reviews.map(
        ({ stack, resources }) =>
          `${stack}: ${resources.map(({ action, address }) => `${action} ${address}`).join(', ') || 'outputs'}`,
      ),
      ...(skipped === undefined ? traffic : []),
    ],
    reviews,
    ...(why !== undefined && { skipped: why }),
  };
}

/** The commit that the service has; undefined before the first release. Its code is what `drift` has to look with. */
export async function appliedSha(context: ReleaseContext): Promise<string | undefined> {
  return (await lastApplied(context, await context.ledger.read()))?.sha;
}

/** What the stacks are made of. */
const STACK_CODE = ['main.ts', 'stacks', 'constructs', 'domain', 'deployments', 'package-lock.json'];

/** Why what is checked out makes other stacks than this commit's; undefined where it makes the same. */
async function otherCodeThan({ git }: ReleaseContext, sha: string): Promise<string | undefined> {
  try {
    const commits = await Promise.all([git.resolve(sha), git.resolve('HEAD')]);
    const [there, here] = await Promise.all(commits.map((commit) => git.files(commit, STACK_CODE)));
    if (there!.join() === here!.join()) return undefined;
    return `the code here is not that of ${shortSha(sha)}, which was applied last: git checkout ${shortSha(sha)}, then again`;
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'UNKNOWN_SHA')) throw error;
    return `git does not know ${shortSha(sha)}, which was applied last: git fetch --unshallow origin, then again`;
  }
}

async function lookAtStacks(
  context: ReleaseContext,
  service: { readonly sha: string } | undefined,
  identity = placeholderIdentity(context.deployment),
): Promise<{ looked: Review[]; others: Review[]; notApplied?: string }> {
  const directory = await synthService(context, identity);
  const looked = service ? await lookAtService(context, directory, service.sha) : [];
  // The ledger does not know which commit a person has applied. Where code and state differ it is not this one, and a look at
  // the cloud would find that.
  const merged = (await planManualStacks(context, { refresh: false })).filter(({ changes }) => changes);
  const isMerged = (kind: StackKind) => merged.some(({ stack }) => stack === kind);
  const others = (await planManualStacks(context, { refresh: true }))
    .filter(({ stack }) => !isMerged(stack))
    .map(({ stack, plan }) => planReview({ deployment: context.deployment, stack, plan }));
  const names = merged.map(({ stack }) => stack).join(', ');
  return {
    looked,
    others,
    ...(names && { notApplied: `${names}: not this code was applied last by a person` }),
  };
}

function atWork({ clock }: ReleaseContext, ledger: Ledger | undefined): string | undefined {
  const lease = activeLease(ledger, clock.now());
  return lease && `${lease.holder} is at work until ${lease.expiresAt}`;
}

async function lookAtService(context: ReleaseContext, directory: string, sha: string): Promise<Review[]> {
  const { json } = await planService(context, directory, sha, { lock: false });
  return [planReview({ deployment: context.deployment, plan: json })];
}

/**
 * Newest release that Cloud Run knows of, whatever became of it: the service has its template. Its commit label is that of
 * the commit that made the revision, which a documentation-only merge does not change.
 */
async function lastApplied(
  context: ReleaseContext,
  ledger: Ledger | undefined,
): Promise<{ sha: string; identity: ReleaseIdentity } | undefined> {
  for (const { state, sha, digest, revision } of ledger?.releases ?? []) {
    if (state === 'applying') continue;
    const found = await context.cloudRun.revision(revision);
    if (found) return { sha, identity: { sha: found.labels[SHA_LABEL] ?? sha, digest, revision } };
  }
  return undefined;
}

async function trafficDrift(context: ReleaseContext, ledger: Ledger | undefined): Promise<string[]> {
  const intended = ledger?.intent?.revision;
  if (intended === undefined) return [];
  const service = await context.cloudRun.service();
  const live = service?.trafficStatuses ?? [];
  if (sharesOf(live).get(intended) === 100) {
    if (!followsLatest(service!.traffic)) return [];
    return [
      'traffic: it follows the latest revision, whichever that is, and the ledger means one by its name',
    ];
  }
  return [`traffic: ${describeTraffic(live)}, and the ledger means ${intended} to serve`];
}
