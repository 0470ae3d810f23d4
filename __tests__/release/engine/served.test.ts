import { Failure } from '../../../domain/failure';
import { REVISION } from '../../../domain/releases/traffic';
import { deployRun, planRun } from '../../../rehearsal/stage';
import type { Service } from '../../../release/adapters/google/cloudRun';
import type { ReleaseContext } from '../../../release/ports/context';
import { ApiError } from '../../../release/adapters/google/googleApi';
import { plan } from '../../../release/verbs/plan';
import { release } from '../../../release/verbs/release';
import { rollback } from '../../../release/verbs/rollback';
import { before, killedAt } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

/** What the cloud asks for, serves and says are three things; and a runner may die with any of them undone. */
describe('traffic that is asked for', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

  const toA = { reason: 'test', now: true };
  /** The cloud's answers, changed until `until` says so; counts the traffic writes. */
  const seen = (change: (service: Service) => Service, until: (writes: number, reads: number) => boolean) => {
    const count = { writes: 0, reads: 0 };
    const run = engine.run('on-call', ({ cloudRun }) => ({
      cloudRun: {
        ...cloudRun,
        async service() {
          const service = (await cloudRun.service())!;
          return until(count.writes, ++count.reads) ? service : change(service);
        },
        writeTraffic(traffic, etag) {
          count.writes++;
          return cloudRun.writeTraffic(traffic, etag);
        },
      },
    }));
    return { run, count };
  };

  test('and was lost is asked for again', async () => {
    const wanted = [{ type: REVISION, revision: a.revision, percent: 100 }];
    // An earlier write: the service says A, B is served, and nothing is on its way.
    const { run, count } = seen(
      (service) => ({ ...service, traffic: wanted, reconciling: false }),
      (writes) => writes > 0,
    );
    expect(await endOf(rollback(run, { ...toA, to: a.revision }))).toBe('done');
    expect(count.writes).toBe(1);
    expect(percentOf(engine, a.revision)).toBe(100);
  });

  test('is not waited for longer because a new revision is still starting', async () => {
    const { run } = seen(
      (service) => ({ ...service, reconciling: true }),
      () => false,
    );
    expect(await endOf(rollback(run, { ...toA, to: a.revision }))).toBe('done');
  });

  test('counts as moved when the operation fails over something else', async () => {
    const run = engine.run('on-call', ({ cloudRun }) => ({
      cloudRun: { ...cloudRun, operationError: async () => "Revision 'other' is not ready" },
    }));
    expect(await endOf(rollback(run, { ...toA, to: a.revision }))).toBe('done');
  });

  test('rejects an operation that fails and moves nothing, with its reason', async () => {
    const run = engine.run('on-call', ({ cloudRun }) => ({
      cloudRun: {
        ...cloudRun,
        operationError: async () => 'quota exceeded',
        service: async () => ({
          ...(await cloudRun.service())!,
          trafficStatuses: [{ type: REVISION, revision: b.revision, percent: 100 }],
        }),
      },
    }));
    await expect(rollback(run, { ...toA, to: a.revision })).rejects.toMatchObject({
      code: 'TRAFFIC_REFUSED',
      message: expect.stringContaining('quota exceeded') as string,
      exitCode: 3,
    });
  });

  test("never smoke-tests stable for want of the candidate's URL", async () => {
    const urls: string[] = [];
    const withoutUrls = (service: Service): Service => ({
      ...service,
      trafficStatuses: service.trafficStatuses.map(({ uri: _uri, ...status }) => status),
    });
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    await applyRun(engine.run('merge-c'), planned);
    const { run } = seen(withoutUrls, (writes, reads) => writes > 0 && reads > 4);
    const { smoke } = run.defences;
    const watched: ReleaseContext = {
      ...run,
      defences: {
        ...run.defences,
        smoke: (context, audience, url) => (urls.push(url), smoke(context, audience, url)),
      },
    };
    expect(await endOf(release(watched, { sha }))).toBe('done');
    expect(urls).toEqual([expect.stringContaining('/c-')]);
  });
});

