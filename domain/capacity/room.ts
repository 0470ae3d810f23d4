import type { Quota, Size } from '../deployment';
import { type QuotaFinding, firstDeployBrings } from '../quota/quota';

/** What the project may use in the region, and who says so. */
export interface Room extends Quota {
  readonly source: string;
}

/** Instances of a size that fit. */
export const instancesWithin = (
  { gpus, vcpu, memoryGib }: Quota,
  size: Pick<Size, 'cpu' | 'memoryGib'>,
): number => Math.floor(Math.min(gpus, vcpu / size.cpu, memoryGib / size.memoryGib));

/** The quota as Google has it; what it did not say, as the deployment's file has it. */
export function roomOf(findings: readonly QuotaFinding[], ownQuota: Quota, file: string): Room {
  const limit = (of: keyof Quota): number | undefined => {
    const found = findings.find(({ quota, verdict }) => quota.of === of && verdict !== 'not counted');
    return found?.verdict === 'first deploy' ? firstDeployBrings(found) : found?.limit;
  };
  const said = { gpus: limit('gpus'), vcpu: limit('vcpu'), memoryGib: limit('memoryGib') };
  const keys = ['gpus', 'vcpu', 'memoryGib'] as const;
  const missing = keys.filter((key) => said[key] === undefined);
  const [gpus, vcpu, memoryGib] = keys.map((key) => said[key] ?? ownQuota[key]) as [number, number, number];
  const written = missing.map((key) => `quota.${key}`).join(', ');
  const source =
    missing.length === 0
      ? 'Cloud Quotas'
      : `${missing.length === keys.length ? '' : 'Cloud Quotas, and '}${file}: ${written}`;
  return { gpus, vcpu, memoryGib, source };
}
