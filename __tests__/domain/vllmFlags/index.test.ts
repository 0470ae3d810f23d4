import { loadDeployment } from '../../../deployments/load';
import { vllmArgs } from '../../../domain/vllmArgs';
import { FLAG_VERSIONS, flagTable } from '../../../domain/vllmFlags';
import { FLAG_KEYS } from '../../../domain/vllmFlags/flagKeys';
import { givenFlags } from '../../../domain/vllmFlags/givenFlags';
import { valueProblem } from '../../../domain/vllmFlags/values';
import { MODELS } from '../../../domain/models';

describe('flagTable', () => {
  test('knows 0.30 to 0.33, patches of them too, and no other', () => {
    expect(FLAG_VERSIONS).toEqual(['0.30.0', '0.31.0', '0.32.0', '0.33.0']);
    expect(flagTable('0.32.1')?.version).toBe('0.32.0');
    expect(flagTable('0.29.0')).toBeUndefined();
    expect(flagTable('0.3.0')).toBeUndefined();
  });

  test.each([
    ['max-num-seqs', 'int'],
    ['gpu-memory-utilization', 'float'],
    ['enforce-eager', 'boolean'],
    ['disable-log-stats', 'switch'],
    ['limit-mm-per-prompt', 'json'],
    ['served-model-name', 'list'],
    ['hf-token', 'optional'],
    ['dtype', 'auto|bfloat16|float|float16|float32|half'],
    ['uvicorn-log-level', 'critical|debug|error|info|trace|warning'],
    ['quantization', 'text'],
  ])('%s is %s in each', (flag, kind) => {
    for (const version of FLAG_VERSIONS) expect(flagTable(version)!.kinds.get(flag)).toBe(kind);
  });

  test('tells versions apart: flags that came later, and those that are on their way out', () => {
    const has = (version: string, flag: string) => flagTable(version)!.kinds.has(flag);
    const sizes = FLAG_VERSIONS.map((version) => flagTable(version)!.kinds.size);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(flagTable('0.30.0')!.deprecated.has('log-config-file')).toBe(false);
    expect(flagTable('0.31.0')!.deprecated.get('log-config-file')).toMatch(/deprecated/);
    expect(has('0.33.0', 'max-num-seqs')).toBe(true);
  });

  test.each(FLAG_VERSIONS)('%s has every flag that a deployment writes, with values that fit', (version) => {
    const { kinds } = flagTable(version)!;
    const production = loadDeployment('production');
    for (const { id } of MODELS) {
      const args = vllmArgs({ ...production, model: { id, servedName: 'LightOnOCR-2-1B' }, port: 8001 });
      for (const flag of givenFlags(args).filter(({ name }) => name !== '')) {
        expect(kinds.get(flag.name)).toBeDefined();
        expect(valueProblem(flag, kinds.get(flag.name)!)).toBeUndefined();
      }
    }
    for (const flag of Object.keys(FLAG_KEYS)) expect(kinds.has(flag)).toBe(true);
  });
});
