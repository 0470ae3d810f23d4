import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseDocument } from 'yaml';
import { createRepository, type Repository } from '../repository';
import { DEPLOYMENT } from '../stage';

const git = (args: readonly string[], options = {}) => promisify(execFile)('git', args, options);

/** The deployment that the workflows look after. */
export const WORKFLOW_DEPLOYMENT = 'production';

/**
 * A repository with the project in it as it stands in the working copy, whose production is what `npm run rehearse` releases.
 * @param statePath folder of Terraform's states: jobs share it as they would a bucket.
 */
export async function workflowRepository(
  root: string,
  directory: string,
  statePath: string,
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

  const settings = join(directory, 'deployments');
  const file = join(settings, `${DEPLOYMENT}.yaml`);
  const production = parseDocument(await readFile(file, 'utf8'));
  production.setIn(['state', 'path'], statePath);
  await writeFile(join(settings, `${WORKFLOW_DEPLOYMENT}.yaml`), String(production));
  await rm(file); // a project holds one deployment
  return repository;
}
