import { loadDeployment } from '../../deployments/load';
import type { Deployment } from '../../domain/deployment';
import { followLogs } from '../../operate/followLogs';
import { cloudRunLogs, type LogQuery, type Logs } from '../../operate/logs';
import { ApiError } from '../../release/adapters/google/googleApi';
import { openRelease } from '../../release/open';
import { type Json, type Rig, startRig } from '../rehearsal/cloud/harness';

const DEPLOYMENT: Deployment = { ...loadDeployment('rehearsal'), project: 'p', service: 's' };

describe('followLogs', () => {
  let rig: Rig;
  let logs: Logs;
  beforeEach(async () => {
    rig = await startRig({ start: Date.parse('2026-11-25T12:00:00Z') });
    const environment = { accessToken: 'x', terraformEnvironment: {} };
    logs = cloudRunLogs(
      openRelease({ deployment: DEPLOYMENT, endpoint: rig.cloud.url, environment }).call,
      DEPLOYMENT,
    );
  });
  afterEach(() => rig.cloud.stop());

  const now = () => rig.clock.now().getTime();
  const write = (text: string, secondsAgo = 0, more: Json = {}) =>
    rig.call('POST', '/v2/entries:write', {
      logName: 'projects/p/logs/run.googleapis.com%2Fstderr',
      resource: {
        type: 'cloud_run_revision',
        labels: { service_name: 's', location: DEPLOYMENT.region, revision_name: 's-a' },
      },
      entries: [{ timestamp: new Date(now() - secondsAgo * 1000).toISOString(), textPayload: text, ...more }],
    });

  /** Follows through looks: before each but the first something happens; after the last one it is broken off. */
  async function follow(happens: readonly (() => unknown)[], query: Partial<LogQuery> = {}, from = logs) {
    const stop = new AbortController();
    const shown: string[][] = [];
    const said: string[] = [];
    const pauses: number[] = [];
    const sleep = async (seconds: number) => {
      await rig.clock.sleep(seconds);
      const next = happens[pauses.push(seconds) - 1];
      if (!next) stop.abort();
      await next?.();
      stop.signal.throwIfAborted();
    };
    await followLogs(
      from,
      { from: new Date(now() - 3_600_000), ...query },
      {
        clock: { now: rig.clock.now, sleep },
        signal: stop.signal,
        show: (entries) => shown.push(entries.map(({ text }) => text)),
        progress: (line) => said.push(line),
      },
    );
    return { shown, said, pauses };
  }

  test('shows what was there and what comes, each line once, in order', async () => {
    await write('old', 100);
    await write('older', 200);
    const { shown, pauses } = await follow([
      () => write('new'),
      () => undefined,
      async () => (await write('b', 1), await write('a', 2)),
    ]);
    expect(shown).toEqual([['older', 'old'], ['new'], ['a', 'b']]);
    expect(new Set(pauses)).toEqual(new Set([3]));
  });

  test('shows what comes late, and two lines of the very same time', async () => {
    await write('first');
    const at = rig.clock.now().toISOString();
    const { shown } = await follow([
      () => write('late', 250),
      () => write('same', 0, { timestamp: at, insertId: 'x' }),
      () => write('same', 0, { timestamp: at, insertId: 'y' }),
    ]);
    expect(shown).toEqual([['first'], ['late'], ['same'], ['same']]);
  });

  test('what comes later than that is the limit of it', async () => {
    await write('first');
    const { shown } = await follow([() => write('lost', 301 + 3)]);
    expect(shown).toEqual([['first']]);
  });

  test('a line that claims to be of the future hides nothing', async () => {
    await write('tomorrow', -3600);
    const { shown } = await follow([() => write('today')]);
    expect(shown).toEqual([['tomorrow'], ['today']]);
  });

  test('a limit is for what was there before: the rest of it does not come back as late', async () => {
    for (let line = 0; line < 10; line++) await write(`old ${line}`, 100 - line);
    const { shown } = await follow([() => Promise.all([write('x'), write('y', -1)]), () => undefined], {
      limit: 2,
    });
    expect(shown).toEqual([
      ['old 8', 'old 9'],
      ['x', 'y'],
    ]);
  });

  test('more lines than a page holds between two looks all come', async () => {
    const burst = async () => {
      const entries = Array.from({ length: 2100 }, (_, index) => ({
        insertId: `${index}`,
        textPayload: `${index}`,
      }));
      await rig.call('POST', '/v2/entries:write', {
        logName: 'projects/p/logs/run.googleapis.com%2Fstdout',
        resource: { type: 'cloud_run_revision', labels: { service_name: 's', location: DEPLOYMENT.region } },
        entries,
      });
    };
    const { shown } = await follow([burst], { limit: 5 });
    expect(shown.flat()).toHaveLength(2100);
  });

  test('a read that fails for a passing reason is tried again, later each time, and nothing is lost', async () => {
    let fails = 0;
    const flaky: Logs = {
      read: (query) =>
        fails-- > 0
          ? Promise.reject(new ApiError(429, 'Quota exceeded', { where: 'logging', remedy: 'wait' }))
          : logs.read(query),
    };
    await write('first');
    const { shown, said, pauses } = await follow(
      [async () => (await write('meanwhile'), (fails = 2)), () => undefined, () => undefined],
      {},
      flaky,
    );
    expect(shown).toEqual([['first'], ['meanwhile']]);
    expect(pauses).toEqual([3, 6, 12, 3]);
    expect(said).toEqual([expect.stringMatching(/Quota exceeded.*6 s$/), expect.stringMatching(/12 s$/)]);
  });

  test('rejects where trying again does not help', async () => {
    const refused: Logs = {
      read: () => Promise.reject(new ApiError(403, 'Permission denied', { where: 'logging', remedy: 'ask' })),
    };
    await expect(follow([() => undefined], {}, refused)).rejects.toMatchObject({ code: 'API_403' });
  });
});
