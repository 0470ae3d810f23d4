import { hourlyCost, instanceHour, type InstanceSize } from '../../../domain/cost/cost';

const FULL: InstanceSize = { cpu: 8, memoryGib: 32, gpu: 'nvidia-l4', zonalRedundancy: false };

describe('instanceHour', () => {
  // By hand from the price list of 2026-08: (0.0001867 + 8 × 0.000018 + 32 × 0.000002) × 3600 and so on.
  test.each<[string, InstanceSize, number]>([
    ['8 vCPU, 32 GiB, L4', FULL, 1.42092],
    ['4 vCPU, 16 GiB, L4', { ...FULL, cpu: 4, memoryGib: 16 }, 1.04652],
    ['with zonal redundancy', { ...FULL, zonalRedundancy: true }, 1.79604],
    ['without a GPU', { ...FULL, gpu: undefined }, 0.7488],
  ])('%s', (_what, size, cost) => {
    expect(instanceHour('us-central1', size)).toBeCloseTo(cost, 6);
  });

  test('says nothing of a region whose prices are not known', () => {
    expect(instanceHour('asia-southeast1', FULL)).toBeUndefined();
  });

  test('says nothing of a GPU whose price is not known', () => {
    expect(instanceHour('us-central1', { ...FULL, gpu: 'nvidia-rtx-pro-6000' })).toBeUndefined();
  });
});

describe('hourlyCost', () => {
  test.each([
    [
      { minInstances: 0, maxInstances: 3 },
      { idle: 0, oneInstance: 1.42092, full: 4.26276 },
    ],
    [
      { minInstances: 2, maxInstances: 3 },
      { idle: 2.84184, oneInstance: 2.84184, full: 4.26276 },
    ],
  ])('%j', (scaling, cost) => {
    const found = hourlyCost('us-central1', FULL, scaling)!;
    for (const [key, usd] of Object.entries(cost))
      expect(found[key as keyof typeof cost]).toBeCloseTo(usd, 6);
    expect(found.maxInstances).toBe(3);
  });
});
