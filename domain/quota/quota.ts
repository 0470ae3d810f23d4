import type { Deployment } from '../deployment';
import { type Gpu, GPU_KINDS } from '../gpus';

/** One limit of a project in a region, as the Cloud Quotas API names it. */
export interface CloudQuota {
  readonly service: 'run.googleapis.com' | 'compute.googleapis.com';
  readonly id: string;
  /** What an amount of it is called: `L4`, `vCPU`, `GiB`. */
  readonly unit: string;
  /** The deployment's `quota` key. */
  readonly of: 'gpus' | 'vcpu' | 'memoryGib';
  /** The API's own units in one of these: it counts bytes and thousandths of a vCPU. */
  readonly scale: number;
}

const MEMORY: CloudQuota = {
  service: 'run.googleapis.com',
  id: 'MemAllocPerProjectRegion',
  of: 'memoryGib',
  unit: 'GiB',
  scale: 2 ** 30,
};
const CPU: CloudQuota = {
  service: 'run.googleapis.com',
  id: 'CpuAllocPerProjectRegion',
  of: 'vcpu',
  unit: 'vCPU',
  scale: 1000,
};

/** Cloud Run's quota of a deployment's GPU, with or without zonal redundancy. */
function gpuQuota({ name, quota }: Gpu, redundant: boolean): CloudQuota {
  const id = redundant ? quota.withRedundancy : quota.withoutRedundancy;
  return { service: 'run.googleapis.com', id, of: 'gpus', unit: name, scale: quota.scale };
}

/** What is asked for: Cloud Run's four, and Compute Engine's of the same GPU, which the manual guide names. */
export function cloudQuotas({ size }: Pick<Deployment, 'size'>): readonly CloudQuota[] {
  const gpu = GPU_KINDS[size.gpu];
  const { computeEngine } = gpu.quota;
  return [
    gpuQuota(gpu, false),
    gpuQuota(gpu, true),
    MEMORY,
    CPU,
    ...(computeEngine === undefined
      ? []
      : [
          {
            service: 'compute.googleapis.com',
            id: computeEngine,
            of: 'gpus',
            unit: gpu.name,
            scale: 1,
          } as const,
        ]),
  ];
}

/** The part of the API's QuotaInfo that is read: https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.services.quotaInfos */
export interface QuotaInfo {
  readonly dimensionsInfos?: readonly {
    readonly dimensions?: Readonly<Record<string, string>> | null;
    readonly details?: { readonly value?: string };
    readonly applicableLocations?: readonly string[];
  }[];
  readonly quotaIncreaseEligibility?: {
    readonly isEligible?: boolean;
    readonly ineligibilityReason?: string;
  };
}

/** What the API said of a quota, or why it said nothing. */
export type QuotaAnswer = { readonly quota: CloudQuota } & (
  { readonly info: QuotaInfo } | { readonly problem: string }
);

/**
 * How a quota stands to a deployment: `blocks` when the service's own maximum does not fit, `unclear` when it fits alone
 * and not beside a candidate of the same size, `not counted` when it is not the one that Cloud Run looks at here,
 * `first deploy` when it is none and is said to come with the first deploy.
 */
export type QuotaVerdict = 'fits' | 'unclear' | 'blocks' | 'first deploy' | 'unknown' | 'not counted';

export interface QuotaFinding {
  readonly quota: CloudQuota;
  readonly verdict: QuotaVerdict;
  /** In the quota's unit; Infinity when there is none; undefined when it is not known. */
  readonly limit?: number;
  /** Why the limit is not known. */
  readonly problem?: string;
  /** Of one instance. */
  readonly each: number;
  /** All instances that one revision may have: what counts if only the largest revision does. */
  readonly largest: number;
  /** Of the serving revision and a candidate: what counts if the revisions add up. */
  readonly sum: number;
  /** The API's reason for not raising it by request. */
  readonly fixed?: string;
}

/** The limit in a region, in the quota's own unit; 0 where nothing was granted. Undefined when the API names no such region. */
function limitIn(region: string, info: QuotaInfo, { scale }: CloudQuota): number | undefined {
  const infos = info.dimensionsInfos ?? [];
  const found =
    infos.find(({ dimensions }) => dimensions?.region === region) ??
    infos.find(
      ({ dimensions, applicableLocations }) =>
        dimensions?.region === undefined && applicableLocations?.includes(region),
    );
  if (!found) return undefined;
  // An int64 is text in JSON, and 0 is left out; -1 is "no limit".
  const value = Number(found.details?.value ?? 0);
  return value < 0 ? Infinity : value / scale;
}

function counts(quota: CloudQuota, deployment: Deployment): boolean {
  if (quota.of !== 'gpus') return true;
  const { gpu, zonalRedundancy } = deployment.size;
  return quota.id === gpuQuota(GPU_KINDS[gpu], zonalRedundancy).id;
}

/** Every quota against the deployment's maxima. */
export function quotaFindings(deployment: Deployment, answers: readonly QuotaAnswer[]): QuotaFinding[] {
  const { size, scaling, region } = deployment;
  const perInstance = { gpus: 1, vcpu: size.cpu, memoryGib: size.memoryGib };
  return answers.map((answer) => {
    const { quota } = answer;
    const each = perInstance[quota.of];
    const largest = scaling.maxInstances * each;
    const need = { quota, each, largest, sum: 2 * largest };
    if ('problem' in answer) {
      return {
        ...need,
        problem: answer.problem,
        verdict: counts(quota, deployment) ? 'unknown' : 'not counted',
      };
    }
    const limit = limitIn(region, answer.info, quota);
    const eligibility = answer.info.quotaIncreaseEligibility;
    const known = {
      ...need,
      ...(limit === undefined ? { problem: `the API says nothing of ${region}` } : { limit }),
      ...(eligibility &&
        !eligibility.isEligible && { fixed: eligibility.ineligibilityReason ?? 'no reason given' }),
    };
    return { ...known, verdict: counts(quota, deployment) ? verdictOf(limit, need) : 'not counted' };
  });
}

function verdictOf(
  limit: number | undefined,
  { largest, sum }: { largest: number; sum: number },
): QuotaVerdict {
  if (limit === undefined) return 'unknown';
  if (largest > limit) return 'blocks';
  return sum > limit ? 'unclear' : 'fits';
}

/** Instances that fit under a quota; those of the finding that allows least come first in a refusal. */
export const instancesThatFit = ({ limit = 0, each }: QuotaFinding): number => Math.floor(limit / each);

/** GPUs without zonal redundancy that a first deployment in a region is said to bring; 0 where nothing is known of it. */
export const firstDeployBrings = ({ quota }: Pick<QuotaFinding, 'quota'>): number =>
  Object.values(GPU_KINDS).find((gpu) => gpu.quota.withoutRedundancy === quota.id)?.quota.firstDeploy ?? 0;

/** Whether a refusal for this quota would keep away the very deployment that is said to bring it, if there was none yet. */
export const comesWithFirstDeploy = (finding: QuotaFinding): boolean =>
  finding.verdict === 'blocks' && finding.limit === 0 && finding.largest <= firstDeployBrings(finding);

/** The findings of a region where no service of this deployment is yet. */
export const beforeFirstDeploy = (findings: readonly QuotaFinding[]): QuotaFinding[] =>
  findings.map((finding) =>
    comesWithFirstDeploy(finding) ? { ...finding, verdict: 'first deploy' } : finding,
  );
