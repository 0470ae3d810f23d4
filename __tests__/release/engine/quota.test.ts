import { bucketName } from '../../../domain/names';
import { failureOf } from '../../../rehearsal/stage';
import { build } from '../../../release/verbs/build';
import { plan } from '../../../release/verbs/plan';
import { type Engine, openEngine } from './engine';

describe('a project that is too small', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine({ cloud: { quota: { vcpu: 1, memoryGib: 40 } } })));
  afterAll(() => engine.stop());
  const digest = `sha256:${'a'.repeat(64)}`;

  test('is told so before a build: nothing is uploaded, nothing submitted', async () => {
    const sha = await engine.merge();
    const failure = await failureOf(build(engine.run('merge'), { sha }));
    const { size, scaling } = engine.deployment;
    expect(failure).toMatchObject({
      code: 'OVER_QUOTA',
      exitCode: 2,
      got: `CpuAllocPerProjectRegion: ${size.cpu * scaling.maxInstances} vCPU of 1`,
    });
    expect(engine.cloud.storage.list(bucketName(engine.deployment, 'sources'))).toEqual([]);
  });

  test.each([false, true])('and before a plan, of a pull request: %s', async (pullRequest) => {
    const sha = await engine.merge();
    const failure = await failureOf(plan(engine.run('plan'), { sha, digest, pullRequest }));
    expect(failure).toMatchObject({ code: 'OVER_QUOTA' });
  });

  test('not where the API may not be asked: that is said, and no pass', async () => {
    const said: string[] = [];
    const sha = await engine.merge();
    const context = engine.run('merge', ({ call }) => ({
      progress: (line) => void said.push(line),
      call: (api, request) => call(api, api === 'cloudquotas' ? { path: '/v1/forbidden' } : request),
    }));
    expect((await build(context, { sha })).outcome).toBe('built');
    expect(said.filter((line) => line.includes('was not checked: API_404'))).toHaveLength(3);
  });
});

test('what is unclear stands in the review that a person approves', async () => {
  const engine = await openEngine({ cloud: { gpuQuota: 1 } });
  const sha = await engine.merge();
  const { digest } = await build(engine.run('merge'), { sha });
  const { review } = await plan(engine.run('plan'), { sha, digest });
  expect(review).toMatch(
    /^quota: NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion is 1: enough if .*stale/m,
  );
  await engine.stop();
});

test('no L4 before the first deploy is said, and refused by Google alone', async () => {
  const engine = await openEngine({ cloud: { gpuQuota: 0 } });
  const said: string[] = [];
  const context = engine.run('merge', () => ({ progress: (line) => void said.push(line) }));
  expect((await build(context, { sha: await engine.merge() })).outcome).toBe('built');
  expect(said.join()).toMatch(/NvidiaL4\w+ is 0, and there is no service yet/);
  await engine.stop();
});
