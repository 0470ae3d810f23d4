import { verificationFailure } from '../../domain/service/verification';
import { verify } from '../../operate/verify';
import { deployRun, planRun } from '../../rehearsal/stage';
import { release } from '../../release/verbs/release';
import { before } from '../release/engine/between';
import { applyRun, type Engine, openEngine } from '../release/engine/engine';

describe('verify while a release is under way', () => {
  let engine: Engine;
  const person = () => engine.run('person');
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  test('between the first apply and the first release the next step is that release', async () => {
    const sha = await engine.merge();
    const run = engine.run('merge-a');
    const planned = await planRun(run, sha);
    await applyRun(run, planned, { initLedger: true });
    const seen = await verify(person());
    expect(seen).toMatchObject({ revision: planned.revision, isReleased: true, asIntended: false });
    expect(verificationFailure(engine.deployment, seen)).toMatchObject({
      got: 'nothing has been released',
      remedy: 'bin/lightonocr release rehearsal --sha HEAD',
    });
    await release(run, { sha });
    expect(verificationFailure(engine.deployment, await verify(person()))).toBeUndefined();
  });

  test('a healthy canary is left to who runs it', async () => {
    const sha = await engine.merge();
    const run = engine.run('merge-b');
    let during: ReturnType<typeof verificationFailure>;
    const watched = before(run, 'metrics', 'windowStats', async () => {
      during = verificationFailure(engine.deployment, await verify(person()));
    });
    await deployRun(watched, sha, await planRun(run, sha));
    expect(during).toMatchObject({
      got: expect.stringMatching(/^\S*merge-b is at work until \S+ \S+Z$/),
      remedy: 'bin/lightonocr status rehearsal',
    });
  });
});
