import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { placeholderIdentity } from '../domain/plan/placeholder';
import { workspace } from '../release/adapters/terraform/workspace';
import { DEPLOYMENT, type Stage } from './stage';

const ROOT = join(__dirname, '..');
/** What a copy of the project does without. */
const LEFT_OUT = /^(\..*|__tests__|cdktf\.out|dist|docs|node_modules)$/;

export interface Validation {
  /** `no provider`: Terraform finds the docker provider nowhere, so that nothing was looked at. */
  readonly state: 'valid' | 'refused' | 'no provider';
  /** Terraform's own words where it is not valid. */
  readonly said: string;
}

/**
 * Lets Terraform look at the workstation stack, which has a provider of its own and is applied by no rehearsal: `init` and
 * `validate`, in a copy of the project whose deployment asks for that stack.
 */
export async function validateWorkstation({ terraform, directory, context }: Stage): Promise<Validation> {
  const project = join(directory, 'workstation');
  await mkdir(project);
  for (const path of (await readdir(ROOT)).filter((name) => !LEFT_OUT.test(name)))
    await cp(join(ROOT, path), join(project, path), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  await appendFile(join(project, 'deployments', `${DEPLOYMENT}.yaml`), '\nworkstation: true\n');

  const { deployment } = context('workstation');
  const { synth, stack } = workspace(project, join(project, 'cdktf.out'), deployment);
  await synth(placeholderIdentity(deployment));
  try {
    for (const args of [['init', '-input=false'], ['validate']])
      await promisify(execFile)(terraform, [`-chdir=${stack('workstation')}`, ...args, '-no-color']);
    return { state: 'valid', said: '' };
  } catch (error) {
    const said = (error as { stderr: string }).stderr.trim();
    return { state: isProviderMissing(said) ? 'no provider' : 'refused', said };
  }
}

/** Of what `init` says. A version that the registry has not is the stack's fault; a registry out of reach is nobody's. */
export function isProviderMissing(said: string): boolean {
  const words = said.replace(/\s+/g, ' '); // Terraform breaks its lines anywhere
  return (
    words.includes('Failed to query available provider packages') &&
    !words.includes('no available releases match')
  );
}
