import { dropLease, takeLease } from '../../../domain/releases/ledger';
import { deployRun, failureOf, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';
import { ApiError } from '../../../release/adapters/google/googleApi';
import { reconcile } from '../../../release/verbs/reconcile';
import { release } from '../../../release/verbs/release';
import { rollback } from '../../../release/verbs/rollback';
import { after, before, killedAt } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

const LEASE_SECONDS = 600;

describe('reconcile', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

  const onSchedule = () => reconcile(engine.run('schedule'));
  /** When the lease of whoever died has run out. */
  const later = ({ clock }: ReleaseContext) => ({
    clock: { ...clock, now: () => new Date(clock.now().getTime() + 2 * LEASE_SECONDS * 1000) },
  });
  const muchLater = () => reconcile(engine.run('schedule', later));
  const newest = async () => (await engine.ledger()).releases[0];

  /** C's runner is killed with C at 10 %. */
  const killInCanary = async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    const { context, killed } = killedAt(engine.run('merge-c'), 'before', 'metrics', 'windowStats');
    void deployRun(context, sha, planned);
    await killed;
    expect(percentOf(engine, planned.revision)).toBe(10);
    return { sha, revision: planned.revision };
  };

  test('does nothing where nothing is under way', async () => {
    const ledger = await engine.ledger();
    expect(await onSchedule()).toMatchObject({ action: 'nothing' });
    expect(await engine.ledger()).toEqual(ledger);
  });

  describe('after a runner was killed in its canary', () => {
    let c: Released;
    beforeEach(async () => void (c = await killInCanary()));

    test("does nothing while another holder's lease is valid", async () => {
      const { generation } = engine.service();
      expect(await onSchedule()).toMatchObject({ action: 'nothing' });
      expect(engine.service().generation).toBe(generation);
      expect(percentOf(engine, c.revision)).toBe(10);
    });

    test('puts traffic back once the lease has expired', async () => {
      expect(await muchLater()).toMatchObject({ action: 'put-back' });
      expect(percentOf(engine, b.revision)).toBe(100);
      expect(engine.service().traffic).toHaveLength(1); // the tag is gone too
      expect(await newest()).toMatchObject({
        ...{ revision: c.revision, state: 'put-back' },
        cause: { code: 'RUNNER_DIED', text: 'its runner died' },
      });
    });

    test('puts traffic back at once at the end of the same job', async () => {
      expect(await reconcile(engine.run('merge-c'))).toMatchObject({ action: 'put-back' });
      expect(percentOf(engine, b.revision)).toBe(100);
    });

    test('touches no traffic after a rollback', async () => {
      await rollback(engine.run('on-call'), { to: a.revision, now: true, reason: 'test' });
      const { generation } = engine.service();
      expect(await muchLater()).toMatchObject({ action: 'superseded' });
      expect(engine.service().generation).toBe(generation);
      expect(await newest()).toMatchObject({ revision: c.revision, state: 'superseded' });
    });

    test('leaves traffic that is not what the release wrote, and says so', async () => {
      const type = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';
      await engine.byHand({ traffic: [{ type, revision: a.revision, percent: 100 }] }, 'traffic');
      expect(await endOf(muchLater())).toBe('TRAFFIC_NOT_OURS, exit 3');
      expect(percentOf(engine, a.revision)).toBe(100);
    });

    test('finishes a rollback that was killed too', async () => {
      const dying = killedAt(engine.run('on-call'), 'before', 'cloudRun', 'writeTraffic');
      void rollback(dying.context, { to: a.revision, now: true, reason: 'test' });
      await dying.killed;
      await muchLater();
      expect(percentOf(engine, a.revision)).toBe(100);
      expect(await newest()).toMatchObject({ revision: c.revision, state: 'superseded' });
    });

    test('puts traffic back also where somebody held the lease since and moved nothing', async () => {
      const { ledger, clock } = engine.run('passer-by', later);
      await ledger.update((found) => takeLease(found!, 'passer-by', clock.now(), LEASE_SECONDS)!);
      await ledger.update((found) => dropLease(found!, found!.lease!));
      expect(await onSchedule()).toMatchObject({ action: 'put-back' });
      expect(percentOf(engine, b.revision)).toBe(100);
    });

    test('is what the next apply does first', async () => {
      const planned = await planRun(engine.run('merge-d'), await engine.merge());
      expect(await endOf(applyRun(engine.run('merge-d', later), planned))).toBe('done');
      expect(percentOf(engine, b.revision)).toBe(100);
      expect((await engine.ledger()).releases[1]).toMatchObject({ revision: c.revision, state: 'put-back' });
    });

    test('lets the next deploy go on', async () => {
      await muchLater();
      const sha = await engine.merge();
      const run = engine.run('merge-d');
      expect(await endOf(deployRun(run, sha, await planRun(run, sha)))).toBe('done');
    });
  });

  describe('after Cloud Run refused a step and the way back', () => {
    const denied = new ApiError(403, 'run.services.update denied', { where: 'PATCH', remedy: 'grant it' });
    const down = new ApiError(503, 'backend error', { where: 'GET', remedy: 'none' });

    /** C gets its 10 %; from then on these calls fail. */
    const refusedAtLastStep = async (failing: Partial<ReleaseContext['cloudRun']>) => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      await applyRun(engine.run('merge-c'), planned);
      const run = engine.run('merge-c', ({ cloudRun, defences }) => {
        const port = { ...cloudRun };
        const judge = () => {
          Object.assign(port, failing);
          return { state: 'healthy', reasons: [] } as const;
        };
        return { cloudRun: port, defences: { ...defences, judge } };
      });
      return { revision: planned.revision, failure: await failureOf(release(run, { sha })) };
    };

    test('puts traffic back once it may again; until then the release says what the candidate has', async () => {
      const { revision, failure } = await refusedAtLastStep({ writeTraffic: () => Promise.reject(denied) });
      expect(failure).toMatchObject({
        code: 'NOT_PUT_BACK',
        exitCode: 3,
        where: 'PATCH',
        got: expect.stringMatching(new RegExp(`^traffic: .*${revision} 10 %`)) as string,
        remedy: `grant it; then put it back: bin/lightonocr reconcile ${engine.deployment.name}`,
      });
      expect(await onSchedule()).toMatchObject({ action: 'put-back' });
      expect(percentOf(engine, b.revision)).toBe(100);
    });

    test('says that nobody knows what the candidate has where Cloud Run does not answer', async () => {
      const { revision, failure } = await refusedAtLastStep({ service: () => Promise.reject(down) });
      expect(failure).toMatchObject({
        code: 'NOT_PUT_BACK',
        got: 'Cloud Run does not say where traffic is',
        remedy: expect.stringMatching(/^wait until that API is well; then put it back: /) as string,
      });
      expect(percentOf(engine, revision)).toBe(10);
      expect(await onSchedule()).toMatchObject({ action: 'put-back' });
    });
  });

  test('leaves what somebody gave to the revision that was left before the release', async () => {
    await rollback(engine.run('on-call'), { now: true, reason: 'test' });
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    const { context, killed } = killedAt(engine.run('merge-c'), 'after', 'cloudRun', 'writeTraffic');
    void deployRun(context, sha, planned);
    await killed;
    await engine.settled();
    const type = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';
    await engine.byHand({ traffic: [{ type, revision: b.revision, percent: 100 }] }, 'traffic');
    await engine.settled();
    expect(await endOf(muchLater())).toBe('TRAFFIC_NOT_OURS, exit 3');
    expect(percentOf(engine, b.revision)).toBe(100);
  });

  test('after the signal of a cancelled job puts traffic back', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    const cancel = new AbortController();
    const run = { ...engine.run('merge-c'), signal: cancel.signal };
    await applyRun(run, planned);
    const cancelled = before(run, 'metrics', 'windowStats', () => cancel.abort());
    await expect(release(cancelled, { sha })).rejects.toThrow();
    expect(percentOf(engine, planned.revision)).toBeGreaterThan(0);
    await reconcile(engine.run('merge-c'));
    expect(percentOf(engine, b.revision)).toBe(100);
  });

  test('at the end of a cancelled job stops what still runs of it: the shell had the signal, and not the command', async () => {
    const sha = await engine.merge();
    await applyRun(engine.run('merge-c'), await planRun(engine.run('merge-c'), sha));
    let goOn = () => undefined as void;
    const cancelled = new Promise<void>((resolve) => (goOn = resolve));
    let baking = () => undefined as void;
    const inCanary = new Promise<void>((resolve) => (baking = resolve));
    const orphan = endOf(
      release(
        before(engine.run('merge-c'), 'metrics', 'windowStats', () => (baking(), cancelled)),
        { sha },
      ),
    );
    await inCanary;
    // It goes on right after the write that puts traffic back, while both hold the lease of one job.
    const end = after(engine.run('merge-c'), 'cloudRun', 'writeTraffic', () => (goOn(), orphan));
    expect(await reconcile(end)).toMatchObject({ action: 'put-back' });
    expect(await orphan).toBe('SUPERSEDED, exit 4');
    expect(percentOf(engine, b.revision)).toBe(100);
  });

  test('finishes a rollback that was killed between ledger and traffic', async () => {
    const { context, killed } = killedAt(engine.run('on-call'), 'before', 'cloudRun', 'writeTraffic');
    void rollback(context, { now: true, reason: 'test' });
    await killed;
    expect(percentOf(engine, b.revision)).toBe(100);
    expect(await onSchedule()).toMatchObject({ action: 'finished' });
    expect(percentOf(engine, a.revision)).toBe(100);
    expect((await engine.ledger()).intent).toMatchObject({ settledAt: expect.any(String) });
  });

  test.each([
    ['moves the etag', ({ writeTraffic }: ReleaseContext['cloudRun']) => writeTraffic],
    ['moves none', () => async () => ({})],
  ])(
    'undoes no newer rollback to what serves, whose write %s, with the finish of an older one',
    async (_what, writeTraffic) => {
      const { context, killed } = killedAt(engine.run('ada'), 'before', 'cloudRun', 'writeTraffic');
      void rollback(context, { reason: 'x', now: true });
      await killed;
      const newer = engine.run('on-call', ({ cloudRun }) => ({
        cloudRun: { ...cloudRun, writeTraffic: writeTraffic(cloudRun) },
      }));
      const late = before(engine.run('schedule'), 'cloudRun', 'writeTraffic', () =>
        rollback(newer, { reason: 'well after all', now: true, to: b.revision }),
      );
      await endOf(reconcile(late));
      expect(percentOf(engine, b.revision)).toBe(100);
      expect((await engine.ledger()).intent).toMatchObject({ revision: b.revision });
    },
  );

  test('finishes a release that was killed while it gave the last share: it has served', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    const { context, killed } = killedAt(engine.run('merge-c'), 'before', 'cloudRun', 'writeTraffic', 4);
    void deployRun(context, sha, planned);
    await killed;
    expect(await muchLater()).toMatchObject({ action: 'finished' });
    expect(percentOf(engine, planned.revision)).toBe(100);
    expect(await newest()).toMatchObject({ state: 'served', servedAt: expect.any(String) });
  });

  test('after a runner was killed between an apply that undid a rollback and its check puts the rollback back', async () => {
    const planned = await planRun(engine.run('merge-c'), await engine.merge());
    const onCall = killedAt(engine.run('on-call'), 'after', 'cloudRun', 'writeTraffic');
    const dying = killedAt(engine.run('merge-c'), 'after', 'terraform', 'apply');
    const context = before(dying.context, 'terraform', 'apply', () => {
      void rollback(onCall.context, { now: true, reason: 'test' });
      return onCall.killed.then(engine.settled);
    });
    void applyRun(context, planned);
    await dying.killed;
    expect(percentOf(engine, b.revision)).toBe(100);
    await muchLater();
    expect(percentOf(engine, a.revision)).toBe(100);
  });
});
