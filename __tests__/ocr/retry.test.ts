import { retryPauses } from '../../ocr/retry';

describe('retryPauses', () => {
  test('grow with jitter, to at most 30 s', () => {
    const series = () => {
      const next = retryPauses();
      return Array.from({ length: 12 }, () => next(undefined));
    };
    const pauses = series();
    expect(pauses.every((pause) => pause > 0 && pause <= 30)).toBe(true);
    expect(Math.max(...pauses)).toBeGreaterThan((pauses[0] as number) * 3);
    expect(series()).not.toEqual(pauses);
  });

  test.each([
    [17, 17],
    [3600, 30],
  ])('a Retry-After of %d s makes a pause of %d s', (retryAfter, pause) => {
    expect(retryPauses()(retryAfter)).toBe(pause);
  });

  test('a short Retry-After shortens no pause', () => {
    expect(retryPauses()(0)).toBeGreaterThan(0);
  });
});
