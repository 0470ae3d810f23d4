import { deployRun, planRun } from '../../../rehearsal/stage';
import { restart } from '../../../operate/restart';
import type { ReleaseContext } from '../../../release/ports/context';
import { reconcile } from '../../../release/verbs/reconcile';
import { release } from '../../../release/verbs/release';
import { rollback } from '../../../release/verbs/rollback';
import { killedAt } from './between';
import { endOf, type Engine, openEngine, percentOf, type Released } from './engine';

const healthy = ({ defences }: ReleaseContext): Partial<ReleaseContext> => ({
  defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
});
const unhealthy = ({ defences }: ReleaseContext): Partial<ReleaseContext> => ({
  defences: { ...defences, judge: () => ({ state: 'unhealthy', reasons: ['errors'] }) },
});

describe('a rollback by more than one release', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  let c: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => {
    ({ a, b } = await engine.twoReleases());
    c = await engine.release();
  });

  const onCall = (to?: string) =>
    rollback(engine.run('on-call'), { now: true, reason: 'bad since B', ...(to !== undefined && { to }) });
  const held = async () => (await engine.ledger()).holds.map(({ revision }) => revision);
  /** A merge whose image is that of an earlier one: `git revert` of all that came since. */
  const revertTo = ({ sha }: Released) =>
    engine.repository.merge('revert', { content: sha, document: `${Math.random()}` });
  const deploy = async (sha: string) => {
    const run = engine.run(`merge-${sha.slice(0, 7)}`, healthy);
    return endOf(planRun(run, sha).then((planned) => deployRun(run, sha, planned)));
  };

  test('holds what it passed over: a revert of the last merge does not bring it back', async () => {
    await onCall(a.revision);
    expect(await held()).toEqual([c.revision, b.revision]);
    expect(await deploy(await revertTo(b))).toBe('HELD, exit 3');
    expect(percentOf(engine, a.revision)).toBe(100);
  });

  test('passes over it again when the fix has to go too', async () => {
    await onCall(a.revision);
    const d = await engine.release();
    expect(await onCall()).toEqual({ from: [d.revision], to: a.revision });
  });

  test('keeps the reason for which something was held before', async () => {
    await rollback(engine.run('ada'), { now: true, reason: 'C is slow' });
    await onCall(a.revision);
    const { holds } = await engine.ledger();
    expect(holds.map(({ revision, by, reason }) => [revision, by, reason])).toEqual([
      [b.revision, engine.run('on-call').actor.by, 'bad since B'],
      [c.revision, engine.run('ada').actor.by, 'C is slow'],
    ]);
  });

  test('by one release holds nothing that is older than where it goes', async () => {
    await onCall();
    expect(await held()).toEqual([c.revision]);
    expect(await deploy(await revertTo(a))).toBe('done');
  });

  test('to what the ledger does not know holds what had traffic, and not all that ever served', async () => {
    const { ledger } = engine.run('forger');
    await ledger.update((found) => ({
      ...found!,
      releases: found!.releases.filter(({ revision }) => revision !== a.revision),
    }));
    await onCall(a.revision);
    expect(await held()).toEqual([c.revision]);
  });

  test('of a release from a laptop whose clock is a day behind goes back, and holds it', async () => {
    const sha = await engine.merge();
    const slow = engine.run('laptop', (context) => ({
      ...healthy(context),
      clock: { ...context.clock, now: () => new Date(context.clock.now().getTime() - 24 * 3600e3) },
    }));
    const planned = await planRun(slow, sha);
    await deployRun(slow, sha, planned);
    expect(await onCall()).toEqual({ from: [planned.revision], to: c.revision });
    expect(await held()).toEqual([planned.revision]);
  });
});

describe('a revision that serves by a rollback to it', () => {
  let engine: Engine;
  let c: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  // Its canary was wrong.
  beforeEach(async () => {
    await engine.twoReleases();
    const sha = await engine.merge();
    const run = engine.run('merge-c', unhealthy);
    const planned = await planRun(run, sha);
    c = { sha, revision: planned.revision };
    expect(await endOf(deployRun(run, sha, planned))).toBe('CANARY_UNHEALTHY, exit 1');
    expect((await engine.ledger()).releases[0]!.servedAt).toBeUndefined();
  });

  const serve = (context = engine.run('on-call')) =>
    rollback(context, { now: true, reason: 'the canary was wrong', to: c.revision });

  test('has served: a rollback from the next release goes back to it', async () => {
    await serve();
    const d = await engine.release();
    const bare = rollback(engine.run('on-call'), { now: true, reason: 'test' });
    expect(await bare).toEqual({ from: [d.revision], to: c.revision });
  });

  test('can be restarted', async () => {
    await serve();
    const run = engine.run('ada', healthy);
    expect(await restart(run, { reason: 'an instance hangs' })).toMatchObject({ from: c.revision });
  });

  test('is not smoke-tested as a first one by a merge that changes only documentation', async () => {
    await serve();
    const sha = await engine.repository.merge('words', { content: c.sha, document: `${Math.random()}` });
    const slow = engine.run('merge-doc', ({ defences }) => ({
      defences: { ...defences, smoke: async () => ({ passed: false, findings: ['a page took 61 s'] }) },
    }));
    const planned = await planRun(slow, sha);
    expect(await deployRun(slow, sha, planned)).toEqual({ revision: c.revision, outcome: 'unchanged' });
  });

  test('has served also where that rollback was killed, and reconcile finishes it', async () => {
    const { context, killed } = killedAt(engine.run('ada'), 'after', 'cloudRun', 'writeTraffic');
    void serve(context);
    await killed;
    await engine.settled();
    expect(await reconcile(engine.run('schedule'))).toMatchObject({ action: 'finished' });
    const [entry] = (await engine.ledger()).releases;
    expect(entry).toMatchObject({ revision: c.revision, servedAt: expect.any(String) });
  });
});

describe('a release that a killed runner left at its last write', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  test('goes back, and its intent with it, where it fails its smoke test now', async () => {
    const { b } = await engine.twoReleases();
    const sha = await engine.merge();
    const run = engine.run('merge-c', healthy);
    const planned = await planRun(run, sha);
    const { context, killed } = killedAt(run, 'before', 'cloudRun', 'writeTraffic', 4);
    void deployRun(context, sha, planned);
    await killed;
    expect((await engine.ledger()).intent).toMatchObject({ revision: planned.revision });
    const garbage = engine.run('merge-c', ({ defences }) => ({
      defences: { ...defences, smoke: async () => ({ passed: false, findings: ['garbage'] }) },
    }));
    expect(await endOf(release(garbage, { sha }))).toBe('SMOKE_FAILED, exit 1');
    const { intent, releases } = await engine.ledger();
    expect(intent).toMatchObject({ revision: b.revision, settledAt: expect.any(String) });
    expect(releases[0]).toMatchObject({ revision: planned.revision, state: 'failed', percent: 0 });
    expect(percentOf(engine, b.revision)).toBe(100);
  });
});
