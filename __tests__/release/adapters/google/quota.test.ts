import { ApiError } from '../../../../release/adapters/google/googleApi';
import type { CallApi } from '../../../../release/adapters/google/googleApi';
import { readQuota, refuseOverQuota } from '../../../../release/adapters/google/quota';
import { startRig, type Rig } from '../../../rehearsal/cloud/harness';
import { fill } from '../../../../deployments/fill';
import type { Deployment } from '../../../../domain/deployment';
import { servicePath } from '../../../../domain/names';
import { DEPLOYMENT } from '../../../constructs/deployment';

const deploymentOf = (maxInstances: number) =>
  fill<Deployment>(DEPLOYMENT, { scaling: { maxInstances }, size: { cpu: 4, memoryGib: 16 } });

/** What a release hands over, with the local cloud behind it. */
function contextOf(rig: Rig, deployment: Deployment) {
  const progress: string[] = [];
  const paths: string[] = [];
  const call = (async (api: string, { path }: { path: string }) => {
    paths.push(`${api} ${path}`);
    const { status, json } = await rig.call('GET', path);
    if (status !== 200)
      throw new ApiError(status, json.error.message as string, { where: path, remedy: 'none' });
    return { status, data: json, headers: new Headers() };
  }) as unknown as CallApi;
  return {
    progress,
    paths,
    context: { call, deployment, progress: (line: string) => void progress.push(line) },
  };
}

describe('refuseOverQuota', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ gpuQuota: 2 });
  });
  afterAll(() => rig.cloud.stop());

  test('passes in silence what fits twice', async () => {
    const { context, progress, paths } = contextOf(rig, deploymentOf(1));
    expect(await refuseOverQuota(context)).toEqual([]);
    expect(progress).toEqual([]);
    expect(paths).toHaveLength(5);
  });

  test('says what is unclear, and goes on', async () => {
    const { context, progress } = contextOf(rig, deploymentOf(2));
    expect(await refuseOverQuota(context)).toEqual(progress);
    expect(progress).toEqual([
      expect.stringContaining('NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion is 2: enough if'),
      expect.stringContaining('MemAllocPerProjectRegion is 40: enough if'),
    ]);
  });

  test('rejects a maximum over the project’s quota', async () => {
    const { context } = contextOf(rig, deploymentOf(3));
    await expect(refuseOverQuota(context)).rejects.toMatchObject({
      code: 'OVER_QUOTA',
      got: 'NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion: 3 L4 of 2; MemAllocPerProjectRegion: 48 GiB of 40',
    });
  });

  describe('with no L4 in the region', () => {
    let empty: Rig;
    beforeAll(async () => {
      empty = await startRig({ gpuQuota: 0 });
    });
    afterAll(() => empty.cloud.stop());
    const refused = { code: 'OVER_QUOTA', got: expect.stringMatching(/^NvidiaL4\S+: 1 L4 of 0$/) };
    const deployment = deploymentOf(1);
    const service = servicePath(deployment);
    /** The local cloud, but for what Cloud Run says of the service. */
    const contextWhere = (answer: () => Promise<unknown>) => {
      const { context, progress } = contextOf(empty, deployment);
      const call = ((api: string, request: { path: string }) =>
        request.path.endsWith(service) ? answer() : context.call(api as 'run', request)) as CallApi;
      return { context: { ...context, call }, progress };
    };
    const error = (status: number, info?: ApiError['info']) => () =>
      Promise.reject(new ApiError(status, 'no', { where: service, remedy: 'none' }, info));

    test('warns before the first deploy, which may bring some', async () => {
      const { context, progress } = contextOf(empty, deployment);
      expect(await refuseOverQuota(context)).toEqual(progress);
      expect(progress).toEqual([
        expect.stringMatching(/^quota: NvidiaL4\S+ is 0, .*lightonocr quota \S+ --request/),
      ]);
    });

    test('warns where Cloud Run was never on', async () => {
      const off = { reason: 'SERVICE_DISABLED', metadata: {} };
      expect(await refuseOverQuota(contextWhere(error(403, off)).context)).toHaveLength(1);
    });

    test.each([
      ['a service that is there', () => Promise.resolve({ data: {} })],
      ['a service that one may not look for', error(403)],
    ])('rejects for %s', async (_what, answer) => {
      await expect(refuseOverQuota(contextWhere(answer).context)).rejects.toMatchObject(refused);
    });
  });

  test('without the right to ask, says that nothing was checked, and goes on', async () => {
    const { context, progress } = contextOf(rig, deploymentOf(3));
    const call = (async (_api: string, { path }: { path: string }) => {
      throw new ApiError(403, 'Permission denied', { where: path, remedy: 'none' });
    }) as unknown as CallApi;
    expect(await refuseOverQuota({ ...context, call })).toEqual(progress);
    expect(progress).toHaveLength(3);
    expect(progress[0]).toMatch(/was not checked: API_403, Permission denied$/);
  });

  test('does not take a defect for an answer', async () => {
    const { context } = contextOf(rig, deploymentOf(1));
    const call = (async () => {
      throw new TypeError('a defect');
    }) as unknown as CallApi;
    await expect(readQuota({ ...context, call })).rejects.toThrow('a defect');
  });
});
