import { inspect } from 'node:util';
import { OAuth2Client } from 'google-auth-library';
import { Failure } from '../../../../domain/failure';
import { cloudRun } from '../../../../release/adapters/google/cloudRun';
import { ApiError, googleApi, isStatus } from '../../../../release/adapters/google/googleApi';
import { storage } from '../../../../release/adapters/google/storage';
import { DEPLOYMENT } from '../../../constructs/deployment';
import { fakeClock } from '../../../fixtures/clock';
import { type Answer, type Service, startService } from '../../../ocr/service';

const TOKEN = 'a-very-secret-token';
const PATH = '/v2/projects/p/locations/l/services/s';

/** The client's own fetch would import node-fetch, which jest cannot. */
function credentials(): OAuth2Client {
  const client = new OAuth2Client({ transporterOptions: { fetchImplementation: fetch } });
  client.setCredentials({ access_token: TOKEN });
  return client;
}

let service: Service;
/** An API that gives these answers one after another, and the call to it. */
async function start(...answers: Answer[]) {
  service = await startService(...answers);
  return googleApi(async () => credentials(), service.url, clock);
}
const google = (status: number, message: string): Answer => ({
  status,
  body: { error: { code: status, message } },
});
const caught = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

let clock = fakeClock();
beforeEach(() => void (clock = fakeClock()));
afterEach(async () => {
  jest.restoreAllMocks();
  await service?.close();
});

describe('googleApi', () => {
  test('sends path, query, token and body, and gives status, data and headers', async () => {
    const call = await start({
      body: { name: 'x' },
      headers: { 'x-goog-generation': '7', 'content-type': 'application/json' },
    });
    const answer = await call('run', {
      method: 'PATCH',
      path: PATH,
      query: { updateMask: 'traffic', left: undefined, name: 'a b&c' },
      body: { etag: 'e' },
    });
    expect(service.requests).toEqual([
      {
        method: 'PATCH',
        url: `${PATH}?updateMask=traffic&name=a+b%26c`,
        authorization: `Bearer ${TOKEN}`,
        body: '{"etag":"e"}',
      },
    ]);
    expect([answer.status, answer.data, answer.headers.get('x-goog-generation')]).toEqual([
      200,
      { name: 'x' },
      '7',
    ]);
  });

  test.each([429, 500, 503])('sends a GET again after %d, each time later', async (status) => {
    const call = await start(google(status, 'busy'), google(status, 'busy'), { body: { name: 'x' } });
    expect((await call('run', { path: PATH })).data).toEqual({ name: 'x' });
    expect(service.requests).toHaveLength(3);
    expect(clock.slept.at(-1)! / clock.slept[0]!).toBeGreaterThan(1);
  });

  test.each([429, 503])('sends a POST that only reads again after %d', async (status) => {
    const call = await start(google(status, 'busy'), { body: { name: 'x' } });
    const request = { method: 'POST', path: PATH, body: { filter: 'f' }, reads: true } as const;
    expect((await call('logging', request)).data).toEqual({ name: 'x' });
    expect(service.requests.map(({ method, body }) => [method, body])).toEqual(
      Array.from({ length: 2 }, () => ['POST', '{"filter":"f"}']),
    );
  });

  test('rejects a request that its signal broke off, as broken off', async () => {
    const call = await start({ body: { name: 'x' } });
    const abort = new AbortController();
    const broken = call('run', { path: PATH, signal: abort.signal });
    abort.abort();
    await expect(broken).rejects.toMatchObject({ name: 'AbortError' });
    const before = call('run', { path: PATH, signal: abort.signal });
    await expect(before).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('rejects a GET that four times fails', async () => {
    const call = await start(google(503, 'busy'));
    await expect(call('run', { path: PATH })).rejects.toMatchObject({ code: 'API_503', message: 'busy' });
    expect(service.requests).toHaveLength(4);
  });

  test.each<['POST' | 'PATCH' | 'DELETE', number]>([
    ['POST', 503],
    ['POST', 429],
    ['PATCH', 503],
    ['PATCH', 500],
    ['DELETE', 503],
  ])('rejects a %s at once after %d, and does not send it again', async (method, status) => {
    const call = await start(google(status, 'busy'));
    await expect(call('run', { method, path: PATH })).rejects.toMatchObject({
      code: `API_${status}`,
      message: 'busy',
    });
    expect(service.requests).toHaveLength(1);
  });

  test.each<[number, string]>([
    [400, 'run the same command again'],
    [401, 'gcloud auth application-default login'],
    [403, 'docs/release-protocol.md'],
    [404, 'its stack has been applied'],
    [409, 'run the same command again'],
    [412, 'run the same command again'],
  ])('rejects HTTP %d at once, with what mends it', async (status, remedy) => {
    const call = await start(google(status, "in Google's words"));
    expect(await caught(call('run', { path: PATH, query: { private: 'query' } }))).toMatchObject({
      code: `API_${status}`,
      status,
      message: "in Google's words",
      where: `GET ${service.url}${PATH}`,
      got: `HTTP ${status}`,
      remedy: expect.stringContaining(remedy) as string,
      exitCode: 3,
    });
    expect(service.requests).toHaveLength(1);
  });

  test.each<[what: string, answer: Answer, message: string]>([
    ['JSON', google(404, 'gone'), 'gone'],
    ['text', { status: 404, body: 'Not Found' }, 'Not Found'],
    ['a page of HTML, cut', { status: 404, body: `<html>${'x'.repeat(500)}` }, `<html>${'x'.repeat(194)}`],
    ['nothing', { status: 404, body: '' }, 'HTTP 404 without a reason'],
    ['JSON of another form', { status: 404, body: { message: 'x' } }, 'HTTP 404 without a reason'],
  ])('reads the reason from %s, whatever type was asked for', async (_what, answer, message) => {
    const call = await start(answer);
    for (const responseType of ['json', 'arraybuffer', 'text'] as const) {
      await expect(call('run', { path: PATH, responseType })).rejects.toMatchObject({
        code: 'API_404',
        message,
      });
    }
  });

  test.each(['GET', 'POST'] as const)('rejects a %s that nobody answers', async (method) => {
    const call = await start();
    const { url } = service;
    await service.close();
    expect(await caught(call('run', { method, path: PATH }))).toMatchObject({
      code: 'API_NOT_REACHABLE',
      where: `${method} ${url}${PATH}`,
      remedy: `see that ${url} is up, or unset LIGHTONOCR_ENDPOINT`,
      exitCode: 3,
    });
    // A read is asked again; a write may have arrived, so whoever wrote reads first.
    expect(clock.slept.length > 0).toBe(method === 'GET');
    service = await startService();
  });

  test('rejects where there are no credentials, and says how to get them', async () => {
    await start();
    const call = googleApi(async () => Promise.reject(new Error('no credentials')), undefined);
    await expect(call('run', { path: PATH })).rejects.toMatchObject({
      code: 'API_NOT_REACHABLE',
      where: `GET https://run.googleapis.com${PATH}`,
      remedy: expect.stringContaining('gcloud auth application-default login') as string,
    });
  });

  test.each<[string, Answer | undefined]>([
    ['a refusal', google(403, 'no')],
    ['an answer after which a GET is sent again', google(503, 'busy')],
    ['no answer', undefined],
  ])('keeps the token out of the error of %s, its cause included', async (_what, answer) => {
    const call = await start(...(answer ? [answer] : []));
    if (!answer) await service.close();
    const error = await caught(call('run', { path: PATH }));
    expect(error).toBeInstanceOf(Failure);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(TOKEN);
    expect(String(error)).not.toContain(TOKEN);
    if (!answer) service = await startService();
  });
  test('says which API or permission was refused, where Google does', async () => {
    const metadata = { permission: 'run.services.get' };
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.Help' },
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'IAM_PERMISSION_DENIED', metadata },
    ];
    const refused = { status: 403, body: { error: { code: 403, message: 'no', details } } };
    const call = await start(refused, google(403, 'no'));
    expect(await caught(call('run', { path: PATH }))).toMatchObject({
      info: { reason: 'IAM_PERMISSION_DENIED', metadata },
    });
    expect(await caught(call('run', { path: PATH }))).toMatchObject({ info: undefined });
  });

  test('sends a list as one parameter a value', async () => {
    const call = await start({ body: {} });
    await call('storage', { path: PATH, query: { permissions: ['a', 'b'] } });
    expect(service.requests[0]!.url).toBe(`${PATH}?permissions=a&permissions=b`);
  });
});

