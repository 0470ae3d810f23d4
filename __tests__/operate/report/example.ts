import type { Report } from '../../../domain/releases/report';
import { entry } from '../../fixtures/ledger';

const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 0, 1, 12, minute, second)).toISOString();
const points = (from: number, to: number, requests: number, errors: number, p95Seconds: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    at: at(from + index),
    requests,
    errors,
    throttled: 0,
    p95Seconds: p95Seconds + index / 10,
  }));

const STABLE = 'lightonocr-gpu-1a2b3c4-0b6828';
const CANDIDATE = 'lightonocr-gpu-5d6e7f8-77aa01';

/** A release whose canary was put back, with a reason that would be markup if nothing escaped it. */
export const REPORT: Report = {
  deployment: 'production',
  service: 'lightonocr-gpu',
  from: at(0),
  to: at(40),
  headline: `The newest release, ${CANDIDATE}, is put-back: 6 of 20 requests failed (30.0 %, limit 5.0 %).`,
  moves: [
    { kind: 'traffic', at: at(0), by: 'ci', shares: [{ revision: STABLE, percent: 100 }] },
    {
      kind: 'traffic',
      at: at(6),
      by: 'ci',
      shares: [
        { revision: STABLE, percent: 90 },
        { revision: CANDIDATE, percent: 10 },
      ],
    },
    {
      kind: 'traffic',
      at: at(17),
      by: 'ci',
      shares: [
        { revision: STABLE, percent: 50 },
        { revision: CANDIDATE, percent: 50 },
      ],
    },
    { kind: 'traffic', at: at(29), by: 'ci', shares: [{ revision: STABLE, percent: 100 }] },
  ],
  decisions: [{ kind: 'intent', at: at(0), by: 'ada', revision: STABLE, reason: 'tables came out empty' }],
  judgements: [
    {
      kind: 'verdict',
      at: at(5),
      by: 'ci',
      revision: CANDIDATE,
      percent: 0,
      state: 'healthy',
      reasons: ['character error rate 0.004'],
    },
    {
      kind: 'verdict',
      at: at(16),
      by: 'ci',
      revision: CANDIDATE,
      percent: 10,
      state: 'healthy',
      reasons: ['22 requests, 0 errors, p95 4.20 s'],
    },
    {
      kind: 'verdict',
      at: at(28),
      by: 'ci',
      revision: CANDIDATE,
      percent: 50,
      state: 'unhealthy',
      reasons: ['6 of 20 requests failed (30.0 %, limit 5.0 %)', '<script>alert(1)</script> & "quoted"'],
    },
  ],
  releases: [
    entry(CANDIDATE, { state: 'put-back', startedAt: at(1), updatedAt: at(29), reason: '6 of 20 failed' }),
  ],
  metrics: { [STABLE]: points(1, 40, 30, 0, 4), [CANDIDATE]: points(7, 29, 8, 1, 5) },
  gaps: [],
};