describe('a release that comes back', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

  /** Killed after it has written traffic so often: the tag, 10 %, 100 %, and that without the tag. Nothing is judged on the way. */
  const kill = async (fault: string | undefined, writes: number) => {
    const sha = await engine.merge(fault);
    const planned = await planRun(engine.run('merge-c'), sha);
    const unjudged = engine.run('merge-c', ({ defences }) => ({
      defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
    }));
    const { context, killed } = killedAt(unjudged, 'after', 'cloudRun', 'writeTraffic', writes);
    void deployRun(context, sha, planned);
    await killed;
    return { sha, planned };
  };

  test('with all traffic on the candidate still has a stable to go back to', async () => {
    const { sha, planned } = await kill('errors-after:4', 3);
    expect(percentOf(engine, planned.revision)).toBe(100);
    const failure = await endOf(release(engine.run('merge-c'), { sha }));
    expect(failure).toMatch(/^(SMOKE_FAILED|CANARY_UNHEALTHY), exit 1$/);
    expect(percentOf(engine, b.revision)).toBe(100);
  });

  test('as a rerun of the whole job goes on at once', async () => {
    const { sha, planned } = await kill(undefined, 2);
    expect(percentOf(engine, planned.revision)).toBe(10);
    expect(await endOf(deployRun(engine.run('merge-c'), sha, planned))).toBe('done');
    expect(percentOf(engine, planned.revision)).toBe(100);
  });

  test('outlives a bad minute of the ledger', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    await applyRun(engine.run('merge-c'), planned);
    let isBad = false;
    let failed = 0;
    const run = engine.run('merge-c', ({ ledger, deployment }) => ({
      deployment: { ...deployment, release: { ...deployment.release, leaseSeconds: 30 } },
      ledger: {
        ...ledger,
        async update(change) {
          if (!isBad) return ledger.update(change);
          failed++;
          throw new ApiError(503, 'try later', { where: ledger.url, remedy: 'again' });
        },
      },
    }));
    // While the metrics are read only the heartbeat writes: two of its renewals fail, and the third one lands.
    const meanwhile = before(run, 'metrics', 'windowStats', async () => {
      isBad = true;
      while (failed < 2) await run.clock.sleep(1);
      isBad = false;
      const { expiresAt } = (await engine.ledger()).lease!;
      while ((await engine.ledger()).lease!.expiresAt === expiresAt) await run.clock.sleep(1);
    });
    expect(await endOf(release(meanwhile, { sha }))).toBe('done');
    expect(percentOf(engine, planned.revision)).toBe(100);
  });

  test('goes back when an API fails for good', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    const denied = new ApiError(403, 'monitoring.timeSeries.list denied', { where: 'x', remedy: 'y' });
    const run = before(engine.run('merge-c'), 'metrics', 'windowStats', () => Promise.reject(denied));
    await expect(deployRun(run, sha, planned)).rejects.toMatchObject({
      code: 'RELEASE_BROKEN',
      message: expect.stringContaining('denied') as string,
      exitCode: 1,
    });
    expect(percentOf(engine, b.revision)).toBe(100);
    expect((await engine.ledger()).holds).toEqual([]);
  });

  test('leaves alone what is moved by hand during its canary', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    const toA = { traffic: [{ type: REVISION, revision: a.revision, percent: 100 }] };
    const run = before(engine.run('merge-c'), 'metrics', 'windowStats', async () => {
      await engine.byHand(toA, 'traffic');
      await engine.settled();
    });
    await applyRun(run, planned);
    expect(await endOf(release(run, { sha }))).toBe('TRAFFIC_MOVED_BY_HAND, exit 3');
    expect(percentOf(engine, a.revision)).toBe(100);
  });

  test('leaves alone what was moved by hand, and writes nothing', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    await engine.byHand({ traffic: [{ type: REVISION, revision: a.revision, percent: 100 }] }, 'traffic');
    await engine.settled();
    const { generation } = engine.service();
    expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('TRAFFIC_MOVED_BY_HAND, exit 3');
    expect(engine.service().generation).toBe(generation);
    expect(engine.revisions()).not.toContain(planned.revision);
  });
});

describe('a service that Terraform does not know', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  test('stops the plan with the import that mends it', async () => {
    await engine.twoReleases();
    const sha = await engine.merge();
    const run = engine.run('merge-c');
    const { digest } = await (await import('../../../release/verbs/build')).build(run, { sha });
    // The state was lost: Terraform plans a create.
    const show = async (directory: string, file: string) => {
      const json = await run.terraform.show(directory, file);
      const create = (change: { change: object }) => ({
        ...change,
        change: { ...change.change, actions: ['create'] },
      });
      return { ...json, resource_changes: (json.resource_changes ?? []).map(create) } as never;
    };
    const failure = await plan({ ...run, terraform: { ...run.terraform, show } }, { sha, digest }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: 'SERVICE_NOT_IN_STATE',
      exitCode: 3,
      remedy: expect.stringContaining('import google_cloud_run_v2_service.ocr projects/') as string,
    });
  });
});
