import {
  atMost,
  highestRate,
  isServiceFailure,
  moreFailures,
  moreThan,
  type Period,
} from '../../../domain/canary/callers';

const period = (candidate: [failed: number, of: number], stable: [failed: number, of: number]): Period => ({
  candidate: { failed: candidate[0], requests: candidate[1] },
  stable: { failed: stable[0], requests: stable[1] },
});

describe('isServiceFailure', () => {
  test.each([
    ['500', true],
    ['503', true],
    ['504', true],
    ['501', false], // vLLM, to a data URL that is no base64
    ['400', false],
    ['429', false],
    ['200', false],
  ])('%s: %s', (code, isFailure) => expect(isServiceFailure(code)).toBe(isFailure));
});

describe('moreFailures', () => {
  test('is no evidence without a failure, and where one side has nobody', () => {
    expect(moreFailures([period([0, 50], [0, 450])])).toBe(0);
    expect(moreFailures([period([5, 50], [0, 0])])).toBe(0);
    expect(moreFailures([])).toBe(0);
  });

  test('takes no outage that both share for harm, however long it lasts', () => {
    const outage = Array.from({ length: 30 }, () => period([40, 50], [360, 450]));
    expect(moreFailures(outage)).toBeLessThan(0);
  });

  test('is the mean over odds ratios of Fisher’s two hypergeometrics, for one failure of two pages', () => {
    // Given one failure it is the candidate's with odds of r to 1 against 1 to 1: 2r / (1 + r).
    const expected = [2, 4, 8, 16, 32].reduce((sum, ratio) => sum + (2 * ratio) / (1 + ratio), 0) / 5;
    expect(moreFailures([period([1, 1], [0, 1])])).toBeCloseTo(Math.log(expected), 12);
  });

  test('has a mean of 1 where nobody is worse: no bet, whatever the split', () => {
    // Three failures among four candidate's and six of stable's pages: C(4, x) C(6, 3 - x) ways of C(10, 3).
    const ways = [20, 60, 36, 4];
    const mean = ways.reduce(
      (sum, way, failed) => sum + way * Math.exp(moreFailures([period([failed, 4], [3 - failed, 6])])),
      0,
    );
    expect(mean / 120).toBeCloseTo(1, 10);
  });

  test('finds a tenth of the candidate’s pages failing', () => {
    const minutes = Array.from({ length: 5 }, () => period([2, 20], [1, 180]));
    expect(moreFailures(minutes)).toBeGreaterThan(Math.log(5000));
  });
});

describe('moreThan', () => {
  test('weighs failures above the rate against pages that were answered', () => {
    expect(moreThan(0.02, [{ requests: 10, failed: 5 }])).toBeGreaterThan(Math.log(10_000));
    expect(moreThan(0.02, [{ requests: 300, failed: 6 }])).toBeLessThan(0);
    expect(moreThan(1, [{ requests: 10, failed: 10 }])).toBe(0);
  });
});

describe('atMost and highestRate', () => {
  test('are the binomial and its bound, by hand', () => {
    expect(atMost(0, 10, 0.1)).toBeCloseTo(0.9 ** 10, 12);
    expect(atMost(1, 2, 0.5)).toBeCloseTo(0.75, 12);
    // The rule of three: no failure of 300 leaves 1 % possible at 5 %.
    expect(highestRate({ requests: 300, failed: 0 }, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / 300), 6);
    expect(highestRate({ requests: 0, failed: 0 }, 0.05)).toBe(1);
    expect(highestRate({ requests: 4, failed: 4 }, 0.05)).toBe(1);
  });
});
