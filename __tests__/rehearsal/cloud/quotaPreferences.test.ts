import type { QuotaDecision } from '../../../rehearsal/cloud/quotaPreferences';
import { type Rig, startRig } from './harness';

const ALL = '/v1/projects/p/locations/global/quotaPreferences';
const L4 = 'NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion';
const INFO = `/v1/projects/p/locations/global/services/run.googleapis.com/quotaInfos/${L4}`;
const body = (preferredValue: number | string, change: object = {}) => ({
  service: 'run.googleapis.com',
  quotaId: L4,
  dimensions: { region: 'us-central1' },
  quotaConfig: { preferredValue },
  contactEmail: 'a@b.c',
  ...change,
});

describe('quotaPreferences', () => {
  let rig: Rig;
  let decision: ReturnType<QuotaDecision>;
  beforeEach(async () => {
    decision = undefined;
    rig = await startRig({ gpuQuota: 3, quotaDecision: () => decision });
  });
  afterEach(() => rig.cloud.stop());
  const ask = (change: object = {}, name = 'mine', query = 'allowMissing=true') =>
    rig.call('PATCH', `${ALL}/${name}?${query}`, body(6, change));

  test('a request is pending with the old value in force, until it is decided; the e-mail is not given back', async () => {
    const { json } = await ask();
    expect(json).toMatchObject({
      name: `${ALL.slice(4)}/mine`,
      reconciling: true,
      quotaConfig: { preferredValue: '6', grantedValue: '3', traceId: expect.any(String) },
    });
    expect(json).not.toHaveProperty('contactEmail');
    decision = { granted: 5, stateDetail: 'part of it' };
    const decided = (await rig.call('GET', `${ALL}/mine`)).json;
    expect(decided.quotaConfig).toMatchObject({ grantedValue: '5', stateDetail: 'part of it' });
    expect(decided).not.toHaveProperty('reconciling');
    expect((await rig.call('GET', ALL)).json.quotaPreferences).toEqual([decided]);
  });

  test('what is granted is the limit of that region alone', async () => {
    await ask();
    decision = { granted: 6 };
    const [own, rest] = (await rig.call('GET', INFO)).json.dimensionsInfos;
    expect(own).toEqual({
      dimensions: { region: 'us-central1' },
      details: { value: '6' },
      applicableLocations: ['us-central1'],
    });
    expect(rest.details).toEqual({ value: '3' });
    expect(rest.applicableLocations).not.toContain('us-central1');
    const other = (await rig.call('GET', INFO.replace('/p/', '/q/'))).json.dimensionsInfos;
    expect(other).toHaveLength(1);
  });

  test.each<[string, object, string, number]>([
    ['without an e-mail for more', { contactEmail: '' }, 'allowMissing=true', 400],
    ['for a quota that there is not', { quotaId: 'None' }, 'allowMissing=true', 400],
    ['without a region', { dimensions: {} }, 'allowMissing=true', 400],
    ['for less than -1', { quotaConfig: { preferredValue: -2 } }, 'allowMissing=true', 400],
    ['for much less than there is', { quotaConfig: { preferredValue: 1 } }, 'allowMissing=true', 400],
    ['that is not there, to change', {}, '', 404],
  ])('rejects a request %s', async (_what, change, query, status) => {
    expect((await ask(change, 'mine', query)).status).toBe(status);
    expect((await rig.call('GET', ALL)).json.quotaPreferences).toEqual([]);
  });

  test('rejects a second preference of the same quota and region, a stale etag, and a creation of what is there', async () => {
    await ask();
    expect((await ask({}, 'other')).json.error).toMatchObject({ code: 409, status: 'ALREADY_EXISTS' });
    expect((await ask({ etag: 'stale' })).json.error).toMatchObject({ code: 409, status: 'ABORTED' });
    expect((await rig.call('POST', `${ALL}?quotaPreferenceId=mine`, body(6))).status).toBe(409);
    expect((await ask({ dimensions: { region: 'us-east4' } })).status).toBe(400);
  });

  test('takes a permission of its own', async () => {
    rig.cloud.access.withhold('cloudquotas.quotas.update');
    expect((await ask()).status).toBe(403);
    expect((await rig.call('GET', ALL)).status).toBe(200);
  });
});
