import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOcrClient } from '../../ocr/client';
import type { PreparedPage } from '../../ocr/page';
import { createRequest, effortOf, type PolicyOptions } from '../../ocr/request';
import { failureOfStatus } from '../../ocr/serviceFailure';
import { dateClock } from './dateClock';

const PAGE: PreparedPage = { data: Buffer.from('a page'), mediaType: 'image/png', width: 1089, height: 1540 };
const WHOLE = JSON.stringify({
  choices: [{ message: { role: 'assistant', content: '# Read' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 2161, completion_tokens: 3 },
});
type Answer = (response: ServerResponse, stalled: () => void) => void;

const good: Answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(WHOLE);
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end();
const body =
  (text: string, type: string): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': type }).end(text);
const finished = (reason: string) => body(WHOLE.replace('"stop"', `"${reason}"`), 'application/json');
const refused =
  (message: string): Answer =>
  (response) =>
    response.writeHead(500).end(JSON.stringify({ error: { message, type: 'InternalServerError' } }));
const draining = refused('cannot schedule new futures after shutdown');
const callersFault = refused('Cannot load local files without `--allowed-local-media-path`.');
const resetMidBody: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(WHOLE.length) });
  response.write(WHOLE.slice(0, 20), () => response.destroy());
};
const slowHeaders: Answer = (_response, stalled) => stalled();
const slowBody: Answer = (response, stalled) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(WHOLE.slice(0, 20), stalled);
};

/** A real server with these answers, the last one for ever; time-outs run on the fake clock and fire when it stalls. */
async function setUp(
  answers: readonly Answer[],
  options: PolicyOptions = {},
  identityToken: () => Promise<string> = async () => 'a-token',
) {
  const clock = dateClock();
  let requests = 0;
  let pending: (() => void) | undefined;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests++, answers.length - 1)] as Answer;
    request.resume().on('end', () => answer(response, () => pending?.()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createOcrClient({
    baseUrl,
    model: 'm',
    identityToken,
    deadline(seconds) {
      const abort = new AbortController();
      pending = () => {
        clock.advance(seconds);
        abort.abort();
      };
      return { signal: abort.signal, end: () => undefined };
    },
  });
  const request = createRequest(baseUrl, { ...clock, ...options });
  const read = (signal?: AbortSignal) =>
    request((ended) => client.readPage(PAGE, ended), signal).then(
      ({ attempts, seconds }) => ({ outcome: 'read', attempts, spent: seconds, seconds: clock.seconds() }),
      (error: Error & { code?: string; got?: string }) => ({
        outcome: error.code ?? error.message,
        got: error.got,
        attempts: effortOf(error).attempts,
        spent: effortOf(error).seconds,
        seconds: clock.seconds(),
      }),
    );
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close').catch(() => undefined);
  };
  closing.push(close);
  return { read, clock, close, requests: () => requests };
}
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A pause is half to whole of 1 s, the next one of 2 s; three attempts have two between them. */
const ONE_PAUSE: [number, number] = [0.5, 1];
const TWO_PAUSES: [number, number] = [0.5 + 1, 1 + 2];
/** The client's 120 s, three times. */
const THREE_TIME_OUTS: [number, number] = [360 + TWO_PAUSES[0], 360 + TWO_PAUSES[1]];
const NO_TIME: [number, number] = [0, 0];

