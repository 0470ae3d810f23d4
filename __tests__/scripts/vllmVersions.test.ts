import {
  type GithubAdvisory,
  type VersionTable,
  withAdvisories,
  withBounds,
} from '../../scripts/vllmVersions';
import table from '../../domain/vllmVersions/table.json';

const TABLE = table as unknown as VersionTable;
const github = (change: Partial<GithubAdvisory> = {}, range = '>= 0.32.0, < 0.34.1'): GithubAdvisory => ({
  ghsa_id: 'GHSA-new0-new0-new0',
  cve_id: null,
  summary: 'something new',
  severity: 'high',
  published_at: '2026-12-05T10:00:00Z',
  vulnerabilities: [
    { package: { name: 'vllm' }, vulnerable_version_range: range, patched_versions: '0.34.1' },
  ],
  ...change,
});
const after = (...found: readonly GithubAdvisory[]) => withAdvisories(TABLE, found, '2026-12-06');

describe('withAdvisories', () => {
  test('adds a new one with its versions, newest last, and the day of the reading', () => {
    const { advisories, readOn } = after(github({ cve_id: 'CVE-2026-1' }));
    expect(readOn).toBe('2026-12-06');
    expect(advisories).toHaveLength(TABLE.advisories.length + 1);
    expect(advisories.at(-1)).toEqual({
      id: 'GHSA-new0-new0-new0',
      aliases: ['CVE-2026-1'],
      published: '2026-12-05',
      introducedIn: '0.32.0',
      fixedIn: '0.34.1',
      severity: 'high',
      effect: 'other',
      summary: 'something new',
    });
  });

  test.each([
    ['its own name', github({ ghsa_id: 'GHSA-h3rc-6mm3-gc2m' })],
    ['its other name', github({ cve_id: 'CVE-2026-48746' })],
  ])('leaves one that is known by %s as a person wrote it', (_what, found) => {
    expect(after(found).advisories).toEqual(TABLE.advisories);
  });

  test('leaves out what is of another package', () => {
    const other = { package: { name: 'other' }, vulnerable_version_range: '< 1', patched_versions: '1' };
    expect(after(github({ vulnerabilities: [other] })).advisories).toEqual(TABLE.advisories);
  });

  test('holds one that nothing mends yet to be in every version that comes', () => {
    const open = { package: { name: 'vllm' }, vulnerable_version_range: '<= 0.33.0', patched_versions: '' };
    const { introducedIn, fixedIn } = after(github({ vulnerabilities: [open] })).advisories.at(-1)!;
    expect({ introducedIn, fixedIn }).toEqual({ introducedIn: undefined, fixedIn: '9999' });
  });
});

describe('withBounds', () => {
  const REQUIRES = ['numpy', 'transformers<5.24.0,>=5.18.2', 'transformers-x>=1', 'torch==2.14.0'];

  test('adds what the wheel of a new release asks for', () => {
    expect(withBounds(TABLE, '0.34.0', REQUIRES).transformers).toEqual({
      ...TABLE.transformers,
      '0.34': { atLeast: '5.18.2', below: '5.24' },
    });
  });

  test('leaves a release that is there, whose bounds may have been measured', () => {
    expect(withBounds(TABLE, '0.30.1', REQUIRES)).toBe(TABLE);
  });
});
