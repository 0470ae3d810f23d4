import { Failure } from '../domain/failure';
import { planReview } from '../domain/review';
import { chooseRevision } from '../domain/revisions';
import { refuseErrors } from '../domain/problem';
import { deploymentProblems } from '../domain/rules';
import { revisionTemplate, templateHash } from '../domain/template';
import type { ReleaseContext } from './context';
import { planService, synthService } from './synthPlan';

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
  /** Markdown. */
  readonly review: string;
}

/** Chooses the revision's name, plans the service stack, keeps the plan, and says in words what it does. */
export async function plan(context: ReleaseContext, options: PlanOptions): Promise<PlanResult> {
  const { deployment } = context;
  refuseErrors(`deployments/${deployment.name}.yaml`, deploymentProblems(deployment));
  const sha = await context.git.resolve(options.sha);
  const digest = options.digest ?? (await digestOfSha(context, sha));
  const hash = templateHash(revisionTemplate(deployment, digest));

  const service = await context.cloudRun.service();
  const existing = service ? await context.cloudRun.revisions() : [];
  const choice = chooseRevision(deployment.service, sha, digest, hash, existing);
  context.progress(`revision ${choice.revision}${choice.reused ? ', which is there already' : ''}`);

  const directory = await synthService(context, { sha: choice.sha, digest, revision: choice.revision });
  const made = await planService(context, directory, sha, { lock: !options.pullRequest });
  const ledger = await context.ledger.read();
  const candidate = { sha, digest, templateHash: hash };
  const review = planReview({
    deployment,
    plan: made.json,
    fingerprint: made.fingerprint,
    candidate: { ...candidate, revision: choice.revision, reused: choice.reused },
    holds: ledger?.holds ?? [],
  });
  const result = { fingerprint: made.fingerprint, revision: choice.revision, changes: made.changes, review };
  if (options.pullRequest) return result;
  const id = await context.plans.save(
    {
      ...candidate,
      deployment: deployment.name,
      revision: choice.revision,
      labelSha: choice.sha,
      fingerprint: made.fingerprint,
      document: made.document,
    },
    made.content,
  );
  return { ...result, id };
}

async function digestOfSha(context: ReleaseContext, sha: string): Promise<string> {
  const tag = sha.slice(0, 7);
  const digest = await context.registry.digestOf(tag);
  if (digest) return digest;
  throw new Failure({
    code: 'NO_IMAGE',
    message: 'There is no image for this commit.',
    where: `tag ${tag} in the registry`,
    got: sha,
    remedy: `build it first: bin/lightonocr build ${context.deployment.name} --sha ${sha}`,
    exitCode: 2,
  });
}
