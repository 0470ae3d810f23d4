import { loadDeployment } from '../../deployments/load';
import type { Deployment } from '../../domain/deployment';
import { cloudRunLogs, type Logs } from '../../operate/logs';
import { ApiError } from '../../release/adapters/google/googleApi';
import { openRelease } from '../../release/open';
import { type Json, type Rig, startRig } from '../rehearsal/cloud/harness';

const DEPLOYMENT: Deployment = { ...loadDeployment('rehearsal'), project: 'p', service: 's' };
const NOW = Date.parse('2026-11-25T12:00:00Z');

describe('cloudRunLogs', () => {
  let rig: Rig;
  let logs: Logs;
  const bodies: Json[] = [];
  beforeAll(async () => {
    rig = await startRig({ start: NOW, logReadsPerMinute: 1000 });
    const environment = { accessToken: 'x', terraformEnvironment: {} };
    const { call } = openRelease({ deployment: DEPLOYMENT, endpoint: rig.cloud.url, environment });
    logs = cloudRunLogs(
      (api, request) => (bodies.push(request.body as Json), call(api, request)),
      DEPLOYMENT,
    );
  });
  afterAll(() => rig.cloud.stop());
  beforeEach(() => void (bodies.length = 0));

  const write = (revision: string, entries: Json[], service = 's') =>
    rig.call('POST', '/v2/entries:write', {
      logName: 'projects/p/logs/run.googleapis.com%2Fstderr',
      resource: {
        type: 'cloud_run_revision',
        labels: { service_name: service, location: DEPLOYMENT.region, revision_name: revision },
      },
      entries,
    });
  const from = new Date(NOW - 3_600_000);
  const textsOf = async (query: Partial<Parameters<Logs['read']>[0]>) =>
    (await logs.read({ from, ...query })).entries.map(({ text }) => text);

  test('gives what an instance said and what was said of it, typed, oldest first', async () => {
    await rig.deploy('a');
    await (await rig.invoke('/v1/chat/completions?key=secret')).text();
    const { entries, more } = await logs.read({ from, revision: 's-a' });
    expect(more).toBe(false);
    const instance = entries[0]!.instance!;
    expect(instance).toMatch(/^00[0-9a-f]+$/);
    expect(entries).toMatchObject([
      { log: 'system', severity: 'INFO', text: expect.stringMatching(/^Starting new instance/), instance },
      { log: 'stdout', severity: 'DEFAULT', text: 's-a starts', revision: 's-a', instance },
      {
        log: 'system',
        severity: 'INFO',
        text: expect.stringMatching(/^STARTUP TCP probe succeeded/),
        instance,
      },
      { log: 'requests', severity: 'INFO', text: 'GET /run/s/v1/chat/completions 200 in 0 s', instance },
    ]);
    expect(entries[0]!.at).toMatch(/^2026-11-25T12:00:00\.\d{9}Z$/);
  });

  test('asks for one instance, one log, a time', async () => {
    const instance = (await logs.read({ from, revision: 's-a' })).entries[0]!.instance!;
    expect(await textsOf({ instance, logs: ['stdout'] })).toEqual(['s-a starts']);
    expect(await textsOf({ instance: '00' })).toEqual([]);
    await write('s-t', [{ timestamp: '2026-11-25T11:10:00Z', textPayload: 'early' }]);
    expect(await textsOf({ revision: 's-t', to: new Date('2026-11-25T11:09:59Z') })).toEqual([]);
    expect(await textsOf({ revision: 's-t', from: new Date('2026-11-25T11:10:01Z') })).toEqual([]);
    expect(await textsOf({ revision: 's-t' })).toEqual(['early']);
  });

  test('another service with the same revision name stays out, and one of another region', async () => {
    await write('s-o', [{ textPayload: 'other' }], 'other');
    expect(await textsOf({ revision: 's-o' })).toEqual([]);
  });

  test('finds what calls itself an error although Cloud Run gives it no severity', async () => {
    const lines = [
      '(EngineCore pid=28) INFO 06-02 00:51:39 [default_loader.py:397] Loading weights took 26.93 seconds',
      '(EngineCore pid=28) WARNING 06-02 00:51:40 [x.py:1] slow',
      '(EngineCore pid=28) ERROR 06-02 00:51:41 [core.py:1136] EngineCore failed to start.',
      'torch.OutOfMemoryError: CUDA out of memory.',
      'INFO:     127.0.0.1 - "GET /errors HTTP/1.1" 200 OK',
    ].map((textPayload, index) => ({ textPayload, insertId: String(index) }));
    await write('s-e', [
      ...lines,
      { textPayload: 'WARNING 06-02 00:51:40 told', severity: 'ERROR', insertId: '9' },
    ]);
    expect(await textsOf({ revision: 's-e', severity: 'ERROR' })).toEqual([
      lines[2]!.textPayload,
      lines[3]!.textPayload,
      'WARNING 06-02 00:51:40 told',
    ]);
    expect(await textsOf({ revision: 's-e', severity: 'WARNING' })).toHaveLength(4);
    expect(await textsOf({ revision: 's-e', severity: 'INFO' })).toHaveLength(6);
    expect(await textsOf({ revision: 's-e', severity: 'CRITICAL' })).toEqual([]);
  });

  test('reads page after page, also past an empty one, and keeps the newest of a limit', async () => {
    const noise = Array.from({ length: 2500 }, (_, index) => ({
      timestamp: new Date(NOW - 1000 - index).toISOString(),
      textPayload: `noise ${index}`,
    }));
    await write('s-n', noise);
    await write('s-p', [{ timestamp: new Date(NOW - 600_000).toISOString(), textPayload: 'needle' }]);
    expect(await textsOf({ revision: 's-p' })).toEqual(['needle']);
    expect(bodies.length).toBeGreaterThan(1);
    const { entries, more } = await logs.read({ from, revision: 's-n', limit: 3 });
    expect([entries.map(({ text }) => text), more]).toEqual([['noise 2', 'noise 1', 'noise 0'], true]);
    expect((await logs.read({ from, revision: 's-n', limit: 2500 })).more).toBe(false);
  });

  test('is broken off by its signal, and quotes names whatever they are', async () => {
    const broken = AbortSignal.abort();
    await expect(logs.read({ from, signal: broken })).rejects.toMatchObject({ name: 'AbortError' });
    const nowhere = { ...DEPLOYMENT, service: 'a"b\\c' }; // a name is quoted, whatever it is
    expect((await cloudRunLogs(openCall(), nowhere).read({ from })).entries).toEqual([]);
  });

  test('rejects with the role that is missing where the API refuses', async () => {
    const refuse = () => Promise.reject(new ApiError(403, 'no', { where: 'logging', remedy: '' }));
    await expect(cloudRunLogs(refuse, DEPLOYMENT).read({ from })).rejects.toMatchObject({
      code: 'LOGS_NOT_READABLE',
      exitCode: 3,
      remedy: expect.stringContaining('roles/logging.viewer'),
    });
  });

  const openCall = () =>
    openRelease({
      deployment: DEPLOYMENT,
      endpoint: rig.cloud.url,
      environment: { accessToken: 'x', terraformEnvironment: {} },
    }).call;
});
