import { report } from '../../../operate/report/report';
import { rollback } from '../../../release/verbs/rollback';
import { type Engine, openEngine, type Released } from '../../release/engine/engine';

describe('report', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

  test('has the newest release: its moves from what served before, its verdicts, the numbers of each revision', async () => {
    const found = await report(engine.run('on-call'));
    expect(found.moves[0]!.shares).toEqual([{ revision: a.revision, percent: 100 }]);
    expect(found.moves.at(-1)!.shares).toEqual([{ revision: b.revision, percent: 100 }]);
    expect(found.judgements.length).toBeGreaterThan(1);
    expect(new Set(found.judgements.map(({ revision }) => revision))).toEqual(new Set([b.revision]));
    expect(found.releases.map(({ revision }) => revision)).toContain(b.revision);
    const points = found.metrics[b.revision] ?? [];
    expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(0);
    expect(points.some(({ p95Seconds }) => p95Seconds !== undefined && p95Seconds > 0)).toBe(true);
    expect(found.gaps).toEqual([]);
  });

  test('has the rollback that took it out, although the release had ended', async () => {
    await rollback(engine.run('ada'), { reason: 'tables come out empty.', now: true });
    const { moves, decisions, headline } = await report(engine.run('on-call'));
    expect(moves.at(-1)!.shares).toEqual([{ revision: a.revision, percent: 100 }]);
    expect(decisions.at(-1)).toMatchObject({ revision: a.revision, by: 'ada' });
    expect(headline).toMatch(
      / reached 100 % at \S+ \S+Z and is held since \S+ \S+Z \(tables come out empty\)\. /,
    );
  });

  test('has the release of a commit', async () => {
    const { judgements } = await report(engine.run('on-call'), { sha: a.sha });
    expect(new Set(judgements.map(({ revision }) => revision))).toEqual(new Set([a.revision]));
  });

  test('says what it could not read', async () => {
    const blind = engine.run('on-call', ({ call }) => ({
      call: (api, request) =>
        api === 'monitoring' ? Promise.reject(new Error('403 permission denied')) : call(api, request),
    }));
    const { gaps, metrics, moves } = await report(blind);
    expect(gaps).toEqual([expect.stringContaining('403 permission denied')]);
    expect(metrics).toEqual({});
    expect(moves.length).toBeGreaterThan(1);
  });

  test('rejects a commit that was not released', async () => {
    const sha = await engine.merge();
    await expect(report(engine.run('on-call'), { sha })).rejects.toMatchObject({
      code: 'NO_RELEASE',
      exitCode: 2,
    });
  });

  test('rejects a project without a ledger', async () => {
    const empty = engine.run('on-call', ({ ledger }) => ({
      ledger: { ...ledger, read: () => Promise.resolve(undefined) },
    }));
    await expect(report(empty)).rejects.toMatchObject({ code: 'NO_LEDGER', exitCode: 3 });
  });
});
