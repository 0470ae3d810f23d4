import { readFile } from 'node:fs/promises';
import { fingerprint, fingerprintDocument, type FingerprintDocument } from '../../../domain/plan/fingerprint';
import { Failure } from '../../../domain/failure';
import { servicePath } from '../../../domain/names';
import { hasChanges, SERVICE_TYPE, type TerraformPlan } from '../../../domain/plan/plan';
import type { ReleaseIdentity } from '../../../domain/template';
import type { Service } from '../google/cloudRun';
import type { ReleaseContext } from '../../ports/context';

/** A plan of the service stack as it stands in the workspace. */
export interface MadePlan {
  readonly file: string;
  readonly content: Buffer;
  readonly json: TerraformPlan;
  readonly changes: boolean;
  readonly document: FingerprintDocument;
  readonly fingerprint: string;
}

/** Writes the stacks for this image, name and SHA, and prepares Terraform in the service stack's folder. */
export async function synthService(context: ReleaseContext, identity: ReleaseIdentity): Promise<string> {
  await context.workspace.synth(identity);
  const directory = context.workspace.stack('service');
  await context.terraform.init(directory);
  return directory;
}

/** In the workspace; removed after an apply. */
export const PLAN_FILE = 'service.tfplan';

/** Plans the service stack. @param sha the commit that is released; part of the fingerprint. */
export async function planService(
  context: ReleaseContext,
  directory: string,
  sha: string,
  options: { lock?: boolean } = {},
): Promise<MadePlan> {
  const file = context.workspace.file(PLAN_FILE);
  await context.terraform.plan(directory, file, options);
  return readPlan(context, directory, file, sha);
}

/** Reads a plan file through Terraform; the fingerprint is always computed from the file itself. */
export async function readPlan(
  context: ReleaseContext,
  directory: string,
  file: string,
  sha: string,
): Promise<MadePlan> {
  const [json, providers, content] = await Promise.all([
    context.terraform.show(directory, file),
    context.terraform.providers(directory),
    readFile(file),
  ]);
  const document = fingerprintDocument(json, sha, providers);
  return { file, content, json, changes: hasChanges(json), document, fingerprint: fingerprint(document) };
}

/**
 * Stops at a plan that cannot end well: Cloud Run refuses a service that is there already (409), and deletion protection
 * refuses a replacement. Both come of a create that died, or of a service made by hand.
 * @throws Failure `SERVICE_NOT_IN_STATE` or `SERVICE_REPLACED`, exit code 3, with Terraform's command that mends it.
 */
export function refuseImpossible(
  context: ReleaseContext,
  directory: string,
  { json }: MadePlan,
  live: Service | undefined,
): void {
  const planned = json.resource_changes?.find(({ type }) => type === SERVICE_TYPE);
  if (planned === undefined || live === undefined) return;
  const { actions } = planned.change;
  const isReplaced = actions.includes('delete');
  if (!isReplaced && !actions.includes('create')) return;
  const terraform = `terraform -chdir=${directory}`;
  throw new Failure({
    code: isReplaced ? 'SERVICE_REPLACED' : 'SERVICE_NOT_IN_STATE',
    message: isReplaced
      ? 'The plan would destroy the service and make it again.'
      : 'The service exists and Terraform does not know it.',
    where: planned.address,
    got: actions.join(', '),
    remedy: isReplaced
      ? `if its create failed, lift the taint: ${terraform} untaint ${planned.address}; else see what forces the replacement`
      : `make it known: ${terraform} import ${planned.address} ${servicePath(context.deployment)}; then plan again`,
    exitCode: 3,
  });
}
