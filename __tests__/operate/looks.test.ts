import { revisionTable } from '../../bin/lookTables';
import { history } from '../../operate/history';
import { revisions } from '../../operate/revisions';
import { rollback } from '../../release/verbs/rollback';
import { type Engine, openEngine, type Released } from '../release/engine/engine';

describe('revisions and history of a service that was released twice and rolled back', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => {
    engine = await openEngine();
    ({ a, b } = await engine.twoReleases());
  });
  afterAll(() => engine.stop());

  test('before: B is stable and intended, A served', async () => {
    const { exists, ledger, revisions: rows } = await revisions(engine.run('look'));
    expect([exists, ledger]).toEqual([true, 'read']);
    expect(rows).toMatchObject([
      {
        revision: b.revision,
        roles: ['stable', 'intent'],
        percent: 100,
        sha: b.sha,
        state: 'served',
        ready: 'yes',
      },
      {
        revision: a.revision,
        roles: [],
        percent: 0,
        sha: a.sha,
        state: 'served',
        servedAt: expect.any(String),
      },
    ]);
    expect(rows[0]!.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(Date.parse(rows[0]!.createdAt!)).toBeGreaterThanOrEqual(Date.parse(rows[1]!.createdAt!));
  });

  test('after: A is, B is held, and the history says who, why and what was before', async () => {
    await rollback(engine.run('ada'), { reason: 'tables come out empty', now: true });
    const { revisions: rows } = await revisions(engine.run('look'));
    expect(rows).toMatchObject([
      { revision: b.revision, roles: [], percent: 0, held: 'tables come out empty' },
      { revision: a.revision, roles: ['stable', 'intent'], percent: 100 },
    ]);
    const events = await history(engine.run('look'));
    expect(events.map(({ at }) => at)).toEqual(
      events
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    const intended = events.filter(({ kind }) => kind === 'intent');
    expect(intended.map(({ revision }) => revision)).toEqual([a.revision, b.revision, a.revision]);
    expect(intended[0]).toMatchObject({ by: 'ada', reason: 'tables come out empty' });
    expect(events.filter(({ kind }) => kind === 'release')).toMatchObject([
      { what: `release ${b.sha.slice(0, 7)}`, outcome: expect.stringMatching(/^served, (\d+ min )?\d+ s$/) },
      { what: `release ${a.sha.slice(0, 7)}` },
    ]);
    expect(events.some(({ kind, revision }) => kind === 'hold' && revision === b.revision)).toBe(true);
  });

  test('a revision whose container does not start says so in Cloud Run’s words', async () => {
    const service = engine.service() as unknown as { template: { labels: object; containers: object[] } };
    const template = {
      ...service.template,
      revision: `${engine.deployment.service}-broken`,
      labels: {},
      containers: service.template.containers.map((container) => ({
        ...container,
        env: [{ name: 'STAND_IN_FAULT', value: 'crash-at-start' }],
      })),
    };
    await engine.byHand({ template }, 'template');
    const data = await revisions(engine.run('look'));
    const [row] = data.revisions;
    expect(row).toMatchObject({
      ready: 'no',
      condition: expect.stringMatching(/Container called exit\(1\)/),
    });
    expect(row).not.toHaveProperty('state');
    expect(revisionTable(data, 1)).toContain('Container called exit(1).');
  });
});
