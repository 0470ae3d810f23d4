import { followBuild } from '../../../release/verbs/followBuild';
import type { ReleaseContext } from '../../../release/ports/context';
import type { Build, CloudBuild } from '../../../release/adapters/google/cloudBuild';
import { fakeClock } from '../../fixtures/clock';

const START = '2026-01-01T00:00:00.000Z';

/** A build that is at each look the next of these; its log grows with it. */
function scene(looks: readonly Partial<Build>[], logs: readonly (string | undefined)[] = []) {
  const lines: string[] = [];
  let look = 0;
  const at = (): Build => ({
    id: 'b-1',
    createTime: '2025-12-31T23:00:00.000Z', // an hour before the first look
    logsBucket: 'gs://logs',
    ...(looks[look] as { status: Build['status'] }),
  });
  const builds = {
    tagged: async () => [{ startTime: START, finishTime: '2026-01-01T00:35:00.000Z' }],
    get: async () => (look++, at()),
  } as unknown as CloudBuild;
  const storage = {
    read: async () =>
      logs[look] === undefined ? undefined : { content: Buffer.from(logs[look]!), generation: '1' },
  };
  const context = {
    clock: fakeClock(START),
    signal: new AbortController().signal,
    progress: (line: string) => void lines.push(line),
    storage,
  } as unknown as ReleaseContext;
  return { run: () => followBuild(context, builds, at()), lines };
}

describe('followBuild', () => {
  test('counts the wait for a machine apart from the work, which is what earlier builds took', async () => {
    const { run, lines } = scene([
      { status: 'QUEUED' },
      { status: 'QUEUED' },
      { status: 'WORKING', startTime: '2026-01-01T00:00:01.500Z' },
      { status: 'SUCCESS' },
    ]);
    await run();
    // The pauses are 0.5, 1 and 2 s.
    expect(lines).toEqual([
      'build b-1: QUEUED, waits for a machine since 60.0 min, typically 35.0 min',
      'build b-1: QUEUED, waits for a machine since 60.0 min, typically 35.0 min',
      'build b-1: WORKING, 0.0 min, typically 35.0 min',
    ]);
  });

  test('repeats the last line of its log when that is another one, and not one that is not there yet', async () => {
    const working = { status: 'WORKING', startTime: START } as const;
    const { run, lines } = scene(
      [{ status: 'QUEUED' }, working, working, working, { status: 'SUCCESS' }],
      [undefined, 'Step #0: pulling', 'Step #0: pulling', 'Step #0: pulling\nStep #1: model 10 %'],
    );
    await run();
    expect(lines.filter((line) => line.startsWith('  '))).toEqual(['  pulling', '  model 10 %']);
  });

  test('says of a build that failed without a log where it would be', async () => {
    const { run } = scene([{ status: 'FAILURE' }]);
    await expect(run()).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringContaining('(no log at gs://logs/log-b-1.txt)'),
    });
  });
});
