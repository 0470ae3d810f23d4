import { imageText } from '../../bin/imageText';
import type { ImageRecord } from '../../domain/image/imageRecord';

const NOW = new Date('2026-11-25T12:00:00Z');
const DIGEST = `sha256:${'a'.repeat(64)}`;
const record: ImageRecord = {
  revision: 's-a',
  percent: 100,
  image: `host/p/r/i@${DIGEST}`,
  digest: DIGEST,
  sha: 'c'.repeat(40),
  registry: {
    state: 'there',
    tags: ['ccccccc', 'content-1'],
    sizeBytes: 10_200_547_328,
    pushedAt: '2026-11-22T11:59:00Z',
  },
  vulnerabilities: {
    state: 'scanned',
    at: '2026-11-22T12:10:00Z',
    kept: true,
    counts: [
      { severity: 'CRITICAL', total: 2, fixable: 1 },
      { severity: 'HIGH', total: 12, fixable: 0 },
    ],
  },
  model: {
    state: 'inside',
    id: 'm/x',
    revision: 'd'.repeat(40),
    weights: '423 tensors, 1.87 GiB',
    build: 'b1',
  },
};
const linesOf = (change: Partial<ImageRecord> = {}) =>
  Object.fromEntries(
    imageText({ ...record, ...change }, NOW)
      .split('\n')
      .map((line) => line.split(/ {2,}/) as [string, string]),
  );

describe('imageText', () => {
  test('says what is known, a line each', () => {
    expect(linesOf()).toEqual({
      revision: 's-a, 100 % of the traffic',
      image: 'host/p/r/i',
      digest: DIGEST,
      commit: 'c'.repeat(40),
      tags: 'ccccccc, content-1',
      size: '9.50 GiB',
      age: '3 days, pushed 2026-11-22 11:59:00Z',
      vulnerabilities: '2 critical (1 with a fix), 12 high; scanned 2026-11-22 12:10:00Z',
      model: `inside: m/x at ${'d'.repeat(40)}, 423 tensors, 1.87 GiB (build b1)`,
    });
  });

  test('what is not known says why, and is never nothing', () => {
    const why = 'cannot be read: permission (denied)';
    const lines = linesOf({
      registry: { state: 'not known', why },
      vulnerabilities: { state: 'not known', why },
      model: { state: 'not known', why: 'no build record' },
    });
    expect(lines).toMatchObject({
      tags: `not known: ${why}`,
      size: `not known: ${why}`,
      age: `not known: ${why}`,
      vulnerabilities: `not known: ${why}`,
      model: 'not known: no build record',
    });
    expect(Object.values(lines)).not.toContain('none');
  });

  test('none is said of vulnerabilities only after a scan; one that is old says that too', () => {
    expect(linesOf({ vulnerabilities: { state: 'scanned', kept: false, counts: [] } }).vulnerabilities).toBe(
      'none known, and not looked at since: the image was not pulled for 30 days',
    );
    expect(linesOf({ vulnerabilities: { state: 'not scanned', why: 'no scan' } }).vulnerabilities).toBe(
      'not scanned: no scan',
    );
  });

  test.each([
    ['2026-11-25T11:30:00Z', '0 hours'],
    ['2026-11-25T10:30:00Z', '1 hour'],
    ['2026-11-24T12:00:00Z', '1 day'],
    ['2026-09-25T12:00:00Z', '61 days'],
  ])('one pushed at %s is of %s', (pushedAt, expected) => {
    expect(linesOf({ registry: { state: 'there', tags: [], pushedAt } }).age).toMatch(`${expected}, pushed`);
  });

  test('an image that is gone, and one of another model than the deployment asks for', () => {
    expect(linesOf({ registry: { state: 'gone', why: 'it is not in r' } }).size).toBe('gone: it is not in r');
    const model = { ...record.model, wanted: 'other/model' } as ImageRecord['model'];
    expect(linesOf({ model }).model).toMatch(/; the deployment asks for other\/model$/);
  });
});
