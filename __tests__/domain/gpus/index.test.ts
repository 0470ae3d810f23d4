import { GPU_IDS, GPU_KINDS, isGpuId } from '../../../domain/gpus';

test('each kind is under its own id, with regions, quotas and a smallest instance', () => {
  for (const id of GPU_IDS) {
    const { cpus, memoryGibRange, quota, regions, ...gpu } = GPU_KINDS[id];
    expect(gpu.id).toBe(id);
    expect(regions.map(({ region }) => region)).toContain('us-central1');
    expect(cpus[0]).toBeGreaterThan(0);
    expect(memoryGibRange.least).toBeGreaterThan(0);
    expect(quota.withoutRedundancy).toMatch(/^Nvidia\w+GpuAllocNoZonalRedundancyPerProjectRegion$/);
    expect(quota.withRedundancy).toMatch(/^Nvidia\w+GpuAllocPerProjectRegion$/);
  }
});

describe('isGpuId', () => {
  test.each([
    ['nvidia-l4', true],
    ['nvidia-rtx-pro-6000', true],
    ['nvidia-h100-80gb', false],
    [undefined, false],
    ['toString', false],
  ])('%s: %s', (id, known) => expect(isGpuId(id)).toBe(known));
});
