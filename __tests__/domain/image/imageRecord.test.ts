import { type Discovery, readModel, readVulnerabilities } from '../../../domain/image/imageRecord';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const WANTED = { id: 'lightonai/LightOnOCR-2-1B' };
const whole = (revision = SHA, id = WANTED.id) =>
  `Step #0 - "build": #21 41.7 ${id} at ${revision} is whole: 423 tensors, 1.87 GiB`;
const build = (log: string | undefined, substitutions: Record<string, string> = {}) => ({
  id: 'b1',
  substitutions,
  log,
});

describe('readModel', () => {
  test('is inside when the log of its build says that it is whole', () => {
    const log = `starting build "b1"\n${whole('f'.repeat(40))}\n${whole()}\nDONE`;
    expect(readModel(build(log), WANTED)).toEqual({
      state: 'inside',
      id: WANTED.id,
      revision: SHA,
      weights: '423 tensors, 1.87 GiB',
      build: 'b1',
    });
  });

  test('says what the deployment asks for where that is another model, or another revision', () => {
    expect(readModel(build(whole()), { id: 'other/model' })).toMatchObject({ wanted: 'other/model' });
    const pinned = { ...WANTED, revision: 'e'.repeat(40) };
    expect(readModel(build(whole()), pinned)).toMatchObject({ wanted: `${WANTED.id} at ${'e'.repeat(40)}` });
    expect(readModel(build(whole()), { ...WANTED, revision: SHA })).not.toHaveProperty('wanted');
  });

  test.each([
    ['no build record', undefined, 'no build record'],
    [
      'a log that cannot be read',
      build(undefined, { _MODEL_ID: 'm/x', _MODEL_REVISION: SHA }),
      `its build was to take m/x at ${SHA}, and its log cannot be read`,
    ],
    [
      'a log without the check, whatever the build was told',
      build('Successfully built', { _MODEL_ID: 'm/x', _MODEL_REVISION: '' }),
      'its build was to take m/x at the newest revision, and its log has no check of it',
    ],
    [
      'a log that says that it is not whole',
      build(`model ${WANTED.id}: model.safetensors: is missing`),
      'its build was to take no model at the newest revision, and its log has no check of it',
    ],
  ])('is not known from %s', (_, record, why) => {
    expect(readModel(record, WANTED)).toMatchObject({ state: 'not known', why });
  });
});

describe('readVulnerabilities', () => {
  const counts = [
    { severity: 'HIGH', totalCount: '12', fixableCount: '3' },
    { severity: 'CRITICAL', totalCount: '2' },
    { severity: 'SEVERITY_UNSPECIFIED', totalCount: '14', fixableCount: '3' },
  ];
  const success: Discovery = {
    analysisStatus: 'FINISHED_SUCCESS',
    continuousAnalysis: 'ACTIVE',
    lastScanTime: '2026-11-20T00:00:00Z',
  };

  test('counts by severity, gravest first, and not the sum over all of them', () => {
    expect(readVulnerabilities(success, counts)).toEqual({
      state: 'scanned',
      at: '2026-11-20T00:00:00Z',
      kept: true,
      counts: [
        { severity: 'CRITICAL', total: 2, fixable: 0 },
        { severity: 'HIGH', total: 12, fixable: 3 },
      ],
    });
  });

  test('a scan that found nothing is known to have found nothing, and one that is not kept up says so', () => {
    expect(readVulnerabilities(success, [])).toMatchObject({ state: 'scanned', counts: [] });
    const stale = { ...success, continuousAnalysis: 'INACTIVE' };
    expect(readVulnerabilities(stale, [])).toMatchObject({ kept: false });
  });

  test.each<[Discovery | undefined, string, string]>([
    [undefined, 'not scanned', 'no scan of this image'],
    [{ analysisStatus: 'PENDING' }, 'scanning', 'not ended'],
    [{ analysisStatus: 'SCANNING' }, 'scanning', 'not ended'],
    [
      { analysisStatus: 'FINISHED_UNSUPPORTED', analysisStatusError: { message: 'too large' } },
      'not scanned',
      'UNSUPPORTED: too large',
    ],
    [{ analysisStatus: 'FINISHED_FAILED' }, 'not scanned', 'FINISHED_FAILED'],
    [{}, 'not scanned', 'no status'],
  ])('no counts without a scan that ended well: %j', (discovery, state, why) => {
    const read = readVulnerabilities(discovery, counts);
    expect(read).toEqual({ state, why: expect.stringContaining(why) });
  });
});
