import { ownGoldenPages } from '../../deployments/goldenFolder';
import type { Deployment } from '../../domain/deployment';
import { Failure } from '../../domain/failure';
import { planReview, type Review } from '../../domain/plan/review';
import { reviewMarkdown } from '../../domain/plan/reviewMarkdown';
import { imageName, shortSha } from '../../domain/names';
import { PLACEHOLDER_DIGEST } from '../../domain/plan/placeholder';
import { chooseRevision, type RevisionWish } from '../../domain/releases/revisions';
import { refuseErrors } from '../../domain/problem';
import { scaleFindings } from '../../domain/scale/formatScale';
import { deploymentProblems } from '../../domain/rules';
import { DIGEST } from '../../domain/rules/pins';
import { revisionTemplate, templateHash } from '../../domain/template';
import { contentTag } from './content';
import { again } from '../adapters/again';
import { readLive } from '../driver/observe';
import type { ReleaseContext } from '../ports/context';
import { refuseOverQuota } from '../adapters/google/quota';
import { planService, refuseImpossible, synthService } from '../adapters/terraform/synthPlan';

export interface PlanOptions {
  readonly sha: string;
  /** Of the image; default: what the SHA's tag names. */
  readonly digest?: string;
  /** A pull request's plan: locks nothing, is not kept, and nobody can approve it. */
  readonly pullRequest?: boolean;
  /** A new revision of what serves; `begun` is one that an earlier restart has left unfinished. */
  readonly restart?: RevisionWish['restart'];
}

export interface PlanResult {
  /** Name of the plan in the plans bucket; absent for a pull request. */
  readonly id?: string;
  readonly fingerprint: string;
  readonly revision: string;
  readonly changes: boolean;
  /** Markdown, as long as a comment may be. */
  readonly review: string;
  readonly reviewed: Review;
}

/** Chooses the revision's name, plans the service stack, keeps the plan, and says in words what it does. */
export async function plan(context: ReleaseContext, options: PlanOptions): Promise<PlanResult> {
  const { deployment } = context;
  refuseErrors(`deployments/${deployment.name}.yaml`, deploymentProblems(deployment));
  ownGoldenPages(deployment);
  const notes = await refuseOverQuota(context);
  const sha = await context.git.resolve(options.sha);
  const digest = await imageOf(context, sha, options);
  const hash = templateHash(revisionTemplate(deployment, digest));

  const plannedAt = context.clock.now().toISOString();
  const { service, ledger } = await readLive(context);
  const existing = service ? await again(context, () => context.cloudRun.revisions()) : [];
  const choice = chooseRevision(deployment.service, sha, digest, hash, existing, {
    ...(ledger?.intent && { serving: ledger.intent.revision }),
    ...(options.restart && { restart: options.restart }),
  });
  context.progress(`revision ${choice.revision}${choice.reused ? ', which is there already' : ''}`);

  const directory = await synthService(context, { sha: choice.sha, digest, revision: choice.revision });
  const made = await planService(context, directory, sha, { lock: !options.pullRequest });
  // A reviewer has to see a replacement; what would apply it stops.
  if (!options.pullRequest) refuseImpossible(context, directory, made, service);
  const candidate = { sha, digest, templateHash: hash };
  const reviewed = planReview({
    deployment,
    plan: made.json,
    ...(!options.pullRequest && { fingerprint: made.fingerprint }),
    candidate: { ...candidate, revision: choice.revision, reused: choice.reused },
    holds: ledger?.holds ?? [],
    notes: [...scaleFindings(deployment.name, ledger?.scale, service?.scaling), ...notes],
  });
  const review = reviewMarkdown([reviewed]);
  const { changes } = made;
  const fingerprint = options.pullRequest ? '' : made.fingerprint;
  const result = { fingerprint, revision: choice.revision, changes, review, reviewed };
  if (options.pullRequest) return result;
  const id = await context.plans.save(
    {
      ...candidate,
      deployment: deployment.name,
      revision: choice.revision,
      labelSha: choice.sha,
      fingerprint: made.fingerprint,
      plannedAt,
      document: made.document,
    },
    made.content,
  );
  return { ...result, id };
}

/**
 * The image, which the registry has. A pull request that changes the container has none yet: its plan shows a placeholder,
 * which nobody can approve.
 * @throws Failure `NO_IMAGE`, exit code 2.
 */
async function imageOf(
  { registry, git, deployment }: ReleaseContext,
  sha: string,
  { digest: given, pullRequest }: PlanOptions,
): Promise<string> {
  const tag = shortSha(sha);
  if (given !== undefined) {
    if (DIGEST.test(given) && (await registry.has(given))) return given;
    throw noImage(deployment, sha, '--digest', `${given}, which is no image of ${imageName(deployment)}`);
  }
  const tagged = await registry.digestOf(tag);
  if (tagged) return tagged;
  if (!pullRequest) throw noImage(deployment, sha, `tag ${tag} in the registry`, 'no such tag');
  return (await registry.digestOf(await contentTag(git, sha, deployment))) ?? PLACEHOLDER_DIGEST;
}

function noImage({ name }: Deployment, sha: string, where: string, got: string): Failure {
  return new Failure({
    code: 'NO_IMAGE',
    message: 'There is no image for this commit.',
    where,
    got,
    remedy: `build it first: bin/lightonocr build ${name} --sha ${sha}; it prints the digest, and plan finds it without --digest`,
    exitCode: 2,
  });
}
