import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Alias, isAlias, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Deployment } from '../domain/deployment';
import { Failure } from '../domain/failure';
import { PLACEHOLDER_PROJECT } from '../domain/plan/placeholder';
import { refuseErrors } from '../domain/problem';
import { DNS_LABEL } from '../domain/rules/names';
import { DIGEST } from '../domain/rules/pins';
import { suggestion } from '../domain/suggestion';
import type { ReleaseIdentity } from '../domain/template';
import { fill } from './fill';
import { kindValues } from './kindValues';
import { PROFILES, type ProfileValues } from './profiles';
import { type DeploymentFile, deploymentFileSchema } from './schema';
import { schemaProblems } from './schemaProblems';

const EXTENSION = '.yaml';

/** Environment variables, as `process.env` has them; an empty one counts as not set, since workflows pass them so. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of the deployments in a folder, sorted; by default the project's own. */
export function deploymentNames(directory = __dirname): string[] {
  const files = readdirSync(directory).filter((file) => file.endsWith(EXTENSION));
  return files.map((file) => file.slice(0, -EXTENSION.length)).sort();
}

/**
 * What synth works on, and with it every plan, bootstrap and adopt: all deployments, or the one that `LIGHTONOCR_DEPLOYMENT`
 * names.
 * @throws Failure, exit code 2: `UNKNOWN_DEPLOYMENT`, `PROJECT_TWICE`.
 */
export function selectedDeploymentNames(env: Environment, directory = __dirname): string[] {
  const one = env.LIGHTONOCR_DEPLOYMENT;
  const selected = one ? [known(one, directory)] : deploymentNames(directory);
  for (const name of selected) refuseSharedProject(name, directory);
  return selected;
}

/**
 * Accounts, roles, buckets and the pool have fixed names: the second Foundation of a project would meet the first one's, and
 * after an `adopt` two states would own the same buckets. A deployment that is still to get its project stands in no way.
 */
function refuseSharedProject(name: string, directory: string): void {
  const project = projectOf(name, directory);
  if (project === undefined || project === PLACEHOLDER_PROJECT) return;
  const others = deploymentNames(directory).filter(
    (other) => other !== name && projectOf(other, directory) === project,
  );
  if (others.length === 0) return;
  throw new Failure({
    code: 'PROJECT_TWICE',
    message: `A project holds one deployment, and ${[name, ...others].join(', ')} name the same.`,
    where: `${deploymentFile(name, directory)} project`,
    got: project,
    remedy: `give each a project of its own, or write ${PLACEHOLDER_PROJECT} into those that are not used: ${others.map((other) => deploymentFile(other, directory)).join(', ')}`,
    exitCode: 2,
  });
}

/** As far as it can be read: what else is wrong with a file is for whoever loads it, not for its neighbours. */
function projectOf(name: string, directory: string): string | undefined {
  const document = parseDocument(readFileSync(join(directory, name + EXTENSION), 'utf8'));
  const project = isMap(document.contents) ? document.contents.get('project', true) : undefined;
  const scalar = isAlias(project) ? project.resolve(document) : project;
  return isScalar(scalar) && typeof scalar.value === 'string' ? scalar.value : undefined;
}

/** The deployment's file as messages name it, seen from where the command runs. */
export function deploymentFile(name: string, directory = __dirname): string {
  return relative(process.cwd(), join(directory, name + EXTENSION));
}

/** The name, if there is such a deployment. */
function known(name: string, directory: string): string {
  const names = deploymentNames(directory);
  if (names.includes(name)) return name;
  const meant = suggestion(name, names);
  throw new Failure({
    code: 'UNKNOWN_DEPLOYMENT',
    message: `there is no deployment ${JSON.stringify(name)}`,
    where: relative(process.cwd(), directory) || '.',
    got: name,
    remedy: `${meant === undefined ? '' : `did you mean ${meant}? `}There are: ${names.join(', ') || 'none'}; to make another: bin/lightonocr init NAME`,
    exitCode: 2,
  });
}

