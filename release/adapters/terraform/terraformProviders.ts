import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../domain/failure';
import { type Engine, ENGINES } from '../../../domain/terraform/engine';

/** Provider source and version, from the lock file that `init` wrote. */
export async function lockedProviders(directory: string): Promise<Record<string, string>> {
  const lock = await readFile(join(directory, '.terraform.lock.hcl'), 'utf8');
  const blocks = lock.matchAll(/provider "([^"]+)" \{[^}]*?version\s*=\s*"([^"]+)"/g);
  return Object.fromEntries([...blocks].map(([, source, version]) => [source!, version!]));
}

/**
 * `init` also takes the providers that the *state* names, in their newest version (measured, Terraform 1.11.4), and a plan
 * runs them. So whoever may write a state would choose a program for whoever plans the stack, an owner among them.
 * @throws Failure `FOREIGN_PROVIDER`, exit code 3, before anything of it has run.
 */
export async function refuseForeignProviders(directory: string, engine: Engine): Promise<void> {
  const [stack, locked] = await Promise.all([
    readFile(join(directory, 'cdk.tf.json'), 'utf8'),
    lockedProviders(directory),
  ]);
  const { terraform } = JSON.parse(stack) as {
    terraform?: { required_providers?: Readonly<Record<string, { readonly source: string }>> };
  };
  const own = Object.values(terraform?.required_providers ?? {}).map(({ source }) =>
    fullSource(source, ENGINES[engine].registry),
  );
  const foreign = Object.keys(locked).filter((source) => !own.includes(source));
  if (foreign.length === 0) return;
  throw new Failure({
    code: 'FOREIGN_PROVIDER',
    message: 'The state brings a provider that the stack does not ask for; it has not been run.',
    where: directory,
    got: foreign.join(', '),
    remedy:
      "find out who wrote the state: its bucket keeps every version; put the last good one back, and delete the folder's .terraform and .terraform.lock.hcl",
    exitCode: 3,
  });
}

/** `google` is `registry.terraform.io/hashicorp/google`, and with OpenTofu `registry.opentofu.org/hashicorp/google`. */
function fullSource(source: string, registry: string): string {
  const parts = source.split('/');
  if (parts.length === 1) parts.unshift('hashicorp');
  return parts.length === 2 ? [registry, ...parts].join('/') : source;
}
