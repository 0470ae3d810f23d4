import fc from 'fast-check';
import { judge, type SyntheticStats, type Verdict, type WindowStats } from '../../../domain/releases/verdict';

const LIMITS = {
  steps: [{ percent: 100, bakeSeconds: 1 }],
  minRequests: 20,
  maxErrorRate: 0.05,
  maxErrorRateIncrease: 0.02,
  maxLatencyP95Seconds: 10,
  maxLatencyRatio: 1.5,
  syntheticPages: 4,
  maxExtensions: 2,
  maxCharacterErrorRate: 0.1,
};
const GOOD: WindowStats = { requests: 100, errors: 0, throttled: 0, p95Seconds: 4 };
const READ: SyntheticStats = { sent: 4, throttled: 0, failed: 0, worstCharacterErrorRate: 0.01 };

type Case = {
  candidate?: Partial<WindowStats>;
  stable?: Partial<WindowStats>;
  synthetic?: Partial<SyntheticStats>;
};
const verdictOn = ({ candidate, stable, synthetic }: Case): Verdict =>
  judge(LIMITS, { ...GOOD, ...candidate }, { ...GOOD, ...stable }, { ...READ, ...synthetic });

describe('judge', () => {
  test.each<[state: Verdict['state'], what: string, found: Case, reason: string]>([
    ['healthy', 'everything within the limits', {}, '100 requests, 0 errors, p95 4.00 s'],
    ['healthy', 'just enough requests', { candidate: { requests: 20 } }, '20 requests'],
    [
      'inconclusive',
      'one request too few',
      { candidate: { requests: 19 } },
      '19 requests in the window, 20 needed',
    ],
    [
      'inconclusive',
      'too few requests although all failed, which it says',
      { candidate: { requests: 19, errors: 19 } },
      '19 of 19 requests failed',
    ],
    ['healthy', '5xx at both limits', { candidate: { errors: 5 }, stable: { errors: 3 } }, '5 errors'],
    [
      'unhealthy',
      '5xx over the fixed limit',
      { candidate: { errors: 6 }, stable: { errors: 6 } },
      '6 of 100 requests failed (6.0 %, limit 5.0 %)',
    ],
    [
      'unhealthy',
      "5xx over stable's",
      { candidate: { errors: 3 } },
      "error rate 3.0 % against stable's 0.0 %",
    ],
    [
      'healthy',
      'p95 at the limit',
      { candidate: { p95Seconds: 10 }, stable: { p95Seconds: 10 } },
      'p95 10.00 s',
    ],
    [
      'unhealthy',
      'p95 over the fixed limit',
      { candidate: { p95Seconds: 10.5 }, stable: { p95Seconds: 10 } },
      'p95 latency 10.50 s, limit 10 s',
    ],
    ['healthy', "p95 at the ratio to stable's", { candidate: { p95Seconds: 6 } }, 'p95 6.00 s'],
    [
      'unhealthy',
      "p95 over the ratio to stable's",
      { candidate: { p95Seconds: 6.5 } },
      "6.50 s against stable's 4.00 s",
    ],
    ['inconclusive', 'no latencies', { candidate: { p95Seconds: undefined } }, 'no latencies'],
    [
      'healthy',
      'stable without latencies, which it says',
      { candidate: { p95Seconds: 9 }, stable: { p95Seconds: undefined } },
      "p95 not compared with stable's",
    ],
    [
      'healthy',
      'stable with too few requests to compare with, which it says',
      { candidate: { errors: 5, p95Seconds: 9 }, stable: { requests: 19 } },
      'not compared with stable, which had 19 requests, 20 needed',
    ],
    [
      'inconclusive',
      '429 over the limit: no capacity, not a fault',
      { candidate: { throttled: 6 } },
      '6 of 100 requests were answered 429',
    ],
    ['healthy', '429 at the limit', { candidate: { throttled: 5 } }, '100 requests'],
    [
      'inconclusive',
      'all golden pages answered 429',
      { synthetic: { throttled: 4 } },
      'every golden page was answered 429',
    ],
    ['healthy', 'some golden pages answered 429', { synthetic: { throttled: 3 } }, '100 requests'],
    [
      'inconclusive',
      'a golden page without an answer',
      { synthetic: { failed: 1 } },
      '1 of 4 golden pages were not answered',
    ],
    ['healthy', 'text at the limit', { synthetic: { worstCharacterErrorRate: 0.1 } }, '100 requests'],
    [
      'unhealthy',
      'garbage text',
      { synthetic: { worstCharacterErrorRate: 0.9 } },
      'character error rate of 0.900, limit 0.1',
    ],
    [
      'unhealthy',
      'garbage text although there are too few requests',
      { candidate: { requests: 0, p95Seconds: undefined }, synthetic: { worstCharacterErrorRate: 0.9 } },
      'character error rate',
    ],
    [
      'unhealthy',
      '5xx although 429 too',
      { candidate: { errors: 50, throttled: 50 } },
      '50 of 100 requests failed',
    ],
  ])('%s: %s', (state, _what, found, reason) => {
    const verdict = verdictOn(found);
    expect(verdict).toEqual({
      state,
      reasons: expect.arrayContaining([expect.stringContaining(reason)]) as string[],
    });
  });

  test('garbage text wins over a lack of data', () => {
    expect(judge(LIMITS, undefined, undefined, { ...READ, worstCharacterErrorRate: 0.9 }).state).toBe(
      'unhealthy',
    );
  });

  test('is inconclusive without data', () => {
    expect(judge(LIMITS, undefined, GOOD, READ)).toEqual({
      state: 'inconclusive',
      reasons: ['Cloud Monitoring has no data for the candidate'],
    });
  });

  test('judges by the fixed limits where stable has no data', () => {
    expect(judge(LIMITS, { ...GOOD, errors: 5 }, undefined, READ).state).toBe('healthy');
    expect(judge(LIMITS, { ...GOOD, errors: 6 }, undefined, READ).state).toBe('unhealthy');
  });

  test('says nothing of a comparison that was made, and says one that was not', () => {
    expect(verdictOn({}).reasons).toEqual(['100 requests, 0 errors, p95 4.00 s']);
    expect(judge(LIMITS, GOOD, undefined, READ).reasons).toEqual([
      '100 requests, 0 errors, p95 4.00 s',
      'not compared with stable, which had 0 requests, 20 needed',
    ]);
  });

  test('says nothing of errors where there were none', () => {
    expect(verdictOn({ candidate: { requests: 19 } }).reasons).toEqual([
      '19 requests in the window, 20 needed',
    ]);
  });

  test('gives every reason of harm', () => {
    const { reasons } = verdictOn({
      candidate: { errors: 50, p95Seconds: 99 },
      synthetic: { worstCharacterErrorRate: 1 },
    });
    expect(reasons).toHaveLength(5);
  });

  test('is never healthy without data or with less of it than is needed', () => {
    const count = fc.nat({ max: LIMITS.minRequests - 1 });
    const thin = fc.option(
      fc.record({
        requests: count,
        errors: count,
        throttled: count,
        p95Seconds: fc.option(fc.double({ min: 0, max: 99, noNaN: true }), { nil: undefined }),
      }),
      { nil: undefined },
    );
    const synthetic = fc.record({
      sent: fc.constant(4),
      throttled: fc.nat({ max: 4 }),
      failed: fc.nat({ max: 4 }),
      worstCharacterErrorRate: fc.double({ min: 0, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(thin, synthetic, (candidate, pages) => {
        expect(judge(LIMITS, candidate, GOOD, pages).state).not.toBe('healthy');
      }),
    );
  });
});
