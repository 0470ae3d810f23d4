import { retryPauses } from '../../ocr/retry';

describe('retryPauses', () => {
  test('double from 1 s to at most 30 s, half of each by jitter', () => {
    const series = () => {
      const next = retryPauses();
      return Array.from({ length: 12 }, () => next(undefined));
    };
    const pauses = series();
    pauses.forEach((pause, at) => {
      const longest = Math.min(2 ** at, 30);
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest);
    });
    expect(series()).not.toEqual(pauses);
  });

  test.each([
    [17, 17],
    [3600, 30],
  ])('a Retry-After of %d s makes a pause of %d s', (retryAfter, pause) => {
    expect(retryPauses()(retryAfter)).toBe(pause);
  });

  test('a short Retry-After shortens no pause', () => {
    expect(retryPauses()(0)).toBeGreaterThanOrEqual(0.5);
  });
});
