import { Failure } from '../../domain/failure';
import { planReview, type Review } from '../../domain/plan/review';
import type { ReleaseContext } from '../ports/context';
import { requireAppliedStacks } from '../checks/requireAppliedStacks';
import { planManualStacks } from '../checks/manualStacks';
import { plan } from './plan';

/**
 * What a pull request would change, in every stack of a deployment. Locks nothing, keeps nothing.
 * @throws Failure `STACK_NEVER_APPLIED`, exit code 3.
 */
export async function preview(context: ReleaseContext, options: { sha: string }): Promise<Review[]> {
  await requireAppliedStacks(context);
  const { reviewed } = await plan(context, { ...options, pullRequest: true });
  const others = await planManualStacks(context, { refresh: true });
  return [
    reviewed,
    ...others.map(({ stack, plan: found }) =>
      planReview({
        deployment: context.deployment,
        stack,
        plan: found,
        notes: ['A person applies this stack; a deploy of a merge that changes it stops until then.'],
      }),
    ),
  ];
}

/** @throws Failure `PLAN_DESTROYS`, exit code 3, where a plan destroys or replaces something. */
export function refuseDestroys(reviews: readonly Review[]): void {
  const destroyed = reviews.flatMap(({ stack, destroyed: found }) =>
    found.map(({ address, action }) => `${action} ${address} (${stack})`),
  );
  if (destroyed.length === 0) return;
  throw new Failure({
    code: 'PLAN_DESTROYS',
    message: `${destroyed.length} resource(s) would be destroyed or replaced.`,
    where: reviews.map(({ deployment, stack }) => `${deployment} ${stack}`).join(', '),
    got: destroyed.slice(0, 20).join('\n          '),
    remedy: 'if that is meant, give the pull request the label allow-destroy and run the check again',
    exitCode: 3,
  });
}
