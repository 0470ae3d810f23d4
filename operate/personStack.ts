import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_BACKEND, LOCAL_BACKEND_FILE } from '../domain/foundation/bootstrap';
import { Failure } from '../domain/failure';
import type { StackKind } from '../domain/names';
import { placeholderIdentity } from '../domain/plan/placeholder';
import type { TerraformPlan } from '../domain/plan/plan';
import { counted } from '../domain/words';
import type { ReleaseContext } from '../release/ports/context';
import { stateOf } from '../release/checks/requireAppliedStacks';

/** Stacks that a person applies; the service stack is the engine's alone. */
export type PersonStack = Exclude<StackKind, 'service'>;

export interface StackPlan {
  readonly directory: string;
  readonly file: string;
  readonly json: TerraformPlan;
  readonly changes: boolean;
}

/** Writes the stacks and makes Terraform ready in one's folder, on the backend where its state is now. */
export async function prepareStack(context: ReleaseContext, kind: PersonStack): Promise<string> {
  const { deployment, workspace } = context;
  await workspace.synth(placeholderIdentity(deployment));
  const directory = workspace.stack(kind);
  if (kind === 'foundation' && deployment.state.backend === 'gcs') {
    const override = join(directory, LOCAL_BACKEND_FILE);
    if (await isStateMoved(context)) await rm(override, { force: true });
    else await writeFile(override, `${JSON.stringify(LOCAL_BACKEND)}\n`);
  }
  // Where the state is was just decided: what the folder was used with before does not matter.
  await context.terraform.init(directory, 'reconfigure');
  return directory;
}

/** True once the Foundation's state is in its bucket. An object without resources is what a plan leaves that came too early. */
export async function isStateMoved(context: ReleaseContext): Promise<boolean> {
  return (await stateOf(context, 'foundation')) === 'filled';
}

export async function planStack(context: ReleaseContext, kind: PersonStack): Promise<StackPlan> {
  const directory = await prepareStack(context, kind);
  const file = context.workspace.file(`${kind}.tfplan`);
  const { changes } = await context.terraform.plan(directory, file);
  return { directory, file, json: await context.terraform.show(directory, file), changes };
}

/**
 * Plans a stack and applies it, unless something would be lost. @returns addresses that changed.
 * @throws Failure `PLAN_WOULD_DESTROY` or `ALREADY_THERE`, exit code 3.
 */
export async function applyStack(context: ReleaseContext, kind: PersonStack): Promise<string[]> {
  const { directory, file, json, changes } = await planStack(context, kind);
  refuseLoss(json, directory);
  const changed = changedAddresses(json);
  if (!changes) return [];
  context.progress(`terraform apply of the ${kind} stack, ${counted(changed.length, 'resource')}`);
  try {
    await context.terraform.apply(directory, file);
  } catch (error) {
    throw alreadyThere(error, context.deployment.name, directory) ?? error;
  }
  return changed;
}

/** What Terraform was about to make is there: of a run that was killed before its state knew, or made by hand. */
function alreadyThere(error: unknown, deployment: string, where: string): Failure | undefined {
  if (!(error instanceof Failure) || !/\b409\b|already ?exists/i.test(error.message)) return undefined;
  return new Failure(
    {
      code: 'ALREADY_THERE',
      message: error.message,
      where,
      remedy: `let Terraform take over what is there, then run the same step again: bin/lightonocr adopt ${deployment}`,
      exitCode: 3,
    },
    { cause: error },
  );
}

export function changedAddresses({ resource_changes = [] }: TerraformPlan): string[] {
  return resource_changes
    .filter(({ change }) => change.importing || change.actions.some((a) => a !== 'no-op' && a !== 'read'))
    .map(({ address }) => address);
}

/** @throws Failure `PLAN_WOULD_DESTROY`, exit code 3: setting up and adopting only ever add and change. */
export function refuseLoss({ resource_changes = [] }: TerraformPlan, where: string): void {
  const lost = resource_changes.filter(({ change }) => change.actions.includes('delete'));
  if (lost.length === 0) return;
  const described = lost.map(({ address, change: { replace_paths: paths = [] } }) =>
    paths.length === 0
      ? address
      : `${address} (replaced for ${paths.map((path) => path.join('.')).join(', ')})`,
  );
  throw new Failure({
    code: 'PLAN_WOULD_DESTROY',
    message: 'This would destroy or replace what is there; nothing was applied.',
    where,
    got: described.join('\n          '),
    remedy: `make the deployment say what is there, or apply it on purpose: terraform -chdir=${where} apply`,
    exitCode: 3,
  });
}
