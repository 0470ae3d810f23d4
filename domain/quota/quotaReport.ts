import type { Deployment } from '../deployment';
import { Failure } from '../failure';
import { table } from '../table';
import { firstDeployBrings, instancesThatFit, type QuotaFinding } from './quota';

type Raised = Pick<QuotaFinding, 'quota' | 'fixed'>;

/**
 * The command that asks Google for more of every quota that needs it, and for nothing twice; it shows what it asks for first.
 * @param gpus instances that shall fit; default a serving revision and a candidate.
 */
export function requestMore({ name }: Pick<Deployment, 'name'>, gpus?: number): string {
  const request = `bin/lightonocr quota ${name} --request --email "$(gcloud config get-value account)"`;
  return gpus === undefined ? request : `${request} --gpus ${gpus}`;
}

/** Those that no request raises, a sentence each. */
export const notRaised = (findings: readonly Raised[]): string[] =>
  findings.flatMap(({ quota, fixed }) =>
    fixed === undefined
      ? []
      : [`${quota.id} cannot be raised by request (${fixed}): ask Google Cloud's sales or support`],
  );

/** How more of these is had: the request, where one raises any of them, and what none raises. */
export const askForMore = (deployment: Pick<Deployment, 'name'>, findings: readonly Raised[]): string[] => [
  ...(findings.some(({ fixed }) => fixed === undefined) ? [requestMore(deployment)] : []),
  ...notRaised(findings),
];

const amount = ({ quota }: QuotaFinding, value: number): string => `${value} ${quota.unit}`;

/** One finding as a sentence; undefined where there is nothing to say. */
export function quotaWarning(deployment: Deployment, finding: QuotaFinding): string | undefined {
  const { quota, verdict, limit, largest, sum, problem } = finding;
  if (verdict === 'unknown') return `${quota.id} was not checked: ${problem}`;
  if (verdict === 'first deploy')
    return (
      `${quota.id} is 0, and there is no service yet: the first deploy of an ${quota.unit} in a region is said to bring ${firstDeployBrings(finding)}, so it ` +
      `is not refused here. Google may refuse it; to ask before: ${askForMore(deployment, [finding]).join('; ')}. ${FREE_TRIAL}`
    );
  if (verdict !== 'unclear') return undefined;
  return (
    `${quota.id} is ${limit}: enough if only the largest revision counts (${amount(finding, largest)}), too little if the ` +
    `serving revision and the candidate add up (${amount(finding, sum)}). Google does not say which, nor whether stale ` +
    'revisions count; in the second case the candidate is refused or gets no instance.'
  );
}

/** The failure when the service's own maximum is over a quota that counts; undefined when it fits, or is not known. */
export function quotaRefusal(deployment: Deployment, findings: readonly QuotaFinding[]): Failure | undefined {
  const blocking = findings
    .filter(({ verdict }) => verdict === 'blocks')
    .sort((a, b) => instancesThatFit(a) - instancesThatFit(b));
  const [first] = blocking;
  if (!first) return undefined;
  const fit = instancesThatFit(first);
  const lower = fit > 0 ? `set scaling.maxInstances to ${fit}, or ` : '';
  return new Failure({
    code: 'OVER_QUOTA',
    message: `The service may have ${deployment.scaling.maxInstances} instances, and ${first.quota.id} in ${deployment.region} holds ${fit}.`,
    where: `deployments/${deployment.name}.yaml scaling.maxInstances`,
    got: blocking
      .map((each) => `${each.quota.id}: ${amount(each, each.largest)} of ${each.limit}`)
      .join('; '),
    remedy: [
      `${lower}ask for more: ${askForMore(deployment, blocking).join('; ')}`,
      `or look at the other regions: bin/lightonocr quota ${deployment.name} --all-regions`,
      ...(isWithoutGpu(first) ? [FREE_TRIAL] : []),
    ].join('; '),
    exitCode: 2,
  });
}

const isWithoutGpu = ({ quota, limit }: QuotaFinding) => quota.of === 'gpus' && limit === 0;

/** https://cloud.google.com/free/docs/free-cloud-features: no GPU before the account is upgraded. */
export const FREE_TRIAL =
  'An account in Free Trial gets no GPU anywhere, and no request raises that: upgrade it first, https://console.cloud.google.com/billing';

/** The failure when a quota that counts is not known: that is no pass. */
export function quotaNotKnown(
  deployment: Deployment,
  findings: readonly QuotaFinding[],
): Failure | undefined {
  const unknown = findings.filter(({ verdict }) => verdict === 'unknown');
  if (unknown.length === 0) return undefined;
  return new Failure({
    code: 'QUOTA_NOT_CHECKED',
    message: 'The Cloud Quotas API did not say what the project may use.',
    where: unknown.map(({ quota }) => quota.id).join(', '),
    got: unknown[0]?.problem,
    remedy: `ask as somebody with roles/cloudquotas.viewer on ${deployment.project}, with cloudquotas.googleapis.com on`,
    exitCode: 3,
  });
}

/** What `lightonocr quota` ends with: the refusal, or what is not known. */
export const quotaFailure = (
  deployment: Deployment,
  findings: readonly QuotaFinding[],
): Failure | undefined => quotaRefusal(deployment, findings) ?? quotaNotKnown(deployment, findings);

/**
 * The whole picture for a person: a row per quota, then what blocks or is unclear, then how to ask for more.
 * @param width columns that the table may take; default: no limit.
 */
export function quotaReport(
  deployment: Deployment,
  findings: readonly QuotaFinding[],
  width?: number,
): string {
  const cells = findings.map((finding) => {
    const { quota, limit, each, largest, sum, verdict } = finding;
    const shown = limit === undefined ? '?' : limit === Infinity ? 'no limit' : String(limit);
    return [verdict, `${quota.service}/${quota.id}`, shown, quota.unit, ...[each, largest, sum].map(String)];
  });
  const head = ['', 'quota', 'limit', 'unit', 'one instance', 'at most', 'and a candidate'];
  const raise = findings.filter(({ verdict }) => ['blocks', 'unclear', 'first deploy'].includes(verdict));
  const sections = [
    table('quotas', head, cells, width).slice(1),
    findings.flatMap((finding) => quotaWarning(deployment, finding) ?? []),
    askForMore(deployment, raise),
  ];
  return sections.flatMap((lines) => (lines.length > 0 ? [lines.join('\n')] : [])).join('\n\n');
}
