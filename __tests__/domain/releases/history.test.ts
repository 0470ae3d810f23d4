import { historyOf } from '../../../domain/releases/history';
import type { JournalEntry } from '../../../domain/releases/journal';
import { entry, hold, ledger } from '../../fixtures/ledger';

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
const JOURNAL: JournalEntry[] = [
  { at: at(30), by: 'ada', kind: 'intent', revision: 'a', reason: 'tables come out empty' },
  {
    at: at(20),
    by: 'ci',
    kind: 'verdict',
    revision: 'b',
    percent: 10,
    state: 'unhealthy',
    reasons: ['p95 9 s', 'errors 7 %'],
  },
  {
    at: at(12),
    by: 'ci',
    kind: 'traffic',
    shares: [
      { revision: 'a', percent: 90 },
      { revision: 'b', percent: 10 },
    ],
  },
  { at: at(10), by: 'ci', kind: 'verdict', revision: 'b', percent: 0, state: 'healthy', reasons: [] },
];

describe('historyOf', () => {
  test('merges releases, journal and holds, newest first', () => {
    const known = ledger({
      journal: JOURNAL,
      releases: [
        entry('b', {
          sha: 'bbbbbbbccc',
          state: 'put-back',
          startedAt: at(5),
          updatedAt: at(21),
          reason: 'p95 9 s',
          runUrl: 'https://example.com/run/1',
        }),
      ],
      holds: [hold('b', { at: at(22), by: 'ci' })],
      intent: { revision: 'a', by: 'ada', at: at(30), epoch: 2, reason: 'tables come out empty' },
    });
    expect(historyOf(known)).toEqual([
      {
        at: at(30),
        by: 'ada',
        kind: 'intent',
        what: 'target set to',
        revision: 'a',
        reason: 'tables come out empty',
      },
      { at: at(22), by: 'ci', kind: 'hold', what: 'hold', revision: 'b', reason: 'tables come out empty' },
      {
        at: at(21),
        by: 'ci',
        kind: 'release',
        what: 'release bbbbbbb',
        revision: 'b',
        outcome: 'put-back, 16 min',
        reason: 'p95 9 s',
        runUrl: 'https://example.com/run/1',
      },
      {
        at: at(20),
        by: 'ci',
        kind: 'verdict',
        what: 'verdict at 10 %',
        revision: 'b',
        outcome: 'unhealthy',
        reason: 'p95 9 s; errors 7 %',
        runUrl: 'https://example.com/run/1',
      },
      { at: at(12), by: 'ci', kind: 'traffic', what: 'traffic to a 90 %, b 10 %' },
      {
        at: at(10),
        by: 'ci',
        kind: 'verdict',
        what: 'smoke test',
        revision: 'b',
        outcome: 'healthy',
        runUrl: 'https://example.com/run/1',
      },
    ]);
  });

  test('a ledger without a journal still says what is meant to serve, and how far a canary is', () => {
    const intent = { revision: 'a', by: 'ada', at: at(3), epoch: 1, reason: 'served' };
    const releases = [entry('b', { state: 'canary', percent: 50, updatedAt: at(9), startedAt: at(8) })];
    expect(historyOf(ledger({ intent, releases }))).toMatchObject([
      { kind: 'release', outcome: 'canary at 50 %, 1 min' },
      { kind: 'intent', by: 'ada', revision: 'a' },
    ]);
  });

  test('a release of half a minute took seconds, not 0 minutes', () => {
    const releases = [entry('b', { startedAt: at(8), updatedAt: '2026-01-01T00:08:29.400Z' })];
    expect(historyOf(ledger({ releases }))).toMatchObject([{ outcome: 'served, 29 s' }]);
  });

  test('keeps who stopped the service and who took that back, once nothing else says so', () => {
    const journal: JournalEntry[] = [
      { at: at(2), by: 'bob', kind: 'scale', to: 'restore', reason: '' },
      { at: at(1), by: 'ada', kind: 'scale', to: 0, reason: 'cost' },
    ];
    expect(historyOf(ledger({ journal }))).toEqual([
      { at: at(2), by: 'bob', kind: 'scale', what: 'scale restore' },
      { at: at(1), by: 'ada', kind: 'scale', what: 'scale zero', reason: 'cost' },
    ]);
  });

  test('an empty ledger has no history', () => {
    expect(historyOf(ledger())).toEqual([]);
  });
});
