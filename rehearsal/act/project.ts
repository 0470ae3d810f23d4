import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseDocument } from 'yaml';
import type { Defence } from '../defences';
import { createRepository, type Repository } from '../repository';
import { DEPLOYMENT } from '../stage';

const git = (args: readonly string[], options = {}) => promisify(execFile)('git', args, options);

/** The deployment that the workflows look after. */
export const WORKFLOW_DEPLOYMENT = 'production';
/** Where the engine takes its defences from, and what stands there. */
const OPEN = 'release/open.ts';
const DEFENCES = '...options.defences';

/**
 * A repository with the project in it as it stands in the working copy, whose production is what `npm run rehearse` releases.
 * @param statePath folder of Terraform's states: jobs share it as they would a bucket.
 * @param without a defence that the project in it lacks.
 */
export async function workflowRepository(
  root: string,
  directory: string,
  statePath: string,
  without?: Defence,
): Promise<Repository> {
  const list = await git(['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    maxBuffer: 1 << 26,
  });
  const paths = list.stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  const repository = await createRepository(root, directory, paths);
  // As GitHub does: any commit can be fetched by its SHA.
  await git(['-C', directory, 'config', 'uploadpack.allowAnySHA1InWant', 'true']);
  // Commits are made of everything that is there; .gitignore means a folder of that name, not a link.
  await appendFile(join(directory, '.git/info/exclude'), 'node_modules\n');
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));

  const settings = parseDocument(await readFile(join(directory, `deployments/${DEPLOYMENT}.yaml`), 'utf8'));
  settings.setIn(['state', 'path'], statePath);
  await writeFile(join(directory, `deployments/${WORKFLOW_DEPLOYMENT}.yaml`), String(settings));
  if (without) await takeOut(directory, without);
  return repository;
}

/** Another copy, whose main is an older commit: what a run that was started by it sees. */
export async function workingCopy(repository: string, directory: string, commit: string): Promise<string> {
  await git(['clone', '--quiet', repository, directory]);
  await git(['-C', directory, 'checkout', '--quiet', '-B', 'main', commit]);
  return directory;
}

async function takeOut(directory: string, defence: Defence): Promise<void> {
  const file = join(directory, OPEN);
  const source = await readFile(file, 'utf8');
  if (!source.includes(DEFENCES)) throw new Error(`${OPEN} has no ${DEFENCES} any more`);
  const weakened = `${DEFENCES}, ...require('../rehearsal/defences').withoutDefence('${defence}')`;
  await writeFile(file, source.replace(DEFENCES, weakened));
}
