import { type Rig, startRig } from './harness';

const QUOTAS = '/v1/projects/p/locations/global/services/run.googleapis.com/quotaInfos';

describe('quotaRoutes', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ gpuQuota: 5, quota: { vcpu: 24, memoryGib: 96 } });
  });
  afterAll(() => rig.cloud.stop());

  test('answers in the API’s units: bytes, thousandths of a vCPU, an int64 as text', async () => {
    const valueOf = async (id: string) =>
      (await rig.call('GET', `${QUOTAS}/${id}`)).json.dimensionsInfos[0].details.value as string;
    expect(await valueOf('MemAllocPerProjectRegion')).toBe('103079215104');
    expect(await valueOf('CpuAllocPerProjectRegion')).toBe('24000');
    expect(await valueOf('NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion')).toBe('5');
  });

  test('lists a service’s quotas by pages', async () => {
    const first = (await rig.call('GET', `${QUOTAS}?pageSize=3`)).json;
    const second = (await rig.call('GET', `${QUOTAS}?pageSize=3&pageToken=${first.nextPageToken}`)).json;
    expect([first.quotaInfos.length, second.quotaInfos.length]).toEqual([3, 3]);
  });

  test('rejects a quota that there is not with 404', async () => {
    expect((await rig.call('GET', `${QUOTAS}/None`)).json.error).toMatchObject({ code: 404 });
  });
});
