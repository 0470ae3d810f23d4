import { failureOfConnection, failureOfStatus, timedOut } from '../../ocr/serviceFailure';
import { waitUntilReady } from '../../ocr/warmUp';

const URL = 'https://ocr.invalid';
const MODEL = 'lightonai/LightOnOCR-2-1B';
const status = (code: number) => failureOfStatus({ status: code, headers: new Headers(), body: '' }, URL);
const refused = failureOfConnection(
  Object.assign(new Error('fetch failed'), { cause: { code: 'ECONNREFUSED' } }),
  URL,
);

/** A client whose `models` gives these answers, the last one for ever, and a clock that only sleeping moves. */
function starting(...answers: readonly (Error | string[])[]) {
  let at = 0;
  let now = 0;
  const pauses: number[] = [];
  const models = jest.fn(async (_signal?: AbortSignal) => {
    const answer = answers[Math.min(at++, answers.length - 1)] as Error | string[];
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return {
    client: { models, model: MODEL, baseUrl: URL },
    models,
    pauses,
    clock: {
      now: () => new Date(now * 1000),
      sleep: async (seconds: number) => {
        pauses.push(seconds);
        now += seconds;
      },
    },
  };
}

describe('waitUntilReady', () => {
  test('waits through the answers of a cold start', async () => {
    const { client, clock, models } = starting(
      refused,
      status(503),
      status(429),
      status(502),
      status(504),
      timedOut(1, URL),
      [MODEL],
    );
    const seconds = await waitUntilReady(client, { ...clock, budgetSeconds: 100 });
    expect(models).toHaveBeenCalledTimes(7);
    expect(seconds).toBe(0.25 + 0.5 + 1 + 2 + 4 + 5);
  });

  test.each(['ENOTFOUND', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    'rejects the wrong place at once: %s',
    async (code) => {
      const wrong = failureOfConnection(Object.assign(new Error('fetch failed'), { cause: { code } }), URL);
      const { client, clock, models } = starting(wrong);
      await expect(waitUntilReady(client, { ...clock, budgetSeconds: 100 })).rejects.toBe(wrong);
      expect(models).toHaveBeenCalledTimes(1);
    },
  );

  test('tells of every wait, with the answer', async () => {
    const { client, clock } = starting(status(503), refused, [MODEL]);
    const onWait = jest.fn();
    await waitUntilReady(client, { ...clock, budgetSeconds: 100, onWait });
    expect(onWait.mock.calls).toEqual([
      [0, 'HTTP 503'],
      [0.25, 'ECONNREFUSED'],
    ]);
  });

  test('rejects over budget with the last answer, and never sleeps beyond the budget', async () => {
    const { client, clock, pauses } = starting(status(503));
    await expect(waitUntilReady(client, { ...clock, budgetSeconds: 10 })).rejects.toMatchObject({
      code: 'COLD_START_OVER_BUDGET',
      got: 'HTTP 503',
      where: URL,
    });
    expect(pauses.reduce((sum, pause) => sum + pause)).toBe(10);
  });

  test('rejects over budget when the request itself hangs', async () => {
    const { client } = starting();
    client.models.mockImplementation(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    await expect(waitUntilReady(client, { budgetSeconds: 0.05 })).rejects.toMatchObject({
      code: 'COLD_START_OVER_BUDGET',
      got: 'no answer',
    });
  });

  test.each([401, 403, 404, 500])('rejects a %d at once', async (code) => {
    const { client, clock, models } = starting(status(code), [MODEL]);
    await expect(waitUntilReady(client, { ...clock, budgetSeconds: 100 })).rejects.toMatchObject({
      got: `HTTP ${code}`,
    });
    expect(models).toHaveBeenCalledTimes(1);
  });

  test('rejects a service with another model at once', async () => {
    const { client, clock } = starting(['another/model']);
    await expect(waitUntilReady(client, { ...clock, budgetSeconds: 100 })).rejects.toMatchObject({
      code: 'MODEL_NOT_SERVED',
      got: 'another/model',
    });
  });

  test("rejects with the caller's reason when its signal fires", async () => {
    const abort = new AbortController();
    const { client, clock, models } = starting(status(503));
    const onWait = () => abort.abort(new Error('superseded'));
    const sleep = async (_seconds: number, signal?: AbortSignal) => signal?.throwIfAborted();
    await expect(
      waitUntilReady(client, { ...clock, sleep, budgetSeconds: 100, signal: abort.signal, onWait }),
    ).rejects.toThrow('superseded');
    expect(models).toHaveBeenCalledTimes(1);
  });
});
