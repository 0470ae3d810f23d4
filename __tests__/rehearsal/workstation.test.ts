import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDeployment } from '../../deployments/load';
import type { Stage } from '../../rehearsal/stage';
import { isProviderMissing, validateWorkstation } from '../../rehearsal/workstation';

const QUERY =
  'Error: Failed to query available provider packages\n\nCould not retrieve the list for provider\n';
const MISSING = `${QUERY}kreuzwerker/docker: provider was not\nfound in any of the search locations`;

describe('validateWorkstation', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'workstation-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  /** With a Terraform of which one command ends so; each looks for the stack, and `validate` for what `init` has made. */
  const validated = (verb = '', words = '') => {
    const terraform = join(directory, 'terraform');
    const script = `#!/bin/sh
      cd "\${1#-chdir=}" && grep -q docker_container cdk.tf.json || { echo "no stack in $PWD" >&2; exit 1; }
      if [ "$2" = "${verb}" ]; then printf '%s' '${words}' >&2; exit 1; fi
      case "$2" in init) mkdir .terraform ;; validate) [ -d .terraform ] ;; *) exit 1 ;; esac\n`;
    writeFileSync(terraform, script, { mode: 0o755 });
    const played = join(directory, 'played');
    mkdirSync(played);
    const context = () => ({ deployment: loadDeployment('rehearsal') });
    return validateWorkstation({ terraform, directory: played, context } as unknown as Stage);
  };

  test('is valid where Terraform takes the stack, which the deployment of the rehearsal itself has not', async () => {
    expect(await validated()).toEqual({ state: 'valid', said: '' });
    expect(loadDeployment('rehearsal').workstation).toBe(false);
  });

  test.each([
    ['no provider', 'init', MISSING],
    ['refused', 'validate', 'Error: Unsupported argument'],
  ])('is %s where %s ends so, with what Terraform says', async (state, verb, said) => {
    expect(await validated(verb, said)).toEqual({ state, said });
  });
});

describe('isProviderMissing', () => {
  test.each([
    [true, 'no mirror has it', MISSING],
    [true, 'no registry answers', `${QUERY}kreuzwerker/docker: could not connect to\nregistry.terraform.io`],
    [false, 'there is no such version', `${QUERY}kreuzwerker/docker: no available\nreleases match 3.6.2`],
    [false, 'it is another than it should be', 'Error: Failed to install provider\n\nchecksum mismatch'],
  ])('is %s where %s', (missing, _why, said) => {
    expect(isProviderMissing(said)).toBe(missing);
  });
});
