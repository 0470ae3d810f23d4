import type { GoldenAnswer } from '../../../domain/canary/golden';
import { goldenTally } from '../../../domain/canary/goldenTally';
import { describeEvidence } from '../../../domain/canary/words';

const SETTINGS = {
  harm: { errorRateIncrease: 0.09, latencyRatio: 2, characterErrorRateIncrease: 0.03 },
  maxHarmServed: 0.01,
  maxGoodBlocked: 0.002,
};
const CALLERS = {
  together: [],
  alone: [],
  failsAlone: false,
  reference: { requests: 0, failed: 0 },
  candidate: { requests: 0, failed: 0 },
  throttled: 0,
};

describe('describeEvidence', () => {
  const evidence = (rate: number) => {
    const golden = goldenTally(SETTINGS.harm);
    const read: GoldenAnswer = { outcome: 'read', seconds: 4, characterErrorRate: 0 };
    for (let at = 0; at < 104; at++)
      golden.add({
        page: 'letter',
        candidate: { ...read, characterErrorRate: rate },
        stable: read,
        timed: true,
      });
    return describeEvidence(SETTINGS, { golden: golden.tally(), callers: CALLERS });
  };

  test('says how many failed, and how sure it is of the difference', () =>
    expect(evidence(0)[0]).toMatch(
      /^104 golden pages: 0 failed on the candidate, 0 on stable; at 99 % sure it fails on less than \d\.\d points more \(9 points matter\)$/,
    ));

  test.each([
    [
      0,
      /^character error rate \+0\.0 points, at 99 % sure less than \+\d\.\d points \(\+3\.0 points matter\)$/,
    ],
    [0.01, /^character error rate \+1\.0 point, /],
  ])('writes a difference of %p as a figure with its unit', (rate, words) =>
    expect(evidence(rate)[2]).toMatch(words),
  );

  test('says nothing of a golden page where none was read', () =>
    expect(
      describeEvidence(SETTINGS, { golden: goldenTally(SETTINGS.harm).tally(), callers: CALLERS }),
    ).toEqual(['no golden page was read by both revisions']));
});