describe('createRequest on a service that has answered before', () => {
  // Each fault is the answer from the second request on; the first one is good.
  test.each<[fault: string, answers: Answer[], outcome: string, attempts: number, seconds: [number, number]]>(
    [
      ['reset in the middle of the body', [resetMidBody], 'SERVICE_NOT_REACHABLE', 3, TWO_PAUSES],
      ['slow headers', [slowHeaders], 'TIMED_OUT', 3, THREE_TIME_OUTS],
      ['a slow body', [slowBody], 'TIMED_OUT', 3, THREE_TIME_OUTS],
      ['429 without Retry-After', [status(429)], 'OVERLOADED', 3, TWO_PAUSES],
      ['429 with Retry-After', [status(429, { 'retry-after': '20' })], 'OVERLOADED', 3, [40, 40]],
      ['429 once', [status(429), good], 'read', 2, ONE_PAUSE],
      ['500', [status(500)], 'SERVICE_ERROR', 3, TWO_PAUSES],
      ['500 twice', [status(500), status(500), good], 'read', 3, TWO_PAUSES],
      ['503', [status(503)], 'SERVICE_ERROR', 3, TWO_PAUSES],
      ['an instance that stops under the page', [finished('abort'), good], 'read', 2, ONE_PAUSE],
      ['an engine that fails under the page', [finished('error'), good], 'read', 2, ONE_PAUSE],
      ['an instance that is stopping', [draining, good], 'read', 2, ONE_PAUSE],
      ['only instances that are stopping', [draining], 'INSTANCE_STOPPING', 3, TWO_PAUSES],
      ['a 500 for the request itself', [callersFault], 'REQUEST_REFUSED', 1, NO_TIME],
      ['malformed JSON', [body('{"choices": [', 'application/json')], 'BAD_ANSWER', 1, NO_TIME],
      ['empty choices', [body('{"choices":[],"usage":{}}', 'application/json')], 'BAD_ANSWER', 1, NO_TIME],
      ['an HTML page', [body('<html>Sign in</html>', 'text/html')], 'BAD_ANSWER', 1, NO_TIME],
      ['text instead of JSON', [body('read', 'text/plain')], 'BAD_ANSWER', 1, NO_TIME],
      ['a refused token', [status(401)], 'NOT_AUTHORISED', 1, NO_TIME],
      ['a refused caller', [status(403)], 'NOT_AUTHORISED', 1, NO_TIME],
      ['a refused request', [status(400)], 'REQUEST_REFUSED', 1, NO_TIME],
    ],
  )('%s', async (_fault, answers, outcome, attempts, [least, most]) => {
    const { read, requests } = await setUp([good, ...answers]);
    expect(await read()).toMatchObject({ outcome: 'read', attempts: 1 });
    const second = await read();
    expect(second).toMatchObject({ outcome, attempts });
    expect(second.seconds).toBeGreaterThanOrEqual(least);
    expect(second.seconds).toBeLessThanOrEqual(most);
    expect(requests()).toBe(1 + attempts);
  });

  test.each<[string, Answer[], object]>([
    ['fails', [slowHeaders], { outcome: 'TIMED_OUT', attempts: 3, spent: 3 * 120 }],
    ['is read at last', [slowHeaders, slowBody, good], { outcome: 'read', attempts: 3, spent: 2 * 120 }],
  ])(
    'the seconds of a page that %s are those of all its requests, without the pauses',
    async (_how, answers, all) => {
      const { read } = await setUp([good, ...answers]);
      await read();
      expect(await read()).toMatchObject(all);
    },
  );

  test('connection refused', async () => {
    const { read, close } = await setUp([good]);
    await read();
    await close();
    const refused = await read();
    expect(refused).toMatchObject({ outcome: 'SERVICE_NOT_REACHABLE', got: 'ECONNREFUSED', attempts: 3 });
    expect(refused.seconds).toBeGreaterThanOrEqual(TWO_PAUSES[0]);
    expect(refused.seconds).toBeLessThanOrEqual(TWO_PAUSES[1]);
  });

  test('wrong content type over right JSON is read: the answer counts, not its label', async () => {
    const { read } = await setUp([body(WHOLE, 'text/plain')]);
    expect(await read()).toEqual({ outcome: 'read', attempts: 1, spent: 0, seconds: 0 });
  });
});

