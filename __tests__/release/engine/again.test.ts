import { nextSteps } from '../../../domain/service/verification';
import { look } from '../../../operate/doctor/look';
import { traffic } from '../../../operate/doctor/traffic';
import { verify } from '../../../operate/verify';
import { servicePath } from '../../../domain/names';
import { deployRun, failureOf, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';
import { release } from '../../../release/verbs/release';
import { rollback } from '../../../release/verbs/rollback';
import { killedAt } from './between';
import { restart } from '../../../operate/restart';
import { applyRun, endOf, type Engine, openEngine, percentOf } from './engine';

const healthy = ({ defences }: ReleaseContext): Partial<ReleaseContext> => ({
  defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
});

/** What has all traffic without having passed anything is not taken for good when a command is run again. */
describe('a first revision that was never proven', () => {
  let engine: Engine;
  beforeEach(async () => void (engine = await openEngine()));
  afterEach(() => engine.stop());

  const deploy = async (sha: string, name: string) => {
    const run = engine.run(name, healthy);
    return deployRun(run, sha, await planRun(run, sha), { initLedger: true });
  };

  test('fails the second time as the first', async () => {
    const sha = await engine.merge('garbage');
    expect(await endOf(deploy(sha, 'one'))).toBe('FIRST_RELEASE_FAILED, exit 3');
    expect(await endOf(deploy(sha, 'two'))).toBe('FIRST_RELEASE_FAILED, exit 3');
  });

  test('is smoke-tested after two applies too', async () => {
    const sha = await engine.merge('garbage');
    const planned = await planRun(engine.run('one'), sha);
    await applyRun(engine.run('one'), planned, { initLedger: true });
    await applyRun(engine.run('two'), planned);
    expect(await endOf(release(engine.run('three'), { sha }))).toBe('FIRST_RELEASE_FAILED, exit 3');
  });

  test('is not where a rollback goes', async () => {
    await endOf(deploy(await engine.merge('garbage'), 'one'));
    expect(await endOf(deploy(await engine.merge(), 'two'))).toBe('done');
    const bare = rollback(engine.run('on-call'), { now: true, reason: 'test' });
    expect(await endOf(bare)).toBe('NO_EARLIER_REVISION, exit 3');
  });
});

describe('a service that was deleted by hand', () => {
  let engine: Engine;
  beforeEach(async () => void (engine = await openEngine()));
  afterEach(() => engine.stop());

  const deleteAndPlan = async (fault?: string, same = false) => {
    const { b } = await engine.twoReleases();
    await engine.run('hand').call('run', { method: 'DELETE', path: `/v2/${servicePath(engine.deployment)}` });
    const sha = same ? b.sha : await engine.merge(fault);
    return { sha, planned: await planRun(engine.run('again', healthy), sha) };
  };
  const deleteAndApply = async (fault?: string) => {
    const { sha, planned } = await deleteAndPlan(fault);
    await applyRun(engine.run('again', healthy), planned);
    return { sha, revision: planned.revision };
  };

  test('has one next step in verify and doctor: to release what is there', async () => {
    await deleteAndApply();
    const context = engine.run('on-call');
    const step = `bin/lightonocr release ${engine.deployment.name} --sha HEAD`;
    expect(nextSteps(engine.deployment, await verify(context))).toEqual([step]);
    const [seen] = await traffic.run({ context, look: look(context), as: 'person' });
    expect(seen).toMatchObject({ state: 'not yet', mend: step });
  });

  test('is released again as at first: nothing is there to go back to', async () => {
    const { sha, revision } = await deleteAndApply();
    expect(await release(engine.run('again', healthy), { sha })).toEqual({ revision, outcome: 'served' });
    expect(engine.service().traffic).toEqual([expect.objectContaining({ revision, percent: 100 })]);
    expect((await engine.ledger()).intent).toMatchObject({ revision });
  });

  test('is smoke-tested also with the commit that served, whose revision has the name of the old one', async () => {
    const { sha, planned } = await deleteAndPlan(undefined, true);
    await applyRun(engine.run('again', healthy), planned);
    const smoke = () => Promise.resolve({ passed: false, findings: ['reads nothing'] });
    const unwell = engine.run('again', ({ defences }) => ({ defences: { ...defences, smoke } }));
    expect(await failureOf(release(unwell, { sha }))).toMatchObject({ code: 'FIRST_RELEASE_FAILED' });
  });

  test.each([
    ['another commit', false],
    ['the commit that served', true],
  ])(
    'is gone on with where the apply of %s was killed: that LATEST serves is nobody’s doing',
    async (_what, same) => {
      const { sha, planned } = await deleteAndPlan(undefined, same);
      const { context, killed } = killedAt(engine.run('again', healthy), 'after', 'terraform', 'apply');
      void applyRun(context, planned);
      await killed;
      expect(await endOf(applyRun(engine.run('again', healthy), planned))).toBe('done');
      expect(await release(engine.run('again', healthy), { sha })).toMatchObject({
        revision: planned.revision,
      });
    },
  );

  test('and fails as at first', async () => {
    const { sha } = await deleteAndApply('garbage');
    const failure = await failureOf(release(engine.run('again', healthy), { sha }));
    expect(failure).toMatchObject({ code: 'FIRST_RELEASE_FAILED', exitCode: 3 });
    expect((await engine.ledger()).releases[0]).toMatchObject({ state: 'failed' });
  });
});

describe('a restart that was killed at its last write', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  test('is left for what it was made of, and that is not held', async () => {
    const { b } = await engine.twoReleases();
    const run = engine.run('ada', healthy);
    const { context, killed } = killedAt(run, 'before', 'cloudRun', 'writeTraffic', 4);
    void restart(context, { reason: 'an instance hangs' });
    await killed;
    const { intent } = await engine.ledger();
    expect(intent?.revision).toBe(`${b.revision}-2`);
    expect(await rollback(engine.run('on-call'), { now: true, reason: 'test' })).toMatchObject({
      to: b.revision,
    });
    expect(percentOf(engine, b.revision)).toBe(100);
    expect((await engine.ledger()).holds).toEqual([]);
  });
});
