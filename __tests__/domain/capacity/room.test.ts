import { loadDeployment } from '../../../deployments/load';
import { instancesWithin, roomOf } from '../../../domain/capacity/room';
import { beforeFirstDeploy, cloudQuotas, type QuotaAnswer, quotaFindings } from '../../../domain/quota/quota';

const SMALL = loadDeployment('small');
const answers = (values: Readonly<Record<string, number | undefined>>): QuotaAnswer[] =>
  cloudQuotas(SMALL).map((quota) => {
    const value = values[quota.id];
    if (value === undefined) return { quota, problem: 'API_403' };
    const details = { value: String(value * quota.scale) };
    return { quota, info: { dimensionsInfos: [{ dimensions: { region: SMALL.region }, details }] } };
  });
const GPU = 'NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion';
const found = (values: Readonly<Record<string, number | undefined>>) => quotaFindings(SMALL, answers(values));

describe('roomOf', () => {
  test('has what Google says', () => {
    const findings = found({ [GPU]: 5, CpuAllocPerProjectRegion: 100, MemAllocPerProjectRegion: 400 });
    expect(roomOf(findings, SMALL.quota, 'small.yaml')).toEqual({
      ...{ gpus: 5, vcpu: 100, memoryGib: 400, source: 'Cloud Quotas' },
    });
  });

  test('has the deployment’s own numbers for what Google does not say, and names them', () => {
    expect(roomOf(found({ [GPU]: 5 }), SMALL.quota, 'small.yaml')).toEqual({
      ...{ gpus: 5, vcpu: 20, memoryGib: 40 },
      source: 'Cloud Quotas, and small.yaml: quota.vcpu, quota.memoryGib',
    });
    expect(roomOf([], SMALL.quota, 'small.yaml').source).toBe(
      'small.yaml: quota.gpus, quota.vcpu, quota.memoryGib',
    );
  });

  test('counts what a first deployment is said to bring', () => {
    const findings = found({ [GPU]: 0, CpuAllocPerProjectRegion: 100, MemAllocPerProjectRegion: 400 });
    expect(roomOf(findings, SMALL.quota, 'small.yaml').gpus).toBe(0);
    expect(roomOf(beforeFirstDeploy(findings), SMALL.quota, 'small.yaml').gpus).toBe(3);
  });
});

describe('instancesWithin', () => {
  test.each([
    [{ gpus: 3, vcpu: 20, memoryGib: 40 }, 2],
    [{ gpus: 1, vcpu: 20, memoryGib: 40 }, 1],
    [{ gpus: 3, vcpu: 7, memoryGib: 40 }, 1],
    [{ gpus: 3, vcpu: 3, memoryGib: 40 }, 0],
  ])('%j holds %d of 4 vCPU and 16 GiB', (quota, count) => {
    expect(instancesWithin(quota, { cpu: 4, memoryGib: 16 })).toBe(count);
  });
});
