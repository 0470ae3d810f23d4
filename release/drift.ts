import { leaseAtWork, type Ledger } from '../domain/releases/ledger';
import { placeholderIdentity } from '../domain/plan/placeholder';
import { planReview, type Review } from '../domain/plan/review';
import { scaleFindings } from '../domain/scale/scaleWords';
import { SHA_LABEL, type ReleaseIdentity } from '../domain/template';
import { describeTraffic, followsLatest, sharesOf } from '../domain/releases/traffic';
import type { ReleaseContext } from './context';
import { refuseNeverApplied } from './neverApplied';
import { planPersonStacks } from './personStacks';
import { planService, synthService } from './terraform/synthPlan';

export interface DriftResult {
  /** What differs, a sentence each; empty when nothing does. */
  readonly findings: readonly string[];
  /** Of the stacks that differ. */
  readonly reviews: readonly Review[];
  /** Why the service was not looked at, when it was not. */
  readonly skipped?: string;
}

/**
 * What is in the cloud against what was applied: a plan of every stack, the service's with the name, SHA and digest that the
 * ledger has as last applied, and live traffic against the ledger's intent. Changes nothing. While a release is at work, or
 * when one began during the look, it says so and tells nothing of the service: what it would find is that release.
 * @throws Failure `STACK_NEVER_APPLIED`, exit code 3.
 */
export async function drift(context: ReleaseContext): Promise<DriftResult> {
  await refuseNeverApplied(context);
  const ledger = await context.ledger.read();
  const applied = await lastApplied(context, ledger);
  const directory = await synthService(context, applied?.identity ?? placeholderIdentity(context.deployment));
  let skipped = atWork(context, ledger) ?? (applied ? undefined : 'nothing has been applied yet');
  const looked = applied && skipped === undefined ? await lookAtService(context, directory, applied.sha) : [];
  const traffic = skipped === undefined ? await trafficDrift(context, ledger) : [];
  const others = (await planPersonStacks(context, { refresh: true })).map(({ stack, plan }) =>
    planReview({ deployment: context.deployment, stack, plan }),
  );
  const now = await context.ledger.read();
  // Every lease and every rollback opens an epoch.
  if (now?.epoch !== ledger?.epoch)
    skipped ??= atWork(context, now) ?? 'a release or a rollback came in between';

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
    ...(skipped !== undefined && { skipped }),
  };
}

function atWork({ clock }: ReleaseContext, ledger: Ledger | undefined): string | undefined {
  const lease = leaseAtWork(ledger, clock.now());
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
