import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Document, parseDocument } from 'yaml';
import type { Defence } from '../defences';
import { createRepository, type Repository } from '../repository';
import { loadDeployment } from '../../deployments/load';
import type { Deployment } from '../../domain/deployment';
import { DEPLOYMENT } from '../stage';

const git = (args: readonly string[], options = {}) => promisify(execFile)('git', args, options);

/** The deployment that the workflows look after. */
export const WORKFLOW_DEPLOYMENT = 'production';
const STAGING = 'staging';
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

  const settings = join(directory, 'deployments');
  await deriveSettings(
    join(settings, `${DEPLOYMENT}.yaml`),
    join(settings, `${WORKFLOW_DEPLOYMENT}.yaml`),
    (file) => file.setIn(['state', 'path'], statePath),
  );
  await rm(join(settings, `${DEPLOYMENT}.yaml`)); // a project holds one deployment
  if (without) await takeOut(directory, without);
  return repository;
}

/** A staging that is not in the repository until it joins. */
export interface Staging {
  readonly deployment: Deployment;
  /** Writes it into the working copy, for the next merge. */
  join(): Promise<void>;
  /** Takes it out of the working copy again. */
  leave(): Promise<void>;
}

/**
 * What staging is: production in a project of its own. The local cloud finds a service by its short name, so that it has
 * another one too.
 * @param beside folder where its settings wait until it joins.
 */
export async function staging(repository: string, beside: string, { project }: Deployment): Promise<Staging> {
  const settings = join(repository, 'deployments');
  const waits = join(beside, `${STAGING}.yaml`);
  const joined = join(settings, `${STAGING}.yaml`);
  await mkdir(beside, { recursive: true });
  await deriveSettings(join(settings, `${WORKFLOW_DEPLOYMENT}.yaml`), waits, (file) => {
    file.set('project', `${project}-${STAGING}`);
    file.set('service', `lightonocr-${STAGING}`);
  });
  return {
    deployment: loadDeployment(STAGING, beside),
    join: () => cp(waits, joined),
    leave: () => rm(joined),
  };
}

/** Another copy, whose main is an older commit: what a run that was started by it sees. */
export async function workingCopy(repository: string, directory: string, commit: string): Promise<string> {
  await git(['clone', '--quiet', repository, directory]);
  await git(['-C', directory, 'checkout', '--quiet', '-B', 'main', commit]);
  return directory;
}

/** A deployment's file that differs in some keys from another one. */
async function deriveSettings(from: string, to: string, change: (file: Document) => void): Promise<void> {
  const file = parseDocument(await readFile(from, 'utf8'));
  change(file);
  await writeFile(to, String(file));
}

async function takeOut(directory: string, defence: Defence): Promise<void> {
  const file = join(directory, OPEN);
  const source = await readFile(file, 'utf8');
  if (!source.includes(DEFENCES)) throw new Error(`${OPEN} has no ${DEFENCES} any more`);
  const weakened = `${DEFENCES}, ...require('../rehearsal/defences').withoutDefence('${defence}')`;
  await writeFile(file, source.replace(DEFENCES, weakened));
}