/** @throws Failure `BAD_YAML` with the line and the column of the first fault. */
export function parseYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const refuse = (offset: number, message: string): never => {
    const { line, col } = lineCounter.linePos(offset);
    throw new Failure({
      code: 'BAD_YAML',
      message: `${file} is not YAML: ${message.replace(/ at line [\s\S]*/, '')}`,
      where: `${file}:${line}:${col}`,
      got: text.split('\n')[line - 1],
      remedy: 'correct that line',
      exitCode: 2,
    });
  };
  const [error] = document.errors;
  if (error !== undefined) refuse(error.pos[0], error.message);
  visit(document, {
    Alias(_key: unknown, alias: Alias) {
      if (alias.resolve(document) === undefined) refuse(alias.range?.[0] ?? 0, `no anchor &${alias.source}`);
    },
  });
  return document.toJS() ?? {};
}

/**
 * Reads a deployment's file and fills in its profile. Whether Cloud Run and vLLM can work with it is for
 * `deploymentProblems` in `domain/rules`: a rollback must not be stopped by a rule.
 * @throws Failure, exit code 2: `UNKNOWN_DEPLOYMENT`, `BAD_YAML`, `INVALID_DEPLOYMENT` (all wrong keys together).
 */
export function loadDeployment(name: string, directory = __dirname): Deployment {
  const path = join(directory, known(name, directory) + EXTENSION);
  return parseDeployment(name, readFileSync(path, 'utf8'), deploymentFile(name, directory), directory);
}

/** The same of a text that is not in the folder yet; `file` is its name in messages, `directory` what its folders are relative to. */
export function parseDeployment(
  name: string,
  content: string,
  file: string,
  directory = __dirname,
): Deployment {
  const raw = parseYaml(content, file);
  const parsed = deploymentFileSchema.safeParse(raw);
  refuseErrors(file, schemaProblems(parsed.error, raw));
  const { project, profile = 'standard', ...given } = parsed.data as DeploymentFile;
  const filled = fill<ProfileValues>(fill<ProfileValues>(PROFILES[profile], kindValues(given)), given);
  // A file that asks for a TCP probe does not ask for the path that belongs to the profile's HTTP probe.
  const probe = filled.probe.type === 'tcp' ? { ...filled.probe, path: given.probe?.path } : filled.probe;
  const golden = given.golden === undefined ? {} : { golden: resolve(directory, given.golden) };
  return { name, profile, project, ...filled, probe, ...golden };
}

const RELEASE_VARIABLES = [
  {
    variable: 'LIGHTONOCR_SHA',
    form: 'the full git SHA, 40 hexadecimal characters',
    valid: /^[0-9a-f]{40}$/,
  },
  { variable: 'LIGHTONOCR_DIGEST', form: 'sha256: and 64 hexadecimal characters', valid: DIGEST },
  { variable: 'LIGHTONOCR_REVISION', form: "a revision's name", valid: DNS_LABEL },
] as const;

/**
 * The release that the engine hands to synth: all of `LIGHTONOCR_SHA`, `LIGHTONOCR_DIGEST` and `LIGHTONOCR_REVISION`, or none.
 * @throws Failure `BAD_RELEASE`, exit code 2, naming every variable that is missing or wrong.
 */
export function readRelease(env: Environment): ReleaseIdentity | undefined {
  const parts = RELEASE_VARIABLES.map((part) => ({ ...part, value: env[part.variable] ?? '' }));
  if (parts.every(({ value }) => value === '')) return undefined;
  const wrong = parts.filter(({ value, valid }) => !valid.test(value));
  if (wrong.length > 0) {
    throw new Failure({
      code: 'BAD_RELEASE',
      message: 'the release in the environment is not whole',
      where: wrong.map(({ variable }) => variable).join(', '),
      got: wrong.map(({ variable, value }) => `${variable}=${value}`).join(' '),
      remedy: `set ${wrong.map(({ variable, form }) => `${variable} to ${form}`).join('; ')}; or set none of the three`,
      exitCode: 2,
    });
  }
  const [sha = '', digest = '', revision = ''] = parts.map(({ value }) => value);
  return { sha, digest, revision };
}
