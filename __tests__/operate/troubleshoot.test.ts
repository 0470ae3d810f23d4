import { troubleshoot } from '../../operate/troubleshoot';
import { rollback } from '../../release/verbs/rollback';
import { type Engine, openEngine } from '../release/engine/engine';

describe('troubleshoot', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  test('names the revision that a rollback took out as held, and who said so', async () => {
    const { b } = await engine.twoReleases();
    const held = async () =>
      (await troubleshoot(engine.run('on-call'), { sinceSeconds: 60 })).findings.filter(
        ({ id }) => id === 'held',
      );
    expect(await held()).toEqual([]);
    await rollback(engine.run('ada'), { reason: 'tables come out empty', now: true });
    const [found, ...others] = await held();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ revision: b.revision, certainty: 'named' });
    expect(found!.evidence.map(({ text }) => text).join('\n')).toMatch(/ada.*tables come out empty/);
  });
});
