import { verificationFailure } from '../../domain/service/verification';
import { doctor } from '../../operate/doctor';
import { history } from '../../operate/history';
import { report } from '../../operate/report/report';
import { revisions } from '../../operate/revisions';
import { scale } from '../../operate/scale';
import { verify } from '../../operate/verify';
import { planRun } from '../../rehearsal/stage';
import { release } from '../../release/verbs/release';
import { rollback } from '../../release/verbs/rollback';
import { status } from '../../release/verbs/status';
import { before } from '../release/engine/between';
import { applyRun, endOf, type Engine, openEngine, type Released } from '../release/engine/engine';

/** What `reconcile` has not written yet: every command has to read it the same way. */
describe('a release that a rollback has overtaken', () => {
  let engine: Engine;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ b } = await engine.twoReleases()));

  const person = () => engine.run('person');
  const back = () => rollback(engine.run('ada'), { to: b.revision, reason: 'tables', now: true });
  const applied = async () => {
    const sha = await engine.merge();
    const run = engine.run(`merge-${sha.slice(0, 7)}`);
    const planned = await planRun(run, sha);
    await applyRun(run, planned);
    return { sha, run, revision: planned.revision };
  };

  test('in its canary has ended, for every command', async () => {
    const { sha, run, revision } = await applied();
    const watched = before(run, 'metrics', 'windowStats', back);
    expect(await endOf(release(watched, { sha }))).toBe('SUPERSEDED, exit 4');
    expect((await engine.ledger()).releases[0]).toMatchObject({ revision, state: 'canary' });

    const superseded = { revision, state: 'superseded', reason: 'superseded by ada: tables' };
    expect((await status(person())).releases[0]).toMatchObject(superseded);
    expect((await revisions(person())).revisions[0]).toMatchObject({
      ...{ revision, roles: [], state: 'superseded', held: 'tables' },
    });
    const event = (await history(person())).find(({ kind }) => kind === 'release');
    expect(event).toMatchObject({ revision, outcome: expect.stringMatching(/^superseded/) });
    expect((await report(person())).headline).toMatch(
      / was superseded and is held since \S+ \S+Z \(tables\)/,
    );
    expect(verificationFailure(engine.deployment, await verify(person()))).toBeUndefined();
    expect((await doctor(person(), { only: ['traffic'] })).map(({ state }) => state)).toEqual(['ok']);
    expect(await endOf(scale(person(), 1, { reason: 'x', dryRun: true }))).toBe('done');
  });

  test('before its smoke test is no candidate', async () => {
    const { revision } = await applied();
    const row = async () => (await revisions(person())).revisions[0];
    expect(await row()).toMatchObject({ revision, roles: ['candidate'], state: 'applied' });
    await back();
    expect(await row()).toMatchObject({ revision, roles: [], state: 'superseded' });
  });
});
