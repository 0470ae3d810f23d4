import { instanceHour } from '../cost/cost';
import type { Deployment } from '../deployment';
import { GPU_KINDS } from '../gpus';
import {
  beforeFirstDeploy,
  type QuotaAnswer,
  type QuotaFinding,
  quotaFindings,
  type QuotaVerdict,
} from './quota';
import { FREE_TRIAL } from './quotaReport';
import { type QuotaPreference, requestState } from './quotaRequest';

/** One region with the deployment's GPU, as it stands for this deployment. */
export interface RegionChoice {
  readonly region: string;
  /** The deployment's own, today. */
  readonly isOwn: boolean;
  /** As Google's page says; what the project may use there is asked live. */
  readonly byInvitation: boolean;
  /** Of all quotas that count, the one that says least. */
  readonly verdict: QuotaVerdict;
  readonly findings: readonly QuotaFinding[];
  /** Quotas of which a request waits for Google. */
  readonly pending: readonly string[];
  /** USD an hour of one instance; undefined where no price was found. */
  readonly usdPerHour?: number;
}

/** Best first; what does not count is not asked. */
const ORDER: readonly QuotaVerdict[] = ['fits', 'unclear', 'first deploy', 'unknown', 'blocks'];

/**
 * Every region that has the GPU, best first: what fits, then what is cheaper.
 * @param isServed whether the service is in the deployment's own region: elsewhere a first deploy may bring the first GPUs.
 */
export function regionChoices(
  deployment: Deployment,
  answers: readonly QuotaAnswer[],
  preferences: readonly QuotaPreference[],
  isServed: boolean,
): RegionChoice[] {
  const { size } = deployment;
  const choices = GPU_KINDS[size.gpu].regions.map(({ region, byInvitation }): RegionChoice => {
    const isOwn = region === deployment.region;
    const found = quotaFindings({ ...deployment, region }, answers);
    // By invitation nothing comes with a first deploy.
    const findings = (isOwn && isServed) || byInvitation ? found : beforeFirstDeploy(found);
    const usdPerHour = instanceHour(region, size);
    return {
      region,
      isOwn,
      byInvitation,
      verdict: worst(findings),
      findings,
      pending: preferences
        .filter((preference) => isFor(preference, region, findings) && requestState(preference) === 'pending')
        .map(({ quotaId }) => quotaId),
      ...(usdPerHour !== undefined && { usdPerHour }),
    };
  });
  return choices.sort(
    (a, b) =>
      ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) ||
      Number(b.isOwn) - Number(a.isOwn) ||
      cheaper(a, b),
  );
}

/** A price that is not known comes last; two of them are equal. */
function cheaper({ usdPerHour: a }: RegionChoice, { usdPerHour: b }: RegionChoice): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a - b;
}

function worst(findings: readonly QuotaFinding[]): QuotaVerdict {
  const counted = findings.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'not counted');
  return ORDER[Math.max(...counted.map((verdict) => ORDER.indexOf(verdict)))] ?? 'unknown';
}

const isFor = (
  { service, quotaId, dimensions }: QuotaPreference,
  region: string,
  findings: readonly QuotaFinding[],
): boolean =>
  dimensions?.region === region &&
  findings.some(({ quota }) => quota.service === service && quota.id === quotaId);

/** Sentences below the table: which region can hold the deployment now, and what is to be asked for. */
export function regionAdvice(deployment: Deployment, choices: readonly RegionChoice[]): string[] {
  const { name, size } = deployment;
  const good = choices.filter(({ verdict }) => ORDER.indexOf(verdict) <= ORDER.indexOf('first deploy'));
  const [best] = good;
  const own = choices.find(({ isOwn }) => isOwn);
  const gpu = GPU_KINDS[size.gpu];
  const hasNoGpu = choices.every(({ findings }) =>
    findings.every(
      ({ quota, limit, verdict }) => quota.of !== 'gpus' || limit === 0 || verdict === 'not counted',
    ),
  );
  return [
    best === undefined
      ? `No region holds ${deployment.scaling.maxInstances} instances of ${size.cpu} vCPU and ${size.memoryGib} GiB today. Ask for more where you are: bin/lightonocr quota ${name} --request --email "$(gcloud config get-value account)"; or write a smaller size.`
      : `Can hold the deployment: ${good.map(({ region, verdict }) => (verdict === 'fits' ? region : `${region} (${verdict})`)).join(', ')}.`,
    ...(best !== undefined && own?.verdict === 'blocks' && !best.isOwn
      ? [`To go there: bin/lightonocr quota ${name} --all-regions --choose ${best.region}`]
      : []),
    ...(hasNoGpu ? [`${FREE_TRIAL}.`] : []),
    `By invitation is what Google's page said in ${gpu.regionsAsOf}; copies of it differ on us-central1. The limits are what Google says today: 0 in a region that is by invitation means that the project is not invited.`,
  ];
}
