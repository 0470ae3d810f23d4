import { setTimeout as sleep } from 'node:timers/promises';
import { type Json, LOCATION, type Rig, startRig } from './harness';

const LIST = '/v2/entries:list';
const SYSTEM = 'run.googleapis.com%2Fvarlog%2Fsystem';
const idOf = (name: string) => `projects/p/logs/run.googleapis.com%2F${name}`;

const START = Date.parse('2026-11-25T12:00:00.000Z');

describe('logging', () => {
  let rig: Rig;
  const now = () => rig.clock.now().getTime();
  beforeEach(async () => {
    rig = await startRig({ start: START, gpuQuota: 1 });
  });
  afterEach(() => rig.cloud.stop());

  const list = async (filter: string, more: Json = {}) =>
    (await rig.call('POST', LIST, { resourceNames: ['projects/p'], filter, pageSize: 1000, ...more })).json;
  const texts = async (filter: string) =>
    ((await list(filter)).entries ?? []).map(({ textPayload }: Json) => textPayload as string);
  const write = (entries: Json[], more: Json = {}) =>
    rig.call('POST', '/v2/entries:write', {
      logName: idOf('stdout'),
      resource: { type: 'cloud_run_revision', labels: { service_name: 'elsewhere' } },
      entries,
      ...more,
    });

  it('holds what an instance prints and what Cloud Run says of it, in the recorded shape and in order', async () => {
    await rig.deploy('a');
    const { entries } = await list('resource.type="cloud_run_revision"');
    expect(entries.map(({ textPayload }: Json) => textPayload)).toEqual([
      expect.stringMatching(/^Starting new instance\. Reason: DEPLOYMENT_ROLLOUT - /),
      's-a starts',
      'STARTUP TCP probe succeeded after 1 attempt for container "s-1" on port 8000.',
    ]);
    const [started, printed] = entries;
    expect(printed).toEqual({
      insertId: expect.stringMatching(/^[0-9a-f]{24}$/),
      timestamp: expect.stringMatching(/^2026-11-25T12:00:00\.\d{6}Z$/),
      receiveTimestamp: printed.timestamp,
      logName: idOf('stdout'),
      resource: {
        type: 'cloud_run_revision',
        labels: {
          configuration_name: 's',
          location: 'us-central1',
          project_id: 'p',
          revision_name: 's-a',
          service_name: 's',
        },
      },
      labels: { instanceId: expect.stringMatching(/^00[0-9a-f]{190,}$/) },
      textPayload: 's-a starts',
    });
    expect(started).toMatchObject({
      logName: `projects/p/logs/${SYSTEM}`,
      severity: 'INFO',
      labels: printed.labels,
    });
  });

  it('says how a container ended and that its probe failed, in that order', async () => {
    await rig.deploy('a', { env: { BEHAVIOUR: 'crash' } });
    expect(await texts(`logName="projects/p/logs/${SYSTEM}" AND severity>=WARNING`)).toEqual([
      'Container called exit(3).',
      'STARTUP TCP probe failed 1 time consecutively for container "s-1" on port 8000. The instance was not started. Connection failed with status CANCELLED.',
    ]);
  });

  it('says that a probe ran out of time, and after how many attempts', async () => {
    const probe = { httpGet: { path: '/health' }, timeoutSeconds: 1, periodSeconds: 1, failureThreshold: 2 };
    await rig.deploy('a', { env: { BEHAVIOUR: 'unhealthy' }, probe });
    expect(await texts('severity>=ERROR')).toEqual([
      'STARTUP HTTP probe failed 2 times consecutively for container "s-1" on port 8000 path "/health". The instance was not started.',
    ]);
  });

  it('names the signal that a container died of, and starts the next one for traffic', async () => {
    await rig.cloud.stop();
    rig = await startRig({ start: START, processes: true });
    await rig.deploy('a');
    const { pid } = (await (await rig.invoke()).json()) as { pid: number };
    process.kill(pid, 'SIGKILL');
    while (rig.cloud.run.instances().length > 0) await sleep(10);
    await (await rig.invoke()).text();
    expect(await texts('textPayload:"terminated on signal 9" OR textPayload:autoscaling')).toEqual([
      'Container terminated on signal 9.',
      expect.stringMatching(/^Starting new instance\. Reason: AUTOSCALING - /),
    ]);
  });

  it('logs requests with their instance, and by status how grave they are', async () => {
    await rig.deploy('a');
    for (const path of ['/ok?page=1', '/fail']) await (await rig.invoke(path)).text();
    const { entries } = await list('logName:"requests"');
    expect(entries).toMatchObject([
      {
        severity: 'INFO',
        httpRequest: { requestMethod: 'GET', requestUrl: `${rig.cloud.url}/run/s/ok?page=1`, status: 200 },
        labels: { instanceId: expect.any(String) },
      },
      { severity: 'ERROR', httpRequest: { status: 500, latency: expect.stringMatching(/^[\d.]+s$/) } },
    ]);
    expect((await list('httpRequest.status>=500')).entries).toHaveLength(1);
  });

  it('logs a request that got no instance, without one and with the reason', async () => {
    await rig.deploy('a', { gpu: true });
    await rig.invoke('/die');
    while (rig.cloud.run.instances().length > 0) await rig.clock.sleep(0); // its GPU is free
    const { template } = rig.cloud.run.service('s') as Json;
    const other = { template: { ...template, revision: 'other-a' } };
    await rig.write('POST', `/v2/${LOCATION}/services?serviceId=other`, other); // takes the one GPU
    expect((await rig.invoke('/ask')).status).toBe(429);
    const { entries } = await list('logName:requests AND httpRequest.requestUrl:"/ask"');
    expect(entries).toMatchObject([
      { severity: 'WARNING', textPayload: expect.stringContaining('no available instance') },
    ]);
    expect(entries[0].labels).not.toHaveProperty('instanceId');
  });

  it('takes a line of JSON for a structured entry with a severity of its own', async () => {
    await rig.deploy('a', { env: { BEHAVIOUR: 'json' } });
    expect((await list('jsonPayload.message="structured"')).entries).toMatchObject([{ severity: 'NOTICE' }]);
  });

  describe('entries:write', () => {
    it('keeps time and insertId that are given, and drops what is there already', async () => {
      const entry = { timestamp: '2026-11-25T11:00:00.5Z', insertId: 'i', textPayload: 'late' };
      await write([entry, entry, { ...entry, insertId: 'j' }]);
      const { entries } = await list('timestamp<"2026-11-25T11:30:00Z"');
      expect(entries.map(({ insertId }: Json) => insertId)).toEqual(['i', 'j']);
      expect(entries[0].receiveTimestamp).toMatch(/^2026-11-25T12/);
    });

    it('stores nothing older than 30 days, and rejects what is more than a day ahead', async () => {
      await write([{ timestamp: '2026-10-01T00:00:00Z', textPayload: 'old' }]);
      expect(await texts('')).toEqual([]);
      const { status, json } = await write([{ timestamp: '2026-11-27T00:00:00Z' }]);
      expect([status, json.error.message]).toEqual([400, expect.stringContaining('more than a day ahead')]);
    });

    it.each([
      ['logName', { logName: 'stdout' }],
      ['resource.type', { resource: {} }],
    ])('rejects an entry without a %s', async (what, more) => {
      const { status, json } = await write([{ textPayload: 'x' }], more);
      expect([status, json.error.message]).toEqual([400, expect.stringContaining(what)]);
    });
  });

  describe('entries:list', () => {
    const lines = (count: number, more: Json = {}) =>
      Array.from({ length: count }, (_, index) => ({
        timestamp: new Date(now() - 1000 * index).toISOString(),
        textPayload: `line ${index}`,
        ...more,
      }));

    it('gives 50 at a time, each once, also when lines come in between', async () => {
      await write(lines(120));
      const seen: string[] = [];
      let pageToken: string | undefined;
      let pages = 0;
      do {
        const page = await list('', { orderBy: 'timestamp desc', pageSize: undefined, pageToken });
        seen.push(...page.entries.map(({ textPayload }: Json) => textPayload));
        pageToken = page.nextPageToken;
        pages++;
        await write([{ timestamp: new Date(now() + pages).toISOString(), textPayload: 'newer' }]);
      } while (pageToken);
      expect([pages, new Set(seen).size, seen.length]).toEqual([3, 120, 120]);
    });

    it('may give an empty page that has a successor: the search took too long', async () => {
      await write([...lines(2500), { timestamp: '2026-11-25T08:00:00Z', textPayload: 'needle' }]);
      const first = await list('textPayload:"needle"', { orderBy: 'timestamp desc' });
      expect([first.entries, typeof first.nextPageToken]).toEqual([undefined, 'string']);
      const { nextPageToken: pageToken } = first;
      const second = await list('textPayload:"needle"', { orderBy: 'timestamp desc', pageToken });
      expect(second.entries).toHaveLength(1);
    });

    it.each<[string, Json]>([
      ['resourceNames', { resourceNames: [] }],
      ['orderBy', { orderBy: 'severity' }],
      ['pageSize', { pageSize: 1001 }],
      ['page_token', { pageToken: 'eHggeQ' }],
    ])('rejects a wrong %s', async (what, more) => {
      const { status, json } = await rig.call('POST', LIST, { resourceNames: ['projects/p'], ...more });
      expect([status, json.error.message]).toEqual([400, expect.stringContaining(what)]);
    });

    it('answers 60 reads a minute, and then 429 until the minute is over', async () => {
      for (let read = 0; read < 60; read++) expect((await list('')).error).toBeUndefined();
      expect((await list('')).error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' });
      await rig.clock.sleep(60.001);
      expect((await list('')).error).toBeUndefined();
    });
  });
});
