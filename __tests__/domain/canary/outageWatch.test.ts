import type { GoldenPair } from '../../../domain/canary/golden';
import { outageWatch } from '../../../domain/canary/outageWatch';

/** `c` the candidate alone failed, `s` stable alone, `b` both, `.` neither. */
const pairOf = (sign: string): GoldenPair => ({
  page: 'letter',
  candidate: { outcome: 'cb'.includes(sign) ? 'failed' : 'read' },
  stable: { outcome: 'sb'.includes(sign) ? 'failed' : 'read' },
  timed: true,
});

describe('outageWatch', () => {
  test.each([
    ['', false],
    ['cccc', false],
    ['s', false],
    ['b', true],
    ['b.', true],
    ['b..', false],
    ['s..s', true],
    ['s...s', false],
    ['s..s..', false],
  ])('after %p is on: %p', (pairs, isOn) => {
    const watch = outageWatch();
    for (const sign of pairs) watch.add(pairOf(sign));
    expect(watch.isOn()).toBe(isOn);
  });
});
