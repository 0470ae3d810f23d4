import { smallest } from '../../../domain/capacity/search';

describe('smallest', () => {
  test.each([1, 2, 7, 8, 9, 99, 100])('finds %d, whatever it begins at', (answer) => {
    for (let least = 1; least <= answer; least++)
      expect(smallest(least, 100, (count) => count >= answer)).toBe(answer);
  });

  test('is undefined where even the most is not enough', () => {
    expect(smallest(1, 100, () => false)).toBeUndefined();
  });

  test('asks few times', () => {
    let asked = 0;
    smallest(1, 10_000, (count) => {
      asked += 1;
      return count >= 5000;
    });
    expect(asked).toBeLessThan(30);
  });
});
