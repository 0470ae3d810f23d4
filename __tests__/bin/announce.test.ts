import { announced } from '../../bin/announce';
import { Failure } from '../../domain/failure';
import type { ReleaseContext } from '../../release/ports/context';

const URL_WITH_SECRET = 'https://example.com/hook/very-secret';

function setUp(answer: () => Response = () => new Response('')) {
  const posted: object[] = [];
  const progress: string[] = [];
  const context = {
    deployment: { name: 'production' },
    actor: { holder: 'x', by: 'ada' },
    cloudRun: { service: async () => ({ trafficStatuses: [{ revision: 'a', percent: 100 }] }) },
    progress: (line: string) => void progress.push(line),
  } as unknown as ReleaseContext;
  const fetch = (async (_url: string, { body }: { body: string }) => {
    posted.push(JSON.parse(body) as object);
    return answer();
  }) as unknown as typeof globalThis.fetch;
  return { context, posted, progress, options: { url: URL_WITH_SECRET, reason: 'why', fetch } };
}
const done = async () => ({ text: 'all traffic is on a' });
const superseded = new Failure({
  code: 'SUPERSEDED',
  message: 'A newer one.',
  where: 'x',
  remedy: 'y',
  exitCode: 4,
});

describe('announced', () => {
  test('tells who did what and why, and what serves now', async () => {
    const { context, posted, options } = setUp();
    expect(await announced('rollback', context, options, done)).toEqual({ text: 'all traffic is on a' });
    expect(posted).toEqual([
      {
        ...{ deployment: 'production', command: 'rollback', outcome: 'done', text: 'all traffic is on a' },
        ...{ by: 'ada', reason: 'why', traffic: [{ revision: 'a', percent: 100 }] },
      },
    ]);
  });

  test.each([
    ['superseded', superseded, { outcome: 'superseded', text: 'SUPERSEDED: A newer one.' }],
    ['a defect', new TypeError('x is undefined'), { outcome: 'failed', text: 'x is undefined' }],
  ])('tells of an end with %s, which stays the end', async (_what, error, told) => {
    const { context, posted, options } = setUp();
    await expect(announced('release', context, options, () => Promise.reject(error))).rejects.toBe(error);
    expect(posted).toMatchObject([told]);
  });

  test('tells nobody of a command that only looks, and without a webhook', async () => {
    const { context, posted, options } = setUp();
    await announced('status', context, options, done);
    await announced('rollback', context, { ...options, url: undefined }, done);
    await announced('rollback', context, { ...options, url: '' }, done);
    expect(posted).toEqual([]);
  });

  test.each<[what: string, answer: () => Response, said: RegExp]>([
    ['refuses', () => new Response('', { status: 404 }), /HTTP 404/],
    [
      'cannot be reached',
      () => {
        throw new TypeError(`fetch failed for ${URL_WITH_SECRET}`);
      },
      /fetch failed/,
    ],
  ])('a webhook that %s changes nothing, and its address is not printed', async (_what, answer, said) => {
    const { context, progress, options } = setUp(answer);
    expect(await announced('rollback', context, options, done)).toEqual({ text: 'all traffic is on a' });
    expect(progress).toEqual([expect.stringMatching(said)]);
    expect(progress.join()).not.toContain('very-secret');
  });
});
