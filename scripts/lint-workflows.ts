import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runLinters } from './linters';

const WORKFLOWS = '.github/workflows';
const ACTIONS = '.github/actions';

/** The schemas are in the package: nothing is downloaded. */
const schema = (name: string, files: readonly string[]) => ({
  command: 'check-jsonschema',
  args: ['--builtin-schema', `vendor.${name}`, ...files],
  install: 'pip install check-jsonschema',
});

/** The linters of .github/. */
runLinters('workflows', [
  {
    command: 'actionlint',
    args: [],
    install: 'go install github.com/rhysd/actionlint/cmd/actionlint@latest',
  },
  {
    command: 'zizmor',
    // Offline: the findings of two runs of one commit agree. Pedantic: each exception is written where it is made.
    args: ['--offline', '--persona=pedantic', '--no-progress', '--quiet', '.github'],
    install: 'pip install zizmor',
  },
  schema(
    'github-workflows',
    readdirSync(WORKFLOWS).map((file) => join(WORKFLOWS, file)),
  ),
  schema(
    'github-actions',
    readdirSync(ACTIONS).map((folder) => join(ACTIONS, folder, 'action.yml')),
  ),
  schema('dependabot', ['.github/dependabot.yml']),
]);
