import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { imageName } from '../../../domain/names';
import { failureOf } from '../../../rehearsal/stage';
import { build } from '../../../release/verbs/build';
import { ApiError } from '../../../release/adapters/google/googleApi';
import type { ReleaseContext } from '../../../release/ports/context';
import { IMAGE_FOLDER } from '../../../release/verbs/content';
import { endOf, type Engine, openEngine } from './engine';

const NOWHERE = { where: 'x', remedy: 'x' };

describe('build', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine({ real: true, cloud: { buildSeconds: 0.6 } })));
  afterAll(() => engine.stop());

  const builds = async () => {
    const { project, region } = engine.deployment;
    const path = `/v1/projects/${project}/locations/${region}/builds`;
    return ((await engine.run('look').call<{ builds: unknown[] }>('cloudbuild', { path })).data.builds ?? [])
      .length;
  };
  const tags = () => Object.values(engine.cloud.registry.tags())[0]!;

  test('builds a commit once; its tag tells the next run', async () => {
    const sha = await engine.merge();
    const before = await builds();
    const first = await build(engine.run('merge'), { sha });
    expect(first.outcome).toBe('built');
    expect(await build(engine.run('again'), { sha })).toEqual({ digest: first.digest, outcome: 'known' });
    expect(await builds()).toBe(before + 1);
    expect(tags()[sha.slice(0, 7)]).toBe(first.digest);
  });

  test('gives content that was built before the tag of the new commit, without a build', async () => {
    const sha = await engine.merge();
    const { digest } = await build(engine.run('merge'), { sha });
    const before = await builds();
    const words = await engine.repository.merge('words', { document: 'other words' });
    expect(await build(engine.run('words'), { sha: words })).toEqual({ digest, outcome: 'known' });
    expect(await builds()).toBe(before);
    expect(tags()[words.slice(0, 7)]).toBe(digest);
  });

  test('--no-cache builds what is known, every layer anew, and the content is that image from then on', async () => {
    const sha = await engine.merge();
    const first = await build(engine.run('merge'), { sha });
    const before = await builds();
    const anew = await build(engine.run('anew'), { sha, noCache: true });
    expect([anew.outcome, (await builds()) - before]).toEqual(['built', 1]);
    const { project, region } = engine.deployment;
    const path = `/v1/projects/${project}/locations/${region}/builds/${anew.build}`;
    const { data } = await engine
      .run('look')
      .call<{ substitutions: Record<string, string>; tags: string[] }>('cloudbuild', { path });
    expect(data.substitutions._NO_CACHE).toBe('true');
    expect(data.tags).toContainEqual(expect.stringMatching(/^no-cache-content-/));
    const [content] = Object.keys(tags()).filter(
      (tag) => tag.startsWith('content-') && tags()[tag] === anew.digest,
    );
    expect(content).toBeDefined();
    expect(tags()[sha.slice(0, 7)]).toBe(anew.digest);
    expect(anew.digest).not.toBe(first.digest);
  });

  describe('an image whose tags another one takes keeps a tag, and so is not deleted', () => {
    const tagsOf = (digest: string) => Object.keys(tags()).filter((tag) => tags()[tag] === digest);
    const kept = (digest: string) => [`kept-${digest.slice(7, 19)}`];

    test('with --no-cache', async () => {
      const sha = await engine.merge();
      const { digest } = await build(engine.run('merge'), { sha });
      await build(engine.run('anew'), { sha, noCache: true });
      expect(tagsOf(digest)).toEqual(kept(digest));
    });

    test('pushed by hand under the commit that is built', async () => {
      const sha = await engine.merge();
      const name = imageName(engine.deployment);
      const digest = engine.cloud.registry.push({ name, tags: [sha.slice(0, 7)], entrypoint: [], env: {} });
      await build(engine.run('anew'), { sha, noCache: true });
      expect(tagsOf(digest)).toEqual(kept(digest));
    });

    test('when the build with --no-cache was killed before its end, and the commit is what it was', async () => {
      const sha = await engine.merge();
      const { digest } = await build(engine.run('merge'), { sha });
      const killed = engine.run('killed', ({ registry }) => ({
        registry: {
          ...registry,
          tag: (tag, ...rest) =>
            tag.startsWith('content-') ? Promise.reject(new Error('killed')) : registry.tag(tag, ...rest),
        },
      }));
      await expect(build(killed, { sha, noCache: true })).rejects.toThrow('killed');
      const anew = tags()[sha.slice(0, 7)]!;
      expect((await build(engine.run('again'), { sha })).digest).toBe(digest);
      expect([anew === digest, tagsOf(anew)]).toEqual([false, kept(anew)]);
    });
  });

  test.each([
    ['goes on when the command is stopped', false, 'WORKING'],
    ['is cancelled with the command when asked', true, 'CANCELLED'],
  ])('%s', async (_what, cancelOnExit, status) => {
    const sha = await engine.merge();
    const stop = new AbortController();
    const lines: string[] = [];
    const context = engine.run('stopped', () => ({
      signal: stop.signal,
      progress: (line) => {
        lines.push(line);
        if (line.includes('WORKING')) stop.abort();
      },
    }));
    await expect(build(context, { sha, cancelOnExit })).rejects.toMatchObject({ name: 'AbortError' });
    const [, id] = /build (\S+) submitted/.exec(lines.join('\n'))!;
    const { project, region } = engine.deployment;
    const path = `/v1/projects/${project}/locations/${region}/builds/${id}`;
    expect((await engine.run('look').call<{ status: string }>('cloudbuild', { path })).data.status).toBe(
      status,
    );
    expect(lines.at(-1)).toContain(cancelOnExit ? 'is cancelled' : 'goes on');
  });

  describe('where Cloud Build answers with a fault that passes', () => {
    /** Submissions that are answered with 503, after they have landed or before. */
    const submitsBadly = (lands: boolean) => {
      const faults = [503, 429];
      return engine.run('merge', ({ call }) => ({
        async call(api, request) {
          const isSubmission = api === 'cloudbuild' && request.method === 'POST';
          const status = isSubmission ? faults.shift() : undefined;
          if (status === undefined || lands) {
            const answer = await call<never>(api, request);
            if (status === undefined) return answer;
          }
          throw new ApiError(status, 'try again', NOWHERE);
        },
      }));
    };

    test.each([
      ['joins the build that its submission began all the same', true],
      ['submits again', false],
    ])('%s', async (_what, lands) => {
      const before = await builds();
      const sha = await engine.merge();
      expect(await build(submitsBadly(lands), { sha })).toMatchObject({ outcome: 'built' });
      expect((await builds()) - before).toBe(1);
    });
  });

  describe('called twice at once for a commit', () => {
    /** Neither goes on before both have looked for a build to join. */
    const twice = async (change: (context: ReleaseContext) => Partial<ReleaseContext> = () => ({})) => {
      const sha = await engine.merge();
      const before = await builds();
      let looked = 0;
      let bothLooked = () => undefined as void;
      const barrier = new Promise<void>((resolve) => (bothLooked = resolve));
      const run = (name: string) => {
        const context = engine.run(name, change);
        const call: ReleaseContext['call'] = async (api, request) => {
          const answer = await context.call<never>(api, request);
          if (api !== 'cloudbuild' || request.query?.filter === undefined) return answer;
          if (++looked === 2) bothLooked();
          await barrier;
          return answer;
        };
        // Time enough between two looks for the other to submit, and less than a build takes.
        return { ...context, call, clock: { ...context.clock, sleep: () => engine.clock.sleep(0.2) } };
      };
      const ended = await Promise.all([build(run('one'), { sha }), build(run('other'), { sha })]);
      return { digests: new Set(ended.map(({ digest }) => digest)).size, builds: (await builds()) - before };
    };

    test('builds once: the second joins', async () => {
      expect(await twice()).toEqual({ digests: 1, builds: 1 });
    });

    test('builds once where Cloud Storage says 403 to who may not overwrite the source', async () => {
      const mayNotOverwrite = ({ storage }: ReleaseContext) => ({
        storage: {
          ...storage,
          create: async (...args: Parameters<typeof storage.create>) => {
            if (await storage.create(...args)) return true;
            throw new ApiError(403, 'storage.objects.delete', NOWHERE);
          },
        },
      });
      expect(await twice(mayNotOverwrite)).toEqual({ digests: 1, builds: 1 });
    });

    test('would build twice if the source were not created once', async () => {
      const careless = ({ storage }: ReleaseContext) => ({
        storage: {
          ...storage,
          create: (...args: Parameters<typeof storage.create>) => storage.create(...args).then(() => true),
        },
      });
      expect(await twice(careless)).toEqual({ digests: 1, builds: 2 });
    });
  });

  test('rejects a commit that git does not know', async () => {
    expect(await endOf(build(engine.run('x'), { sha: 'abcdef0123' }))).toBe('UNKNOWN_SHA, exit 2');
  });

  test('rejects a build that failed, with its reason; the next run builds again', async () => {
    await rm(join(engine.repository.directory, IMAGE_FOLDER, 'Dockerfile'));
    const sha = await engine.repository.merge('no Dockerfile', { document: 'gone' });
    const before = await builds();
    const failure = await failureOf(build(engine.run('x'), { sha }));
    expect(failure).toMatchObject({ code: 'BUILD_FAILED', exitCode: 1 });
    // Once as the build's reason, once as the failing step's last line, out of the bucket of the logs.
    expect(failure!.message).toMatch(/failed in the step build: .*Dockerfile.*\n {2}unable to .*Dockerfile/);
    expect(await endOf(build(engine.run('x'), { sha }))).toBe('BUILD_FAILED, exit 1');
    expect(await builds()).toBe(before + 2);
  });
});
