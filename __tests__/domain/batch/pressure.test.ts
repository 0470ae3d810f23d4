import { afterAnswer, afterRefusal, shareOf, startPressure } from '../../../domain/batch/pressure';

describe('pressure', () => {
  test('begins at the share, and never exceeds it', () => {
    const pressure = afterAnswer(startPressure(8), 8);
    expect(pressure.limit).toBe(8);
  });

  test('falls at a refusal, once for all that were under way then', () => {
    const first = afterRefusal(startPressure(10), 0, 5);
    expect(first.limit).toBeCloseTo(7);
    expect(afterRefusal(first, 4, 6)).toBe(first);
    expect(afterRefusal(first, 5, 6).limit).toBeCloseTo(4.9);
  });

  test('grows by one for each window of answers', () => {
    let pressure = { limit: 4, loweredAt: 0 };
    for (let answer = 0; answer < 4; answer++) pressure = afterAnswer(pressure, 100);
    expect(pressure.limit).toBeGreaterThan(4.85);
    expect(pressure.limit).toBeLessThanOrEqual(5);
  });

  test('never stops altogether', () => {
    let pressure = startPressure(2);
    for (let at = 0; at < 50; at++) pressure = afterRefusal(pressure, at, at);
    expect(pressure.limit).toBe(1);
  });

  test('a share is at least one page, and grows as tasks end', () => {
    expect(shareOf(24, 3)).toBe(8);
    expect(shareOf(24, 2)).toBe(12);
    expect(shareOf(4, 8)).toBe(1);
    expect(shareOf(4, 0)).toBe(4);
  });
});
