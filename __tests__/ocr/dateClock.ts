import type { Clock } from '../../ocr/clock';

/**
 * A clock that only sleeping moves, and Date with it: the breaker's library reads Date itself. Timers stay real, so that
 * sockets work.
 */
export function dateClock(): Clock & {
  readonly slept: number[];
  seconds(): number;
  advance(seconds: number): void;
} {
  const start = Date.parse('2026-01-01T00:00:00Z');
  jest.useFakeTimers({
    now: start,
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
  const slept: number[] = [];
  // Whole milliseconds, as a clock has them.
  const advance = (seconds: number) => jest.setSystemTime(Date.now() + Math.ceil(seconds * 1000));
  return {
    slept,
    now: () => new Date(),
    seconds: () => (Date.now() - start) / 1000,
    advance,
    async sleep(seconds, signal) {
      signal?.throwIfAborted();
      slept.push(seconds);
      advance(seconds);
    },
  };
}