describe('isStatus', () => {
  const error = new ApiError(412, 'no', { where: 'x', remedy: 'y' });
  test.each<[unknown, number[], boolean]>([
    [error, [412], true],
    [error, [409, 412], true],
    [error, [409], false],
    [new Error('412'), [412], false],
    [{ status: 412 }, [412], false],
  ])('%s of %j: %s', (thrown, statuses, expected) => {
    expect(isStatus(thrown, ...statuses)).toBe(expected);
  });
});

describe('cloudRun', () => {
  test('reads the revisions of every page', async () => {
    const revision = (name: string) => ({ name: `${PATH}/revisions/${name}` });
    const call = await start(
      { body: { revisions: [revision('a'), revision('b')], nextPageToken: 'two' } },
      { body: { nextPageToken: 'three' } },
      { body: { revisions: [revision('c')], nextPageToken: '' } },
    );
    const revisions = await cloudRun(call, DEPLOYMENT).revisions();
    expect(revisions.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(
      service.requests.map(({ url }) => new URL(url, service.url).searchParams.get('pageToken')),
    ).toEqual([null, 'two', 'three']);
  });
});

describe('storage', () => {
  test('reads bytes with their generation', async () => {
    const call = await start({ body: '\u00fc{', headers: { 'x-goog-generation': '7' } });
    expect(await storage(call, fakeClock()).read('bucket', 'a/b.json')).toEqual({
      content: Buffer.from('\u00fc{'),
      generation: '7',
    });
    expect(service.requests[0]!.url).toBe('/storage/v1/b/bucket/o/a%2Fb.json?alt=media');
  });

  test('has nothing where there is no object, and rejects any other refusal', async () => {
    const call = await start(google(404, 'none'), google(403, 'no'));
    expect(await storage(call, fakeClock()).read('bucket', 'x')).toBeUndefined();
    await expect(storage(call, fakeClock()).read('bucket', 'x')).rejects.toMatchObject({
      code: 'API_403',
      message: 'no',
    });
  });

  test('writes on a generation, and rejects when it is another', async () => {
    const call = await start({ body: { generation: '8' } }, google(412, 'another generation'));
    const objects = storage(call, fakeClock());
    expect(await objects.write('bucket', 'a/b', 'text', '7')).toBe('8');
    await expect(objects.write('bucket', 'a/b', Buffer.from('bytes'), '7')).rejects.toMatchObject({
      code: 'API_412',
    });
    expect(service.requests.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/upload/storage/v1/b/bucket/o?uploadType=media&name=a%2Fb&ifGenerationMatch=7', 'text'],
      ['POST', '/upload/storage/v1/b/bucket/o?uploadType=media&name=a%2Fb&ifGenerationMatch=7', 'bytes'],
    ]);
  });
});
