import { type Command, Option } from 'commander';
import { Failure } from '../domain/failure';
import type { Problem } from '../domain/problem';
import { print } from './fit';
import { ask, type Question } from './ask';
import type { Terminal } from './confirm';

/** As they are typed: flags, or answers at the terminal. */
interface Given {
  readonly project?: string;
  readonly region?: string;
  readonly size?: string;
  /** IAM members, with commas. */
  readonly invokers?: string;
  readonly repository?: string;
  readonly ownerId?: string;
}

/** vCPU and GiB. The first fits a new project's quota twice, as a release needs it: docs/gpu-quota-request.md. */
const SIZES = ['4x16', '8x32'] as const;

const QUESTIONS: readonly Question<keyof Given>[] = [
  { key: 'project', question: 'Google Cloud project id (gcloud projects list)', otherwise: '' },
  { key: 'region', question: 'Region with L4 GPUs', otherwise: 'us-central1' },
  { key: 'size', question: `vCPU and GiB of an instance, ${SIZES.join(' or ')}`, otherwise: SIZES[0] },
  {
    key: 'invokers',
    question: 'Callers: user:you@example.com, serviceAccount:…; may be empty',
    otherwise: '',
  },
  { key: 'repository', question: 'GitHub repository that releases, OWNER/NAME; may be empty', otherwise: '' },
];
const OWNER_ID: Question<keyof Given> = {
  key: 'ownerId',
  question: "Number of the repository's owner (gh api users/OWNER --jq .id)",
  otherwise: '',
};

export function addInitCommand(root: Command): void {
  root
    .command('init <name>')
    .description('Writes a new deployment: asks at a terminal, or takes flags. Never overwrites one.')
    .option('--project <id>', 'Google Cloud project id; required where there is no terminal')
    .option('--region <region>', 'default us-central1')
    .addOption(new Option('--size <size>', `vCPU and GiB; default ${SIZES[0]}`).choices(SIZES))
    .option('--invokers <members>', 'who may call the service, with commas')
    .option('--repository <owner/name>', 'GitHub repository whose workflows release')
    .option('--owner-id <number>', "number of the repository's owner")
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ bin/lightonocr init staging --project my-project-123 --size 4x16 --invokers user:you@example.com',
    )
    .action(async (name: string, { json, ...flags }: Given & { json?: boolean }) => {
      const terminal = { input: process.stdin, output: process.stderr };
      const data = await init(name, await completed(flags, terminal));
      if (json) process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
      else print(initText(data).trimEnd());
    });
}

/** The flags, and answers for those that were not given where somebody sits at a terminal. */
export async function completed(flags: Given, terminal: Terminal): Promise<Given> {
  if (!terminal.input.isTTY) return flags;
  const answers = await ask(
    QUESTIONS.filter(({ key }) => flags[key] === undefined),
    terminal,
  );
  const given = { ...answers, ...flags };
  if (!given.repository || given.ownerId !== undefined) return given;
  return { ...given, ...(await ask([OWNER_ID], terminal)) };
}

interface Initialized {
  readonly file: string;
  /** What the rules say of it: warnings, and quota that is not there yet. */
  readonly problems: readonly Problem[];
  readonly next: string;
}

/**
 * Writes `deployments/NAME.yaml` if the rules have nothing against it. Too little quota is no reason against it: the request
 * for more needs the file.
 * @throws Failure, exit code 2: `BAD_INPUT`, `INVALID_DEPLOYMENT`, `DEPLOYMENT_EXISTS`.
 */
export async function init(name: string, given: Given, directory?: string): Promise<Initialized> {
  const [{ deploymentFile, parseDeployment }, { newDeploymentText, writeNewDeployment }, problem, rules] =
    await Promise.all([
      import('../deployments/load'),
      import('../deployments/newDeployment'),
      import('../domain/problem'),
      import('../domain/rules'),
    ]);
  const { project = '', region = 'us-central1', size = SIZES[0], invokers = '', repository, ownerId } = given;
  const [cpu, memoryGib] = size.split('x').map(Number) as [number, number];
  refuseMissing(given);
  const text = newDeploymentText({
    ...{ project, region, size: { cpu, memoryGib } },
    invokers: invokers.split(/[\s,]+/).filter(Boolean),
    ...(repository && { github: { repository, ownerId: Number(ownerId) } }),
  });
  const file = deploymentFile(name, directory);
  const problems = rules.deploymentProblems(parseDeployment(name, text, file));
  const isQuota = ({ code }: Problem) => code.startsWith('QUOTA_');
  problem.refuseErrors(
    file,
    problems.filter((found) => !isQuota(found)),
  );
  writeNewDeployment(name, text, directory);
  const lacksQuota = problems.some(isQuota);
  return {
    file,
    problems,
    next: lacksQuota
      ? `bin/lightonocr quota ${name} --request`
      : `git add ${file} && git commit -m "Add ${name}" && bin/lightonocr bootstrap ${name}`,
  };
}

/** @throws Failure `BAD_INPUT` (2), with everything that is missing. */
function refuseMissing({ project, repository, ownerId, size }: Given): void {
  const wrong = [
    ...(project ? [] : ['--project is missing']),
    ...(size === undefined || SIZES.some((known) => known === size)
      ? []
      : [`the size ${size} is not ${SIZES.join(' or ')}`]),
    ...(repository && !/^[1-9]\d*$/.test(ownerId ?? '') ? ['--repository needs --owner-id, a number'] : []),
  ];
  if (wrong.length === 0) return;
  throw new Failure({
    code: 'BAD_INPUT',
    message: wrong.join('; '),
    where: 'init',
    remedy: 'run it at a terminal, which asks, or add the flags: bin/lightonocr init NAME --project PROJECT',
    exitCode: 2,
  });
}

function initText({ file, problems, next }: Initialized): string {
  const found = problems.map(({ key, got, reason, remedy }) => `  ${key}: ${got}. ${reason} ${remedy}`);
  return [`written: ${file}`, ...found, 'next:', `  ${next}`, ''].join('\n');
}
