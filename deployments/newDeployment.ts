import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Failure } from '../domain/failure';
import { deploymentFile } from './load';

/** What `init` asks for. */
export interface NewDeployment {
  readonly project: string;
  readonly region: string;
  /** vCPU and GiB of an instance. */
  readonly size: { readonly cpu: number; readonly memoryGib: number };
  /** IAM members that may call the service. */
  readonly invokers: readonly string[];
  /** Whose workflows may release; both or neither. */
  readonly github?: { readonly repository: string; readonly ownerId: number };
}

const scalar = (value: string) => stringify(value).trimEnd();

const listed = (values: readonly string[], otherwise: string) =>
  values.length > 0
    ? ['access:', '  invokers:', ...values.map((value) => `    - ${scalar(value)}`)]
    : [`#access:\n#  invokers:\n#    - ${otherwise}`];

/** The file of a new deployment, with a comment for each key that a person may want to change. */
export function newDeploymentText({ project, region, size, invokers, github }: NewDeployment): string {
  const lines = [
    '# yaml-language-server: $schema=deployment.schema.json',
    '# Keys that are not here have the values of the profile; docs/configuration.md has every key.',
    `project: ${scalar(project)}`,
    `region: ${scalar(region)}`,
    '',
    '# One instance. A release runs two: the stable revision and the candidate.',
    'size:',
    `  cpu: ${size.cpu}`,
    `  memoryGib: ${size.memoryGib}`,
    '',
    '# What Google granted the project, if it is more than a new project has (bin/lightonocr quota NAME).',
    '#quota:',
    '#  gpus: 3',
    '#  vcpu: 20',
    '#  memoryGib: 40',
    '',
    '# Who may call the service. Name yourself and the account of your backend.',
    ...listed(invokers, `serviceAccount:backend@${project}.iam.gserviceaccount.com`),
    '',
    '# The repository whose workflows may release; `gh api users/OWNER --jq .id` prints the number.',
    ...(github
      ? ['github:', `  repository: ${scalar(github.repository)}`, `  ownerId: ${github.ownerId}`]
      : ['#github:', '#  repository: OWNER/REPOSITORY', '#  ownerId: 1234567']),
    '',
    '# Who hears of an alert.',
    '#notifications:',
    '#  emails: [on-call@example.com]',
  ];
  return `${lines.join('\n')}\n`;
}

/** Writes the file. @throws Failure `DEPLOYMENT_EXISTS` (2): it never overwrites one. */
export function writeNewDeployment(name: string, text: string, directory = __dirname): void {
  const path = join(directory, `${name}.yaml`);
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Failure({
      code: 'DEPLOYMENT_EXISTS',
      message: `There is a deployment ${name} already; it is left as it is.`,
      where: deploymentFile(name, directory),
      remedy: 'choose another name, or edit that file',
      exitCode: 2,
    });
  }
}
