import { Failure } from '../../domain/failure';
import { STACK_KINDS, type StackKind, stackName } from '../../domain/names';
import { hasChanges, type TerraformPlan } from '../../domain/plan/plan';
import type { ReleaseContext } from '../ports/context';

export interface StackPlan {
  readonly stack: StackKind;
  readonly plan: TerraformPlan;
  readonly changes: boolean;
}

/**
 * Plans the stacks that a person applies, without a lock. They have been synthesized already. Not the workstation's: its
 * state is on the machine that it tells of.
 * @param options.refresh false compares the code with the state alone: what was merged, not what drifted.
 */
export async function planManualStacks(
  context: ReleaseContext,
  options: { refresh: boolean },
): Promise<StackPlan[]> {
  const { workspace, terraform, deployment } = context;
  const plans: StackPlan[] = [];
  for (const stack of STACK_KINDS.filter((kind) => kind !== 'service')) {
    const directory = workspace.stack(stack);
    const file = workspace.file(`${stack}.tfplan`);
    context.progress(`planning ${stackName(deployment, stack)}`);
    await terraform.init(directory);
    await terraform.plan(directory, file, { lock: false, refresh: options.refresh });
    const plan = await terraform.show(directory, file);
    plans.push({ stack, plan, changes: hasChanges(plan) });
  }
  return plans;
}

/**
 * Stops a deploy whose merge changes a stack that a person applies: the service may need what that change brings.
 * @throws Failure `PERSON_STACK_CHANGED`, exit code 3, with that person's commands.
 */
export async function assertNoManualStackChanges(context: ReleaseContext, sha: string): Promise<void> {
  const changed = (await planManualStacks(context, { refresh: false })).filter(({ changes }) => changes);
  if (changed.length === 0) return;
  const names = changed.map(({ stack }) => stackName(context.deployment, stack));
  const commands = names.map(
    (name) =>
      `terraform -chdir=cdktf.out/stacks/${name} init && terraform -chdir=cdktf.out/stacks/${name} apply`,
  );
  throw new Failure({
    code: 'PERSON_STACK_CHANGED',
    message: 'This commit changes what only a person applies; nothing was applied.',
    where: names.join(', '),
    got: `commit ${sha.slice(0, 7)}`,
    remedy: `where a newer commit's stacks were applied already, deploy that one: this one's would take them back. Else as an owner, then deploy this commit again: git checkout ${sha.slice(0, 7)} && LIGHTONOCR_DEPLOYMENT=${context.deployment.name} npm run synth && ${commands.join(' && ')}`,
    exitCode: 3,
  });
}
