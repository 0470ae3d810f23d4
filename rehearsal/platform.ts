import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bucketName, BUCKETS, STACK_KINDS, type StackKind } from '../domain/names';
import { type ReleaseIdentity, SHA_LABEL } from '../domain/template';
import { servingRevision, type TrafficTarget } from '../domain/releases/traffic';
import { counted } from '../domain/words';
import {
  applyStack,
  changedAddresses,
  planStack,
  prepareStack,
  type PersonStack,
} from '../operate/personStack';
import type { ReleaseContext } from '../release/ports/context';
import { drift } from '../release/verbs/drift';
import { planService, synthService } from '../release/adapters/terraform/synthPlan';
import type { Expectations } from './expectations';
import { LIFT_FILE, liftProtection } from './liftProtection';
import type { Step, StepResult } from './scenario';
import { failureOf, type Stage } from './stage';
import { validateWorkstation } from './workstation';

/** What each refusal says: Terraform's own of `prevent_destroy`, the provider's of `deletion_protection`. */
const REFUSALS: Partial<Record<StackKind, RegExp>> = {
  foundation: /prevent_destroy|cannot be destroyed/,
  service: /deletion_protection/,
};

/**
 * What only the real Terraform can show: around the release, the four stacks of every deployment in bootstrap order, each
 * planned again with nothing left to do, and at the end taken away in the other order. The release itself applies the service
 * stack; the workstation stack is only validated.
 */
export function platform(stage: Stage, { expect }: Expectations, firstAfter: number) {
  const person = () => stage.context('person');
  const row = async (verdict: string): Promise<StepResult> => ({
    revision: '',
    traffic: await stage.traffic(),
    verdict,
  });

  const apply = (kind: PersonStack) => async (step: number) => {
    const applied = await applyStack(person(), kind);
    const { json, changes } = await planStack(person(), kind);
    expect(step, `a second plan of ${kind} has no changes`, !changes, changedAddresses(json));
    return row(`${counted(applied.length, 'resource')}; then no changes`);
  };

  const service = async (step: number) => {
    const identity = liveIdentity(stage, person());
    const directory = await synthService(person(), identity);
    const { json, changes } = await planService(person(), directory, identity.sha);
    expect(step, 'a plan of what was released has no changes', !changes, changedAddresses(json));
    return row('no changes');
  };

  const workstation = async (step: number) => {
    const { state, said } = await validateWorkstation(stage);
    if (state === 'no provider') return row('skipped: the docker provider cannot be had');
    expect(step, 'Terraform takes the workstation stack', state === 'valid', said);
    return row('valid; it is applied on a workstation alone');
  };

  const lookForDrift = async (step: number) => {
    const { findings, skipped } = await drift(person());
    expect(step, 'everything is looked at', skipped === undefined, skipped);
    expect(step, 'nothing drifts after a release', findings.length === 0, findings);
    return row('none');
  };

  const remove = async (step: number) => {
    for (const kind of [...STACK_KINDS].reverse()) await removeStack(step, kind);
    const { deployment } = person();
    const left = [
      ...stage.cloud.resources(),
      ...BUCKETS.map((bucket) => bucketName(deployment, bucket)).filter((name) =>
        stage.cloud.storage.list(name),
      ),
      ...(stage.cloud.run.service(deployment.service) ? [deployment.service] : []),
    ];
    expect(step, 'nothing is left in the cloud', left.length === 0, left);
    return row('refused while protected; then nothing left');
  };

  async function removeStack(step: number, kind: StackKind): Promise<void> {
    const context = person();
    const directory =
      kind === 'service'
        ? await synthService(context, liveIdentity(stage, context))
        : await prepareStack(context, kind);
    const refusal = REFUSALS[kind];
    if (refusal) {
      const failure = await failureOf(destroy(context, directory));
      expect(
        step,
        `${kind} refuses to be destroyed`,
        refusal.test(failure?.message ?? ''),
        failure?.message ?? 'it was destroyed',
      );
    }
    const stack = JSON.parse(await readFile(join(directory, 'cdk.tf.json'), 'utf8')) as Parameters<
      typeof liftProtection
    >[0];
    const lifted = liftProtection(stack);
    if (Object.keys(lifted.resource).length > 0) {
      await writeFile(join(directory, LIFT_FILE), JSON.stringify(lifted));
      const file = context.workspace.file('lift.tfplan');
      if ((await context.terraform.plan(directory, file)).changes)
        await context.terraform.apply(directory, file);
    }
    await destroy(context, directory);
  }

  const steps = (first: number, list: [string, (step: number) => Promise<StepResult>][]): Step[] =>
    list.map(([title, run], index) => ({ number: first + index, title, run: () => run(first + index) }));

  return {
    before: steps(0, [['apply the foundation stack', apply('foundation')]]),
    after: steps(firstAfter, [
      ['plan the service stack again', service],
      ['apply the access stack', apply('access')],
      ['apply the observability stack', apply('observability')],
      ['validate the workstation stack', workstation],
      ['look for drift', lookForDrift],
      ['take everything away', remove],
    ]),
  };
}

async function destroy({ terraform, workspace }: ReleaseContext, directory: string): Promise<void> {
  const file = workspace.file('destroy.tfplan');
  await terraform.plan(directory, file, { destroy: true });
  await terraform.apply(directory, file);
}

/** Image, name and SHA of the revision that serves: what the stack was last applied with, whatever was done by hand since. */
function liveIdentity({ cloud }: Stage, { deployment }: ReleaseContext): ReleaseIdentity {
  const { trafficStatuses } = cloud.run.service(deployment.service) as { trafficStatuses: TrafficTarget[] };
  const revision = servingRevision(deployment.service, trafficStatuses, undefined)!;
  const { labels, containers } = cloud.run
    .revisions(deployment.service)
    .find(({ name }) => String(name).endsWith(`/${revision}`)) as {
    labels: Record<string, string>;
    containers: { image: string }[];
  };
  return { sha: labels[SHA_LABEL]!, digest: containers[0]!.image.split('@')[1]!, revision };
}
