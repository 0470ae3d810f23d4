import { withRetries } from '../../ocr/retry';
import { systemClock } from '../../ocr/clock';
import { failureOfStatus } from '../../ocr/serviceFailure';

const failing = (retryAfter?: string) =>
  jest.fn(() =>
    Promise.reject(
      failureOfStatus(
        429,
        new Headers(retryAfter ? { 'retry-after': retryAfter } : {}),
        '',
        'https://ocr.invalid/v1/models',
      ),
    ),
  );

async function pausesOf(attempts: number, act: () => Promise<unknown>): Promise<number[]> {
  const pauses: number[] = [];
  await withRetries(attempts, async (seconds) => void pauses.push(seconds), undefined, act).catch(
    () => undefined,
  );
  return pauses;
}

describe('withRetries', () => {
  test('pauses between attempts only, with jitter and at most 30 s', async () => {
    const act = failing();
    const pauses = await pausesOf(12, act);
    expect(act).toHaveBeenCalledTimes(12);
    expect(pauses).toHaveLength(11);
    expect(pauses.every((pause) => pause > 0 && pause <= 30)).toBe(true);
    expect(Math.max(...pauses)).toBeGreaterThan((pauses[0] as number) * 3);
    expect(await pausesOf(12, failing())).not.toEqual(pauses);
  });

  test('waits at least as long as Retry-After says', async () => {
    expect(await pausesOf(2, failing('17'))).toEqual([17]);
  });

  test.each([['3600', [30]]])('waits no longer than 30 s for Retry-After: %s', async (retryAfter, pauses) => {
    expect(await pausesOf(2, failing(retryAfter))).toEqual(pauses);
  });

  test('takes no notice of a Retry-After that is no number of seconds', async () => {
    const [pause] = await pausesOf(2, failing('soon'));
    expect(pause).toBeLessThan(10);
  });

  test('ends its pause when the signal fires', async () => {
    const abort = new AbortController();
    const act = failing('30');
    const retrying = withRetries(3, systemClock.sleep, abort.signal, act);
    setImmediate(() => abort.abort());
    await expect(retrying).rejects.toMatchObject({ name: 'AbortError' });
    expect(act).toHaveBeenCalledTimes(1);
  });

  test('rejects at once with anything that is not transient', async () => {
    const act = jest.fn(() => Promise.reject(new Error('a bug')));
    expect(await pausesOf(3, act)).toEqual([]);
    expect(act).toHaveBeenCalledTimes(1);
  });
});