describe('createRequest on a cold start', () => {
  const until =
    (seconds: number, clock: () => number): Answer =>
    (response, stalled) =>
      (clock() < seconds ? status(503) : good)(response, stalled);

  test('503 for 150 s, then well: read, with more than 3 requests', async () => {
    let seconds: () => number = () => 0;
    const service = await setUp([until(150, () => seconds())]);
    seconds = service.clock.seconds;
    const first = await service.read();
    expect(first).toMatchObject({ outcome: 'read', attempts: service.requests() });
    expect(first.attempts).toBeGreaterThan(3);
    expect(first.seconds).toBeGreaterThanOrEqual(150);
    expect(first.seconds).toBeLessThan(150 + 30);
  });

  test('the same without a budget fails: the budget is what carries it', async () => {
    let seconds: () => number = () => 0;
    const service = await setUp([until(150, () => seconds())], { warmUpBudgetSeconds: 0 });
    seconds = service.clock.seconds;
    expect(await service.read()).toMatchObject({ outcome: 'COLD_START_OVER_BUDGET', attempts: 1 });
  });

  test.each<[string, Answer]>([
    ['503', status(503)],
    ['429', status(429)],
    ['no answer in time', slowHeaders],
  ])('rejects %s for ever when the budget is spent, not before', async (_what, answer) => {
    const { read } = await setUp([answer], { warmUpBudgetSeconds: 480 });
    const result = await read();
    expect(result).toMatchObject({ outcome: 'COLD_START_OVER_BUDGET' });
    expect(result.seconds).toBeGreaterThanOrEqual(480);
    expect(result.seconds).toBeLessThanOrEqual(480 + 120);
  });

  test.each<[string, Answer, number]>([
    ['500', status(500), 3],
    ['403', status(403), 1],
  ])('rejects %s at once: it is no cold start', async (_what, answer, attempts) => {
    const { read } = await setUp([answer]);
    expect(await read()).toMatchObject({ attempts, outcome: expect.not.stringContaining('COLD') });
  });

  test('spends one budget for all requests together', async () => {
    const { read, clock } = await setUp([status(503)], { warmUpBudgetSeconds: 100 });
    await read();
    const before = clock.seconds();
    expect(await read()).toMatchObject({ outcome: 'COLD_START_OVER_BUDGET', attempts: 1 });
    expect(clock.seconds()).toBe(before);
  });

  test.each<[string, Answer]>([
    ['503', status(503)],
    ['no answer in time', slowHeaders],
  ])('%s is none of a service that was found ready: it costs attempts', async (_what, answer) => {
    const { read } = await setUp([answer], { warm: true });
    expect(await read()).toMatchObject({ attempts: 3, outcome: expect.not.stringContaining('COLD') });
  });

  test('opens no breaker', async () => {
    const cold = Array.from({ length: 9 }, () => status(503));
    const { read } = await setUp([...cold, good]);
    expect(await read()).toMatchObject({ outcome: 'read', attempts: 10 });
  });
});

describe('the breaker of createRequest', () => {
  const ill = [good, status(500), status(500), status(500), good];

  test('opens after three failures in a row, says for how long, and sends nothing', async () => {
    const { read, requests, clock } = await setUp(ill);
    await read();
    expect(await read()).toMatchObject({ outcome: 'SERVICE_ERROR', attempts: 3 });
    expect(await read()).toMatchObject({
      outcome: 'CIRCUIT_OPEN',
      got: 'open for another 30 s',
      attempts: 0,
    });
    clock.advance(10);
    expect(await read()).toMatchObject({ outcome: 'CIRCUIT_OPEN', got: 'open for another 20 s' });
    expect(requests()).toBe(4);
  });

  test('lets one request try after 30 s, and closes when it is answered', async () => {
    const { read, clock, requests } = await setUp(ill);
    await read();
    await read();
    clock.advance(31);
    expect(await read()).toMatchObject({ outcome: 'read', attempts: 1 });
    expect(requests()).toBe(5);
  });

  test('stays closed when a success comes in between', async () => {
    const { read } = await setUp([good, status(500), status(500), good, status(500), status(500), good]);
    for (const attempts of [1, 3, 3]) expect(await read()).toMatchObject({ outcome: 'read', attempts });
  });

  test.each<[string, Answer]>([
    ['429', status(429)],
    ['a refused page', status(400)],
  ])('is not opened by %s', async (_what, answer) => {
    const { read } = await setUp([good, answer]);
    for (let page = 0; page < 5; page++) expect((await read()).outcome).not.toBe('CIRCUIT_OPEN');
  });

  test('is waited for as long as the request may', async () => {
    const { read } = await setUp(ill, { circuitWaitSeconds: 90 });
    await read();
    await read();
    const result = await read();
    expect(result).toMatchObject({ outcome: 'read', attempts: 1 });
    expect(result.seconds).toBeGreaterThanOrEqual(30);
  });
});

