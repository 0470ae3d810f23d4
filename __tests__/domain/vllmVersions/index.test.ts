import { PROFILES } from '../../../deployments/profiles';
import {
  ADVISORIES,
  advisoriesOf,
  isOlder,
  READ_ON,
  TESTED_PAIRS,
  transformersBounds,
} from '../../../domain/vllmVersions';

const ids = (version: string) => advisoriesOf(version).map(({ id }) => id);

describe('advisoriesOf', () => {
  test('has those of 0.30.0 that 0.31.0 mends, and none of the profiles’ version', () => {
    expect(ids('0.30.0')).toEqual(
      expect.arrayContaining(['GHSA-4xqp-c3mv-qff7', 'GHSA-p92p-rxj5-7p2x', 'GHSA-h3rc-6mm3-gc2m']),
    );
    expect(ids('0.31.0')).not.toContain('GHSA-4xqp-c3mv-qff7');
    expect(ids(PROFILES.standard.vllm.version)).toEqual([]);
  });

  test('leaves out what came later than a version', () => {
    expect(ids('0.7.2')).not.toContain('GHSA-h3rc-6mm3-gc2m');
    expect(ids('0.7.3')).toContain('GHSA-h3rc-6mm3-gc2m');
  });

  test('knows the key bypass under both its names', () => {
    expect(advisoriesOf('0.21.0').find(({ id }) => id === 'GHSA-94f4-hr76-p5j6')).toMatchObject({
      aliases: ['CVE-2026-48746'],
      fixedIn: '0.22.0',
    });
  });

  test('is dated, and each advisory was published before', () => {
    const days = ADVISORIES.map(({ published }) => published);
    for (const day of [...days, READ_ON]) expect(day).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(days.filter((day) => day > READ_ON)).toEqual([]);
  });
});

describe('transformersBounds', () => {
  test.each([
    ['0.30.0', '5.10.4', '5.17'],
    ['0.31.0', '5.10.4', '5.18'],
    ['0.32.0', '5.16.1', '5.20'],
    ['0.33.1', '5.16.1', '5.21'],
  ])('of vLLM %s are %s to below %s', (version, atLeast, below) => {
    expect(transformersBounds(version)).toEqual({ atLeast, below });
  });

  test('of a version that nobody looked at are not known', () => {
    expect(transformersBounds('0.29.0')).toBeUndefined();
  });

  test('hold every pair that was run, the profiles’ first', () => {
    const { version, transformersVersion } = PROFILES.standard.vllm;
    expect(TESTED_PAIRS[0]).toEqual([version, transformersVersion]);
    for (const [vllm, transformers] of TESTED_PAIRS) {
      const { atLeast, below } = transformersBounds(vllm)!;
      expect([isOlder(transformers, atLeast), isOlder(transformers, below)]).toEqual([false, true]);
    }
  });
});
