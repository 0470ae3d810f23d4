import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPrices } from '../../deployments/prices';
import { PRICES } from '../../domain/cost/prices';

const folder = mkdtempSync(join(tmpdir(), 'prices-'));
function fileOf(text: string): string {
  const file = join(folder, 'prices.yaml');
  writeFileSync(file, text);
  return file;
}
const REGION = `
asOf: 2026-11
source: the price page
regions:
  europe-west4: { gpuSecond: 0.1, gpuSecondZonalRedundancy: 0.2, vcpuSecond: 0.3, gibSecond: 0.4 }
`;

describe('loadPrices', () => {
  test('adds a region, with the file’s date, and leaves the rest', () => {
    const { regions, build, source } = loadPrices(fileOf(REGION));
    expect(regions).toEqual({
      ...PRICES.regions,
      'europe-west4': {
        asOf: '2026-11',
        gpus: { 'nvidia-l4': { second: 0.1, secondZonalRedundancy: 0.2 } },
        vcpuSecond: 0.3,
        gibSecond: 0.4,
      },
    });
    expect(build).toEqual(PRICES.build);
    expect(source).toMatch(/^the price page; /);
  });

  test('takes the price of the GPU that a region names', () => {
    const named = REGION.replace('gpuSecond: 0.1', 'gpu: nvidia-rtx-pro-6000, gpuSecond: 0.1');
    expect(loadPrices(fileOf(named)).regions['europe-west4']?.gpus).toEqual({
      'nvidia-rtx-pro-6000': { second: 0.1, secondZonalRedundancy: 0.2 },
    });
  });

  test('replaces a single price of the build, and dates it', () => {
    const { build } = loadPrices(fileOf('asOf: 2026-11\nsource: s\nbuild: { buildMinute: 1 }\n'));
    expect(build).toEqual({ ...PRICES.build, asOf: '2026-11', buildMinute: 1 });
  });

  test('rejects everything that is wrong at once', () => {
    const text = REGION.replace('2026-11', '2026-13')
      .replace('gpuSecond: 0.1, ', '')
      .replace('0.3', '-1')
      .replace('europe-west4', 'europe-west1')
      .concat('  us-west9: {}\nbuilds: {}\n');
    expect(() => loadPrices(fileOf(text))).toThrow(
      expect.objectContaining({ code: 'INVALID_PRICES', exitCode: 2 }),
    );
    for (const key of [
      'asOf',
      'regions.europe-west1.gpuSecond',
      'regions.europe-west1.vcpuSecond',
      'regions',
      '"builds"',
    ])
      expect(() => loadPrices(fileOf(text))).toThrow(key);
  });

  test('rejects a file that is not YAML with its line, and one that is not there', () => {
    expect(() => loadPrices(fileOf('asOf: [\n'))).toThrow(expect.objectContaining({ code: 'BAD_YAML' }));
    expect(() => loadPrices(join(folder, 'none.yaml'))).toThrow(
      expect.objectContaining({ code: 'NO_PRICE_FILE' }),
    );
  });
});
