import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Caller, CALLERS } from '../domain/identity/callerNeeds';
import { type CheckId, CHECKS, describeCounts, type Finding, findingsFailure } from '../domain/finding';
import {
  atWorkWords,
  nextSteps,
  type Verification,
  verificationFailure,
} from '../domain/service/verification';
import type { Deployment } from '../domain/deployment';
import { type CommonOptions, verb } from './releaseCommands';
import { table } from './table';

/** Commands that look at everything and mend nothing. */
export function addDoctorCommands(root: Command): void {
  verb<CommonOptions & { sha?: string; as: Caller; only?: CheckId[] }>(
    root,
    'doctor',
    'Looks at all that the service stands on; each line says what was seen and what mends it. Changes nothing.',
    'production',
    async (context, options) => {
      const { doctor } = await import('../operate/doctor');
      const sha = options.sha === undefined ? undefined : await context.git.resolve(options.sha);
      const github = githubAccess(process.env);
      const findings = await doctor(context, {
        as: options.as,
        ...(sha !== undefined && { sha }),
        ...(options.only && { only: options.only }),
        ...(github && { github }),
      });
      const failure = findingsFailure(context.deployment.name, findings);
      return { text: findingsText(findings), data: { findings }, ...(failure && { failure }) };
    },
    { onlyLooks: true },
  )
    .option('--sha <sha>', 'commit whose image must be there; default: the image that serves')
    .addOption(
      new Option('--as <who>', 'whose permissions these credentials must have')
        .choices(CALLERS)
        .default('person'),
    )
    .option('--only <checks>', `some of the checks, by commas: ${CHECKS.join(', ')}`, checkList)
    .addHelpText(
      'after',
      '\nExit code 0 only when every line is ok: what could not be looked at is no pass.',
    );

  verb(
    root,
    'verify',
    'What serves against the deployment’s file: URL, revision, image, and each setting that differs.',
    'production',
    async (context) => {
      const { verify } = await import('../operate/verify');
      const data = await verify(context);
      const failure = verificationFailure(context.deployment, data);
      return { text: verificationText(context.deployment, data), data, ...(failure && { failure }) };
    },
    { onlyLooks: true },
  );
}

function checkList(text: string): CheckId[] {
  const names = text.split(',');
  const unknown = names.filter((name) => !(CHECKS as readonly string[]).includes(name));
  if (unknown.length === 0) return names as CheckId[];
  throw new InvalidArgumentError(`One or more, by commas, of ${CHECKS.join(', ')}.`);
}

/** GitHub is looked at where somebody has a token anyway, and never asked for one. */
function githubAccess(env: Readonly<Record<string, string | undefined>>) {
  const token = env.GITHUB_TOKEN || env.GH_TOKEN;
  if (!token) return undefined;
  return { token, apiUrl: (env.GITHUB_API_URL || 'https://api.github.com').replace(/\/$/, '') };
}

/** Of one reason in so many lines a person reads the first alone. */
const SAME_REASON = 3;

/** What could not be looked at for one reason, such as missing credentials, is one line with all that it hides. */
function folded(findings: readonly Finding[]): Finding[] {
  return findings.flatMap((finding) => {
    const same = findings.filter(({ state, saw }) => state === 'cannot tell' && saw === finding.saw);
    if (finding.state !== 'cannot tell' || same.length < SAME_REASON) return [finding];
    if (same[0] !== finding) return [];
    const mend = same.findLast((one) => one.mend !== undefined)?.mend;
    const subject = same.map((one) => one.subject).join(', ');
    return [{ ...finding, subject, ...(mend !== undefined && { mend }) }];
  });
}

/** A line a finding, what mends it below it, or below the last of several that it mends; then how many there are of each kind. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ state }) => state.length));
  const indent = ' '.repeat(width + 2);
  const shown = folded(findings);
  const lines = shown.flatMap(({ state, subject, saw, mend }, at) => [
    `${state.padEnd(width)}  ${subject}: ${saw}`,
    ...(mend === undefined || mend === shown[at + 1]?.mend ? [] : [`${indent}→ ${mend}`]),
  ]);
  return [...lines, '', describeCounts(findings)].join('\n');
}

const SITUATIONS = {
  empty: 'nothing has been released',
  'by hand': 'made by hand: there is no ledger',
  released: 'released by this project',
  unread: 'its ledger cannot be read',
} as const;

/** Nothing while somebody is at work on it, or nobody knows what is meant. */
function intentWords({ asIntended, intended, atWork }: Verification): string {
  if (asIntended) return ', as intended';
  return intended === undefined || atWork ? '' : `, NOT as intended: ${intended} is meant to serve`;
}

/** What serves, then a table of what differs, then what to do. */
export function verificationText(deployment: Deployment, seen: Verification): string {
  const { differences, url, revision, traffic, image, sha, ready, why } = seen;
  const steps = nextSteps(deployment, seen);
  const isLedgerGone = seen.situation === 'by hand' && sha !== undefined;
  return [
    `${deployment.service} ${url ?? 'does not exist'}, ${isLedgerGone ? 'made by this project: its ledger is gone' : SITUATIONS[seen.situation]}`,
    ...(url === undefined
      ? []
      : [
          `status:   ${ready ? 'ready' : (why ?? 'not ready')}`,
          `revision: ${revision ?? 'none'}${sha ? `, commit ${sha.slice(0, 7)}` : ''}`,
          ...(seen.atWork ? [`lease:    ${atWorkWords(seen.atWork)}`] : []),
          ...seen.scaledByHand.map((words) => `scale:    ${words}`),
          `traffic:  ${traffic}${intentWords(seen)}`,
          `image:    ${image ?? 'none'}`,
          `settings: ${differences.length === 0 ? `as deployments/${deployment.name}.yaml says` : `${differences.length} differ`}`,
        ]),
    ...table(
      'settings that differ',
      ['key', 'the file says', 'live'],
      differences.map(({ key, wanted, live }) => [key, wanted, live]),
    ),
    ...(steps.length > 0 ? ['', 'next:', ...steps.map((step) => `  ${step}`)] : []),
  ].join('\n');
}
