import { PLACEHOLDER_DIGEST } from '../../../domain/plan/placeholder';
import { failureOf } from '../../../rehearsal/stage';
import { build } from '../../../release/verbs/build';
import { plan } from '../../../release/verbs/plan';
import { endOf, type Engine, openEngine } from './engine';

describe('plan', () => {
  let engine: Engine;
  let sha: string;
  beforeAll(async () => {
    engine = await openEngine();
    sha = await engine.merge();
  });
  afterAll(() => engine.stop());

  test.each([
    ['one that the registry does not have', `sha256:${'a'.repeat(64)}`],
    ['the one that stands for none', PLACEHOLDER_DIGEST],
    ['a tag', 'latest'],
  ])('rejects as --digest %s, before anything is planned', async (_what, digest) => {
    let planned = false;
    const run = engine.run('plan', ({ terraform }) => ({
      terraform: { ...terraform, plan: () => ((planned = true), Promise.reject(new Error())) },
    }));
    expect(await failureOf(plan(run, { sha, digest }))).toMatchObject({
      code: 'NO_IMAGE',
      exitCode: 2,
      where: '--digest',
      got: expect.stringContaining(digest),
      remedy: expect.stringContaining(`bin/lightonocr build rehearsal --sha ${sha}`),
    });
    expect(planned).toBe(false);
  });

  test('rejects a commit that was not built; a pull request of it shows a placeholder', async () => {
    expect(await endOf(plan(engine.run('plan'), { sha }))).toBe('NO_IMAGE, exit 2');
    const { review, id } = await plan(engine.run('plan'), { sha, pullRequest: true });
    expect(review).toContain('not built yet; a placeholder stands for it');
    expect(id).toBeUndefined();
  });

  test('takes the image that was built, named by its digest or found by the commit', async () => {
    const { digest } = await build(engine.run('build'), { sha });
    const named = await plan(engine.run('plan'), { sha, digest });
    const found = await plan(engine.run('plan'), { sha });
    expect(named.fingerprint).toBe(found.fingerprint);
    expect(named.review).toContain(digest);
  });
});
