import type { GoldenAnswer, GoldenPair } from '../../../domain/canary/golden';
import { goldenTally } from '../../../domain/canary/goldenTally';
import { type CallersEvidence, decide, obviousFailures } from '../../../domain/canary/judge';
import { BLOCK_PARTS } from '../../../domain/canary/settings';

const SETTINGS = {
  harm: { errorRateIncrease: 0.09, latencyRatio: 2, characterErrorRateIncrease: 0.03 },
  maxHarmServed: 0.01,
  maxGoodBlocked: 0.002,
};
const NO_CALLERS: CallersEvidence = {
  together: [],
  alone: [],
  failsAlone: false,
  reference: { requests: 0, failed: 0 },
  candidate: { requests: 0, failed: 0 },
  throttled: 0,
};
const READ: GoldenAnswer = { outcome: 'read', seconds: 4, characterErrorRate: 0.01 };
const FAILED: GoldenAnswer = { outcome: 'failed' };
const pair = (candidate: GoldenAnswer, stable: GoldenAnswer = READ, page = 'letter'): GoldenPair => ({
  page,
  candidate,
  stable,
  timed: true,
});

/** What is decided after these pairs, eight a round. */
function after(pairs: readonly GoldenPair[], callers = NO_CALLERS) {
  const golden = goldenTally(SETTINGS.harm);
  pairs.forEach((each, at) => {
    golden.add(each);
    if (at % 8 === 7) golden.endRound();
  });
  return decide(SETTINGS, { golden: golden.tally(), callers });
}
const times = (count: number, each: GoldenPair) => Array.from({ length: count }, () => each);

describe('decide', () => {
  test('knows nothing without golden pages, whatever callers say', () => {
    const well = { candidate: { requests: 5000, failed: 0 }, stable: { requests: 5000, failed: 0 } };
    const callers = { ...NO_CALLERS, together: [well], candidate: well.candidate };
    expect(after([], callers)).toMatchObject({ state: 'open', leansGood: false });
  });

  test('finds good what a hundred pages show as good as stable, and not before whole rounds did', () => {
    expect(after(times(56, pair(READ)))).toMatchObject({ state: 'open', leansGood: true });
    expect(after(times(104, pair(READ)))).toMatchObject({ state: 'good', harmful: [], unproven: [] });
    expect(after(times(7, pair(READ))).unproven).toEqual(['errors', 'latency', 'text']);
  });

  test.each<[what: string, later: readonly GoldenPair[], state: string]>([
    ['every page fails from then on', times(8, pair(FAILED)), 'open'],
    ['every page fails for long', times(16, pair(FAILED)), 'harmful'],
    ['one of the last four pages fails', [pair(FAILED), ...times(3, pair(READ))], 'open'],
    ['one page failed four pages ago', [pair(FAILED), ...times(4, pair(READ))], 'good'],
    ['two of the last ten fail', [...times(2, pair(FAILED)), ...times(8, pair(READ))], 'open'],
    ['two failed long ago', [...times(2, pair(FAILED)), ...times(48, pair(READ))], 'good'],
    ['pages take three times as long', times(8, pair({ ...READ, seconds: 12 })), 'open'],
    ['a tenth is read wrongly', times(40, pair({ ...READ, characterErrorRate: 0.1 })), 'open'],
  ])('after it was proven good, finds it so no longer by itself: %s', (_what, later, state) =>
    expect(after([...times(104, pair(READ)), ...later]).state).toBe(state),
  );

  test.each<[what: string, each: GoldenPair, pairs: number, found: string]>([
    ['fails on every page', pair(FAILED), 5, 'obvious'],
    ['takes three times as long', pair({ ...READ, seconds: 12 }), 20, 'latency'],
    ['reads a tenth of the characters wrongly', pair({ ...READ, characterErrorRate: 0.1 }), 60, 'text'],
  ])('finds harmful what %s', (_what, each, pairs, found) => {
    expect(after(times(pairs, each))).toMatchObject({ state: 'harmful', harmful: [found] });
    expect(after(times(2, each)).state).toBe('open');
  });

  test('finds harmful what fails on one kind of eight', () => {
    const round = Array.from({ length: 8 }, (_, kind) =>
      pair(kind === 3 ? FAILED : READ, READ, `kind ${kind}`),
    );
    const rounds = Array.from({ length: 16 }, () => round).flat();
    expect(after(rounds)).toMatchObject({ state: 'harmful', harmful: ['errors'], unproven: ['errors'] });
  });

  test.each<[what: string, each: GoldenPair]>([
    ['both fail', pair(FAILED, FAILED)],
    ['no instance could be had for', pair({ outcome: 'throttled' })],
    ['could not be asked', pair({ outcome: 'unasked' })],
  ])('learns nothing from pages that %s', (_what, each) => {
    expect(after(times(200, each))).toMatchObject({ state: 'open', harmful: [], leansGood: false });
  });

  test('does not hold against the candidate what it fails while stable fails too', () => {
    const outage = [pair(FAILED, FAILED), pair(FAILED), pair(READ, FAILED), pair(FAILED), pair(READ, FAILED)];
    expect(after([...outage, ...outage, ...outage]).harmful).toEqual([]);
  });

  test('needs callers’ failures where golden pages see none', () => {
    const period = { candidate: { requests: 20, failed: 8 }, stable: { requests: 180, failed: 1 } };
    const callers = { ...NO_CALLERS, together: [period, period] };
    expect(after(times(104, pair(READ)), callers)).toMatchObject({ state: 'harmful', harmful: ['callers'] });
  });

  test('finds harmful what fails once it has all traffic, against what stable’s callers were used to', () => {
    const alone = [{ requests: 40, failed: 12 }];
    const used = { ...NO_CALLERS, alone, reference: { requests: 400, failed: 2 } };
    expect(after([], used).harmful).toEqual(['callersAlone']);
    expect(after([], { ...used, reference: { requests: 40, failed: 12 } }).harmful).toEqual([]);
    expect(after([], { ...used, reference: { requests: 0, failed: 0 } }).harmful).toEqual([]);
  });
});

describe('obviousFailures', () => {
  test.each([
    ['nothing known of callers', 0, 0, 3],
    ['1 % of callers failing', 1, 100, 3],
    ['10 % of callers failing', 10, 100, 6],
    ['one caller, who failed', 1, 1, 8],
  ])('with %s', (_what, failed, requests, needed) =>
    expect(obviousFailures(SETTINGS, { failed, requests })).toBe(needed),
  );
});

describe('BLOCK_PARTS', () => {
  test('are no more than the whole', () =>
    expect(Object.values(BLOCK_PARTS).reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 12));
});
