import { Failure } from '../domain/failure';
import { planReview, type Review } from '../domain/review';
import { reviewMarkdown } from '../domain/reviewMarkdown';
import { shortSha } from '../domain/names';
import { isPlaceholder, PLACEHOLDER_DIGEST } from '../domain/placeholder';
import { chooseRevision } from '../domain/revisions';
import { refuseErrors } from '../domain/problem';
import { deploymentProblems } from '../domain/rules';
import { DIGEST } from '../domain/rules/pins';
import { revisionTemplate, templateHash } from '../domain/template';
import { contentTag } from './content';
import type { ReleaseContext } from './context';
import { refuseOverQuota } from './quota';
import { planService, refuseImpossible, synthService } from './synthPlan';

export interface PlanOptions {
  readonly sha: string;
  /** Of the image; default: what the SHA's tag names. */
  readonly digest?: string;
  /** A pull request's plan: locks nothing, is not kept, and nobody can approve it. */
  readonly pullRequest?: boolean;
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
  const notes = await refuseOverQuota(context);
  const sha = await context.git.resolve(options.sha);
  const digest = options.digest ?? (await digestOfSha(context, sha, options.pullRequest));
  refuseNoImage(context, sha, digest, options.pullRequest);
  const hash = templateHash(revisionTemplate(deployment, digest));

  const plannedAt = context.clock.now().toISOString();
  const service = await context.cloudRun.service();
  const existing = service ? await context.cloudRun.revisions() : [];
  const choice = chooseRevision(deployment.service, sha, digest, hash, existing);
  context.progress(`revision ${choice.revision}${choice.reused ? ', which is there already' : ''}`);

  const directory = await synthService(context, { sha: choice.sha, digest, revision: choice.revision });
  const made = await planService(context, directory, sha, { lock: !options.pullRequest });
  // A reviewer has to see a replacement; what would apply it stops.
  if (!options.pullRequest) refuseImpossible(context, directory, made, service);
  const ledger = await context.ledger.read();
  const candidate = { sha, digest, templateHash: hash };
  const reviewed = planReview({
    deployment,
    plan: made.json,
    ...(!options.pullRequest && { fingerprint: made.fingerprint }),
    candidate: { ...candidate, revision: choice.revision, reused: choice.reused },
    holds: ledger?.holds ?? [],
    notes,
  });
  const review = reviewMarkdown(reviewed);
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

/** A pull request that changes the container has no image yet: its plan shows a placeholder, which nobody can approve. */
async function digestOfSha(context: ReleaseContext, sha: string, pullRequest = false): Promise<string> {
  const { registry, git, deployment } = context;
  const tag = shortSha(sha);
  const digest = await registry.digestOf(tag);
  if (digest) return digest;
  if (pullRequest) {
    const known = await registry.digestOf(await contentTag(git, sha, deployment));
    return known ?? PLACEHOLDER_DIGEST;
  }
  return '';
}

function refuseNoImage(context: ReleaseContext, sha: string, digest: string, pullRequest = false): void {
  if (DIGEST.test(digest) && (pullRequest || !isPlaceholder({ digest }))) return;
  throw new Failure({
    code: 'NO_IMAGE',
    message: 'There is no image for this commit.',
    where: `tag ${shortSha(sha)} in the registry`,
    got: digest || 'no such tag',
    remedy: `build it first: bin/lightonocr build ${context.deployment.name} --sha ${sha}`,
    exitCode: 2,
  });
}
