import { readFile } from 'node:fs/promises';
import { fingerprint, fingerprintDocument, type FingerprintDocument } from '../domain/fingerprint';
import { hasChanges, type TerraformPlan } from '../domain/plan';
import type { ReleaseIdentity } from '../domain/template';
import type { ReleaseContext } from './context';

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

/** Plans the service stack. @param sha the commit that is released; part of the fingerprint. */
export async function planService(
  context: ReleaseContext,
  directory: string,
  sha: string,
  options: { lock?: boolean } = {},
): Promise<MadePlan> {
  const file = context.workspace.file('service.tfplan');
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
