import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kindValues } from '../../deployments/kindValues';
import { loadDeployment } from '../../deployments/load';
import { deploymentProblems } from '../../domain/rules';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'deployments-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function load(text: string) {
  writeFileSync(join(directory, 'x.yaml'), `project: a-project\n${text}`);
  return loadDeployment('x', directory);
}
const errors = (text: string) =>
  deploymentProblems(load(text))
    .filter(({ severity }) => severity === 'error')
    .map(({ code }) => code);

describe('kindValues', () => {
  test.each([
    ['lightonai/LightOnOCR-2-1B', 1540, 4096, 8192],
    ['lightonai/LightOnOCR-3-1B', 1540, 8192, 16384],
    ['lightonai/LightOnOCR-3-0.8B', 2048, 8192, 18_000],
    ['lightonai/LightOnOCR-3-4B', 2048, 8192, 18_000],
    ['somebody/else', 1540, 4096, 8192],
  ])('the id %s alone selects %i px, %i tokens of text, a context of %i', (id, side, textTokens, context) => {
    const { page, vllm } = load(`model: { id: ${id} }\n`);
    expect(page).toEqual({ longestSidePixels: side, textTokens });
    expect(vllm.maxModelLen).toBe(context);
    expect(errors(`model: { id: ${id} }\n`)).toEqual([]);
  });

  test('what the file says is stronger', () => {
    const { page, vllm } = load(
      'model: { id: lightonai/LightOnOCR-3-4B }\nvllm: { maxModelLen: 9000 }\npage: { textTokens: 1000 }\n',
    );
    expect(vllm.maxModelLen).toBe(9000);
    expect(page).toEqual({ longestSidePixels: 2048, textTokens: 1000 });
  });

  test('a GPU brings its smallest instance', () => {
    expect(load('size: { gpu: nvidia-rtx-pro-6000 }\n').size).toMatchObject({ cpu: 20, memoryGib: 80 });
    expect(load('size: { gpu: nvidia-rtx-pro-6000, memoryGib: 96 }\n').size).toMatchObject({ memoryGib: 96 });
    // A new project's quota holds none: that is said, and nothing else.
    expect(errors('size: { gpu: nvidia-rtx-pro-6000 }\n')).toEqual(['QUOTA_MEMORY']);
    expect(
      errors('size: { gpu: nvidia-rtx-pro-6000 }\nquota: { vcpu: 40, memoryGib: 160, gpus: 2 }\n'),
    ).toEqual([]);
  });

  test('says nothing for the model and the GPU of the profiles', () => expect(kindValues({})).toEqual({}));

  test.each([
    // 8.46 + 12 × 0.61 of 17.6 GiB, and 16 × 0.61
    [12, []],
    [16, ['KV_CACHE_TOO_LARGE']],
  ])('LightOnOCR-3-4B on an L4 with %i sequences: %j', (maxNumSeqs, codes) => {
    const text = `model: { id: lightonai/LightOnOCR-3-4B }\nvllm: { maxNumSeqs: ${maxNumSeqs} }\nscaling: { concurrency: 16 }\n`;
    expect(errors(text)).toEqual(codes);
  });
});
