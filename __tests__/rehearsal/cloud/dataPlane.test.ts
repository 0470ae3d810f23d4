import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadlineBy } from '../../../ocr/clock';
import { waitFor } from '../../../rehearsal/cloud/run/dataPlane';
import { maxWaitSeconds } from '../../../rehearsal/cloud/run/instances';
import { testTime } from '../../fixtures/testTime';
import { type Json, LOCATION, type Rig, startRig, to } from './harness';

const revisionsOf = (rig: Rig) => rig.cloud.requests.map(({ revision }) => revision);

const START = Date.parse('2026-11-24T12:00:00Z');

describe('dataPlane', () => {
  let rig: Rig;
  let logs: string;

  beforeEach(async () => {
    logs = await mkdtemp(join(tmpdir(), 'local-cloud-'));
    rig = await startRig({ start: START, idleSeconds: 900, gpuQuota: 2, logDirectory: logs });
  });
  afterEach(() => rig.cloud.stop());
  const until = async (condition: () => boolean) => {
    while (!condition()) await rig.clock.sleep(0.1);
  };

  it('starts the process with exactly the args and the environment of image and container', async () => {
    process.env.OF_THE_HOST = 'secret';
    await rig.deploy('a', { env: { BOTH: 'container', OWN: '1' } });
    const { args, env } = (await (await rig.invoke()).json()) as {
      args: string[];
      env: Record<string, string>;
    };
    expect(args).toEqual(['--model', 'm']);
    expect(env).toMatchObject({
      FROM_IMAGE: 'yes',
      BOTH: 'container',
      OWN: '1',
      PORT: '8000',
      K_SERVICE: 's',
      K_REVISION: 's-a',
      K_CONFIGURATION: 's',
    });
    expect(env.CONTAINER_PORT_MAP).toMatch(/^8000=\d+$/);
    expect(env).not.toHaveProperty('OF_THE_HOST');
    expect(readFileSync(join(logs, 's-a.log'), 'utf8')).toBe('s-a starts\n');
  });

  it('passes method, path, query, body and answer on, and keeps the token to itself', async () => {
    await rig.deploy('a');
    const response = await rig.invoke('/v1/chat?x=1', 's', { method: 'POST', body: 'page' });
    expect(response.headers.get('content-type')).toBe('application/json');
    const seen = (await response.json()) as Json;
    expect(seen).toMatchObject({ method: 'POST', url: '/v1/chat?x=1', body: 'page' });
    expect(seen.headers).not.toHaveProperty('authorization');
  });

  it('routes 10/90 exactly and evenly, also when the tag-only entry comes first', async () => {
    await rig.deploy('a');
    await rig.deploy('b', { env: { B: '1' }, traffic: [to('a', 100), to('b', 0, 'c-b')] });
    expect((await rig.route([to('a', 90), to('b', 10), to('b', 0, 'c-b')])).error).toBeUndefined();
    for (let request = 0; request < 100; request++) await (await rig.invoke()).text();
    await until(() => rig.cloud.requests.length === 100);
    const positions = revisionsOf(rig).flatMap((revision, index) => (revision === 's-b' ? [index] : []));
    expect(positions).toHaveLength(10);
    expect(new Set(positions.map((position) => Math.floor(position / 10))).size).toBe(10);
  });

  it('routes by tag and records the tag', async () => {
    await rig.deploy('a');
    await rig.deploy('b', { traffic: [to('a', 100), to('b', 0, 'c-b')], env: { B: '1' } });
    const service = rig.cloud.run.service('s') as Json;
    expect(service.trafficStatuses[0].uri).toBe(`${rig.cloud.url}/run/c-b---s`);
    const { env } = (await (await rig.invoke('/', 'c-b---s')).json()) as Json;
    expect(env.K_REVISION).toBe('s-b');
    await until(() => rig.cloud.requests.length === 1);
    expect(rig.cloud.requests).toMatchObject([
      {
        at: START,
        project: 'p',
        location: 'us-central1',
        service: 's',
        revision: 's-b',
        tag: 'c-b',
        status: 200,
      },
    ]);
  });

  it('rejects a request without a token with 403 and one with another token or audience with 401', async () => {
    await rig.deploy('a', { traffic: [to('a', 100, 'c-a')] });
    const status = async (token: string | undefined, host = 's') =>
      (
        await rig.fetch(`${rig.cloud.url}/run/${host}/`, {
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        })
      ).status;
    expect(await status(undefined)).toBe(403);
    expect(await status('an access token')).toBe(401);
    expect(await status(await rig.token(`${rig.cloud.url}/run/c-a---s`), 'c-a---s')).toBe(401);
    const token = await rig.token();
    expect(await status(token, 'c-a---s')).toBe(200);
    await rig.clock.sleep(3601);
    expect(await status(token)).toBe(401);
  });

  it('rejects an unknown service and an unknown tag with 404', async () => {
    await rig.deploy('a');
    expect((await rig.invoke('/', 'other')).status).toBe(404);
    expect((await rig.invoke('/', 'c-x---s')).status).toBe(404);
  });

  it('answers 503 when the process dies, and starts a new one for the next request', async () => {
    await rig.deploy('a');
    const before = (await (await rig.invoke()).json()) as { pid: number };
    expect((await rig.invoke('/die')).status).toBe(503);
    await until(() => rig.cloud.run.instances().length === 0);
    const after = (await (await rig.invoke()).json()) as { pid: number };
    expect(after.pid).not.toBe(before.pid);
  });

  it('records an answer that breaks off as 503, and a client that goes as 499', async () => {
    await rig.deploy('a');
    await expect(rig.invoke('/half').then((response) => response.text())).rejects.toThrow();
    await until(() => rig.cloud.requests.length === 1 && rig.cloud.run.instances().length === 0);
    await expect(rig.invoke('/hang', 's', { signal: deadlineBy(rig.clock)(0.5).signal })).rejects.toThrow();
    await until(() => rig.cloud.requests.length === 2);
    expect(rig.cloud.requests.map(({ status }) => status)).toEqual([503, 499]);
  });

  it('stops an instance that is idle, and starts from zero on the next request', async () => {
    await rig.deploy('a');
    const before = (await (await rig.invoke()).json()) as { pid: number };
    await rig.clock.sleep(899);
    await (await rig.invoke()).text();
    await rig.clock.sleep(899);
    expect(rig.cloud.run.instances()).toHaveLength(1);
    await rig.clock.sleep(2);
    await until(() => rig.cloud.run.instances().length === 0);
    expect(((await (await rig.invoke()).json()) as { pid: number }).pid).not.toBe(before.pid);
  });

  it('stops an instance without traffic and tag soon, but not in the middle of a request', async () => {
    await rig.deploy('a', { traffic: [to('a', 100, 'c-a')] });
    const controller = new AbortController();
    const hanging = rig.invoke('/hang', 's', { signal: controller.signal }).catch(() => undefined);
    await rig.deploy('b', { env: { B: '1' }, traffic: [to('b', 100)] });
    await rig.clock.sleep(2);
    const names = () => rig.cloud.run.instances().map(({ revision }) => revision);
    expect(names()).toEqual(['s-a', 's-b']);
    controller.abort();
    await hanging;
    await until(() => names().join() === 's-b');
  });

  it('answers 429 when the GPU quota is used up by all revisions together', async () => {
    await rig.deploy('a', { gpu: true });
    await rig.deploy('b', { gpu: true, env: { B: '1' }, traffic: [to('a', 50), to('b', 50)] });
    const third = await rig.deploy('c', {
      gpu: true,
      env: { C: '1' },
      traffic: [to('a', 50), to('b', 50), to('c', 0, 'c-c')],
    });
    expect(third.error.message).toMatch(
      /^Revision 's-c' is not ready and cannot serve traffic\. Quota exceeded/,
    );
    // B dies; another service takes its place in the quota.
    await rig.invoke('/die');
    await rig.invoke('/die');
    await until(() => rig.cloud.run.instances().length === 0);
    await (await rig.invoke()).text();
    const service = rig.cloud.run.service('s') as Json;
    await rig.write('POST', `/v2/${LOCATION}/services?serviceId=other`, {
      template: { ...service.template, revision: 'other-a' },
    });
    const statuses = [(await rig.invoke()).status, (await rig.invoke()).status].sort();
    expect(statuses).toEqual([200, 429]);
    await until(() => rig.cloud.requests.some(({ status }) => status === 429));
    // The quota is of a project and region: it is used up here alone.
    const create = (location: string) =>
      rig.write('POST', `/v2/${location}/services?serviceId=elsewhere`, {
        template: {
          ...service.template,
          revision: 'elsewhere-a',
        },
      });
    expect((await create(LOCATION)).error.message).toContain('Quota exceeded');
    expect(await create(LOCATION.replace('/p/', '/q/'))).not.toHaveProperty('error');
    expect(await create(LOCATION.replace('us-central1', 'europe-west4'))).not.toHaveProperty('error');
  });

  it('answers 504 after the time-out of the template', async () => {
    await rig.deploy('a');
    const { template } = rig.cloud.run.service('s') as Json;
    await rig.write('PATCH', `/v2/${LOCATION}/services/s`, {
      template: { ...template, revision: 's-b', timeout: '1s' },
    });
    expect((await rig.invoke('/hang')).status).toBe(504);
  });
});

describe('waitFor', () => {
  it('waits three and a half starts, at least ten seconds', () => {
    expect(maxWaitSeconds(2)).toBe(10);
    expect(maxWaitSeconds(100)).toBe(350);
  });

  it('rejects with 429 when the instance is not ready in time', async () => {
    const ready = new Promise<never>(() => undefined);
    await expect(
      waitFor({ ready }, 10, testTime().clock, new AbortController().signal),
    ).rejects.toMatchObject({ code: 429 });
  });

  it('rejects with 503 when the instance does not start', async () => {
    const ready = Promise.reject(new Error('probe'));
    await expect(
      waitFor({ ready }, 10, testTime().clock, new AbortController().signal),
    ).rejects.toMatchObject({ code: 503 });
  });
});
