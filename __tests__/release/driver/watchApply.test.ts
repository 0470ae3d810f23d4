import type { ReleaseContext } from '../../../release/ports/context';
import { outlastApply } from '../../../release/driver/watchApply';
import { entry, ledger } from '../../fixtures/ledger';

describe('outlastApply', () => {
  /** A service that an apply keeps busy for so many minutes; each look takes one. */
  const busyFor = (minutes: number): ReleaseContext => {
    let passed = 0;
    const context = {
      deployment: { name: 'production', service: 'lightonocr-gpu' },
      clock: { now: () => new Date(60_000 * passed), sleep: async () => void (passed += 1) },
      ledger: { read: async () => ledger({ releases: [entry('a', { state: 'applying' })] }) },
      cloudRun: { service: async () => ({ reconciling: passed < minutes }) },
      progress: () => undefined,
      signal: new AbortController().signal,
    };
    return context as unknown as ReleaseContext;
  };

  test('ends once the apply is over, and has put back each time what was not in place', async () => {
    let [looks, puts] = [0, 0];
    await outlastApply(
      busyFor(30),
      () => looks++ % 10 !== 0,
      async () => void puts++,
    );
    expect(puts).toBe(Math.ceil(looks / 10));
    expect(looks).toBeGreaterThan(30);
  });

  test('rejects after forty minutes: what is there then may still be undone', async () => {
    const end = outlastApply(
      busyFor(Infinity),
      () => true,
      async () => undefined,
    );
    await expect(end).rejects.toMatchObject({ code: 'APPLY_NEVER_ENDS', exitCode: 3 });
  });
});
