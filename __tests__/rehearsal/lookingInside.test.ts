import { lookingInside } from '../../rehearsal/lookingInside';
import { failureOf } from '../../rehearsal/stage';
import { rollback } from '../../release/verbs/rollback';
import { type Engine, openEngine } from '../release/engine/engine';

describe('lookingInside', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  const shown = async () => {
    const stage = { cloud: engine.cloud, terraform: 'TERRAFORM', directory: '/tmp/x' };
    return (await lookingInside(stage, engine.run('look'))).join('\n');
  };

  test('where nothing is left, shows no rollback', async () => {
    const text = await shown();
    expect(text).toContain(`LIGHTONOCR_ENDPOINT=${engine.cloud.url} `);
    expect(text).not.toContain('bin/lightonocr rollback');
  });

  test('from the oldest revision, shows a rollback that has somewhere to go', async () => {
    const { a, b } = await engine.twoReleases();
    await rollback(engine.run('on-call'), { reason: 'to the oldest', to: a.revision, now: true });
    const [, to] = /bin\/lightonocr rollback rehearsal --to (\S+) --reason "just looking"/.exec(
      await shown(),
    )!;
    expect(to).toBe(b.revision);
    const nowhere = await failureOf(rollback(engine.run('on-call'), { reason: 'just looking', now: true }));
    expect(nowhere?.code).toBe('NO_EARLIER_REVISION');
    await rollback(engine.run('on-call'), { reason: 'just looking', to: to!, now: true });
    expect(await engine.traffic()).toBe(`${b.revision} 100 %`);
  });
});
