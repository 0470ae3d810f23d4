import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runLinters } from './linters';

const FOLDER = 'clients/python';
const ENVIRONMENT = 'node_modules/.cache/python-client';
const INSTALL = `python3 -m venv ${ENVIRONMENT} && ${ENVIRONMENT}/bin/pip install -e '${FOLDER}[test]'`;

/** An environment of its own, made once; where there is no Python, or no registry, both gates are skipped. */
if (!existsSync(join(ENVIRONMENT, 'bin/mypy')))
  spawnSync(INSTALL.replace('pip install', 'pip install --quiet'), { shell: true, stdio: 'ignore' });

runLinters('Python client', [
  { command: join(ENVIRONMENT, 'bin/pytest'), args: ['--quiet', FOLDER], install: INSTALL },
  {
    command: join(ENVIRONMENT, 'bin/mypy'),
    args: ['--config-file', `${FOLDER}/pyproject.toml`, `${FOLDER}/src`],
    install: INSTALL,
  },
]);
