import { bets, logMean } from '../../../domain/canary/betting';

describe('bets', () => {
  test('begin with a wealth of 1, and lose nothing on nothing', () => {
    const staked = bets();
    expect(staked.logWealth()).toBe(0);
    staked.add(0);
    expect(staked.logWealth()).toBe(0);
  });

  test('on both sides of a fair coin keep their mean: 1 over all four ways of two tosses', () => {
    const wealths = [
      [-1, -1],
      [-1, 1],
      [1, -1],
      [1, 1],
    ].map((tosses) => {
      const staked = bets();
      tosses.forEach((toss) => staked.add(toss));
      return Math.exp(staked.logWealth());
    });
    expect(wealths.reduce((sum, wealth) => sum + wealth, 0) / 4).toBeCloseTo(1, 12);
  });

  test('are the mean of each share by itself', () => {
    const staked = bets([0.5, 0.25]);
    staked.add(1);
    staked.add(1);
    expect(Math.exp(staked.logWealth())).toBeCloseTo((1.5 ** 2 + 1.25 ** 2) / 2, 12);
  });
});

describe('logMean', () => {
  test.each([
    [[Math.log(2), Math.log(4)], Math.log(3)],
    [[-Infinity, 0], Math.log(0.5)],
    [[-Infinity], -Infinity],
    [[1000, 1000], 1000],
  ])('of %j is %d', (logarithms, mean) => expect(logMean(logarithms)).toBeCloseTo(mean, 12));
});
