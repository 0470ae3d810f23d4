import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../domain/canonical';
import { type Configuration, parseConfiguration, providerName, readConfiguration } from './configuration';
import type { CommandLine } from './flags';
import { TERRAFORM_VERSION } from './state';
import type { Surroundings } from './surroundings';
import { notInStandIn, TerraformError } from './terraformError';

/** The provider version whose behaviour was measured; any other may behave otherwise. */
export const GOOGLE_PROVIDER_VERSION = '6.50.0';

/** `terraform init`: writes `.terraform/` and `.terraform.lock.hcl`; installs nothing. */
export function init({ flags }: CommandLine, { directory, print }: Surroundings): number {
  const { providers, statePath } = parseConfiguration(readConfiguration(directory));
  const lock = lockFile(providers);
  const file = join(directory, '.terraform.lock.hcl');
  if (flags.lockfile !== undefined) {
    if (flags.lockfile !== 'readonly') throw new TerraformError(`Invalid -lockfile=${flags.lockfile}`);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== lock) {
      throw new TerraformError(
        'Provider dependency changes detected',
        `-lockfile=readonly forbids to write ${file}.`,
      );
    }
  }
  mkdirSync(join(directory, '.terraform'), { recursive: true });
  const backend = { type: 'local', config: { path: statePath } };
  const chosen = JSON.stringify({ version: 3, terraform_version: TERRAFORM_VERSION, backend });
  writeFileSync(join(directory, '.terraform', 'terraform.tfstate'), chosen);
  writeFileSync(file, lock);
  print('\nTerraform has been successfully initialized!\n');
  return 0;
}

function lockFile(providers: Configuration['providers']): string {
  const entries = Object.entries(providers).map(([name, { source, version }]) => {
    if (name === 'google' && version !== GOOGLE_PROVIDER_VERSION) {
      throw notInStandIn(`The google provider ${version} (${GOOGLE_PROVIDER_VERSION} is what was measured)`);
    }
    const hash = Buffer.from(sha256(`${source} ${version}`), 'hex').toString('base64');
    const versions = `  version     = "${version}"\n  constraints = "${version}"\n`;
    return `\nprovider "${providerName(source)}" {\n${versions}  hashes = [\n    "h1:${hash}",\n  ]\n}\n`;
  });
  return `# Written by the rehearsal's stand-in for Terraform: the hashes are of names, not of providers.\n${entries.join('')}`;
}
