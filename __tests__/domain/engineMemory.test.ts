import { engineMemory } from '../../domain/engineMemory';
import { GPU_KINDS } from '../../domain/gpus';
import { findModel } from '../../domain/models';

const flags = (maxModelLen: number) => ({ gpuMemoryUtilization: 0.8, maxNumSeqs: 8, maxModelLen });

describe('engineMemory', () => {
  test.each([
    // Weights 1.87 + 8 × 0.875 of 17.6
    ['LightOnOCR-2-1B', 8192, 8.87],
    // 1.87 + 8 × 1.75
    ['LightOnOCR-3-1B', 16384, 15.87],
    // 1.59 + 8 × (34 · 6 + 18) pages of 1.0625 MiB
    ['LightOnOCR-3-0.8B', 18_000, 3.43],
    // 8.46 + 8 × (35 · 8 + 24) pages of 2.0625 MiB
    ['LightOnOCR-3-4B', 18_000, 13.36],
  ])('%s with %i tokens and eight sequences fits an L4', (name, maxModelLen, fullGib) => {
    const found = engineMemory(flags(maxModelLen), findModel(name)!, GPU_KINDS['nvidia-l4']);
    expect(found.shareGib).toBeCloseTo(17.62, 2);
    expect(found.fullGib).toBeCloseTo(fullGib, 2);
    expect(found.fullGib).toBeLessThan(found.shareGib);
  });

  test('an RTX PRO 6000 has four times the share', () => {
    const found = engineMemory(
      flags(18_000),
      findModel('LightOnOCR-3-4B')!,
      GPU_KINDS['nvidia-rtx-pro-6000'],
    );
    expect(found.shareGib).toBeCloseTo(75.98, 2);
  });
});