describe('the wait for an open breaker', () => {
  test('ends for good when no trial is answered: not even that of a third page', async () => {
    const { read, requests } = await setUp([good, status(500)], { circuitWaitSeconds: 90 });
    await read();
    expect(await read()).toMatchObject({ outcome: 'SERVICE_ERROR', attempts: 3 });
    expect(await read()).toMatchObject({ outcome: 'SERVICE_ERROR', attempts: 3 });
    expect(await read()).toMatchObject({ outcome: 'CIRCUIT_OPEN', attempts: 1 });
    expect(requests()).toBe(8);
  });

  test('gives a page its own trial after two that the service could not bear', async () => {
    const { read } = await setUp([good, ...Array.from({ length: 6 }, () => slowHeaders), good], {
      circuitWaitSeconds: 90,
    });
    await read();
    expect(await read()).toMatchObject({ outcome: 'TIMED_OUT', attempts: 3 });
    expect(await read()).toMatchObject({ outcome: 'TIMED_OUT', attempts: 3 });
    for (let page = 0; page < 2; page++) expect(await read()).toMatchObject({ outcome: 'read', attempts: 1 });
  });

  test('gives no trial where nothing is waited for', async () => {
    const { read, requests } = await setUp([good, status(500)], { circuitWaitSeconds: 0 });
    await read();
    await read();
    expect(await read()).toMatchObject({ outcome: 'CIRCUIT_OPEN', attempts: 0 });
    expect(requests()).toBe(4);
  });

  test('starts anew with an answer', async () => {
    const ill = Array.from({ length: 5 }, () => status(500));
    const { read } = await setUp([good, ...ill, good, ...ill, good], { circuitWaitSeconds: 90 });
    for (let turn = 0; turn < 2; turn++) {
      expect(await read()).toMatchObject({ outcome: 'read' });
      expect(await read()).toMatchObject({ outcome: 'SERVICE_ERROR' });
    }
    expect(await read()).toMatchObject({ outcome: 'read', attempts: 3 });
  });
});

describe('createRequest without a token', () => {
  const blip = (failures: number) => {
    let calls = 0;
    return async () => {
      if (++calls <= failures) throw new Error('the metadata server is away');
      return 'a-token';
    };
  };

  test('asks for it again, and counts only what was sent', async () => {
    const { read, requests } = await setUp([good], {}, blip(2));
    expect(await read()).toMatchObject({ outcome: 'read', attempts: 1 });
    expect(requests()).toBe(1);
  });

  test('rejects after three, with nothing sent', async () => {
    const { read, requests } = await setUp([good], {}, blip(3));
    expect(await read()).toMatchObject({ outcome: 'NO_IDENTITY_TOKEN', attempts: 0 });
    expect(requests()).toBe(0);
  });
});

describe('createRequest and a signal', () => {
  test('gives each request of a cold start one that ends with the budget', async () => {
    const act = jest.fn(
      (signal?: AbortSignal) =>
        new Promise<never>((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    );
    const request = createRequest('https://ocr.invalid', { warmUpBudgetSeconds: 0.2 });
    await expect(request(act)).rejects.toMatchObject({ code: 'COLD_START_OVER_BUDGET' });
  });

  test('ends with the budget no request of a service that has answered, however early that one was sent', async () => {
    const answered = (seconds: number) => (signal?: AbortSignal) =>
      new Promise<number>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
        setTimeout(() => resolve(seconds), seconds * 1000);
      });
    const request = createRequest('https://ocr.invalid', { warmUpBudgetSeconds: 0.5 });
    const all = [0.1, 0.8, 0.9].map((seconds) => request(answered(seconds)));
    expect(await Promise.all(all)).toEqual(
      [0.1, 0.8, 0.9].map((value) => expect.objectContaining({ value, attempts: 1 })),
    );
  });

  test('ends a pause, and sends nothing more', async () => {
    const abort = new AbortController();
    const act = jest.fn(async () => {
      throw failureOfStatus({ status: 503, headers: new Headers(), body: '' }, 'https://ocr.invalid');
    });
    const request = createRequest('https://ocr.invalid');
    const reading = request(act, abort.signal);
    setTimeout(() => abort.abort(new Error('superseded')), 20);
    await expect(reading).rejects.toThrow('superseded');
    expect(act).toHaveBeenCalledTimes(1);
  });
});
