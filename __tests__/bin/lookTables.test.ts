import { historyTable, revisionTable } from '../../bin/lookTables';
import type { HistoryEvent } from '../../domain/releases/history';
import type { RevisionRow } from '../../domain/releases/revisionTable';

const row = (revision: string, change: Partial<RevisionRow> = {}): RevisionRow => ({
  revision,
  roles: [],
  ready: 'yes',
  percent: 0,
  tags: [],
  ...change,
});
const shown = (revisions: RevisionRow[], limit = 20, change = {}) =>
  revisionTable({ service: 's', exists: true, ledger: 'read', revisions, ...change }, limit).split('\n');

describe('revisionTable', () => {
  test('shows what is known, short, and the condition on one line', () => {
    const lines = shown([
      row('s-b', {
        roles: ['candidate'],
        percent: 10,
        tags: ['c-b'],
        ready: 'no',
        condition: 'failed\n to start',
        createdAt: '2026-01-02T03:04:05.678Z',
        sha: '1234567890',
        digest: `sha256:${'abcdef'.repeat(10)}abcd`,
        state: 'put-back',
        servedAt: '2026-01-02T04:00:00Z',
        held: 'slow',
      }),
      row('s-a', { ready: 'pending' }),
    ]);
    expect(lines[2]!.trim().split(/ {2,}/)).toEqual([
      's-b',
      'candidate',
      '10 %',
      'c-b',
      'no',
      '2026-01-02 03:04:05Z',
      '1234567',
      'sha256:abcdefabcdef',
      'put-back, served 2026-01-02 04:00:00Z',
      'held: slow; failed to start',
    ]);
    expect(lines[3]).toMatch(/^ {2}s-a +starting +by tag$/);
  });

  test('leaves out older ones beyond the limit, but never what has traffic, a tag or a role', () => {
    const many = [
      row('s-f'),
      row('s-e'),
      row('s-d', { percent: 100 }),
      row('s-c', { tags: ['x'] }),
      row('s-b', { roles: ['intent'] }),
    ];
    const lines = shown([...many, row('s-a')], 1);
    expect(lines.filter((line) => line.startsWith('  s-')).map((line) => line.trim().split(' ')[0])).toEqual([
      's-f',
      's-d',
      's-c',
      's-b',
    ]);
    expect(lines.at(-1)).toBe('2 older ones: --limit 6');
  });

  test('says that there is no service, and that there is no ledger', () => {
    expect(shown([], 20, { exists: false, mend: 'make it' })).toEqual(['s does not exist', '  → make it']);
    expect(shown([row('s-a')], 20, { ledger: 'none', mend: 'find it' }).slice(-2)).toEqual([
      'There is no ledger: nothing says which revision is meant to serve.',
      '  → find it',
    ]);
    expect(shown([row('s-a')], 20, { ledger: 'unread' }).at(-1)).toMatch(/^The ledger cannot be read/);
  });
});

describe('historyTable', () => {
  const event = (change: Partial<HistoryEvent> = {}): HistoryEvent => ({
    at: '2026-01-02T03:04:05.678Z',
    by: 'ada',
    kind: 'intent',
    what: 'target set to',
    ...change,
  });

  test('has a line an event, with the run at its end', () => {
    const lines = historyTable(
      'production',
      [event({ revision: 's-a', reason: 'two\nlines', runUrl: 'https://r' })],
      5,
    );
    expect(lines.split('\n').slice(2)).toEqual([
      expect.stringMatching(/^ {2}2026-01-02 03:04:05Z {2}ada +target set to +s-a +two lines +https:\/\/r$/),
    ]);
  });

  test('keeps to the limit and says what it leaves out', () => {
    const lines = historyTable('production', [event(), event(), event()], 2).split('\n');
    expect(lines.filter((line) => line.includes('ada'))).toHaveLength(2);
    expect(lines.at(-1)).toBe('1 older one: --limit 3');
  });

  test('says when there is nothing', () => {
    expect(historyTable('production', [], 2)).toBe('The ledger has nothing yet.');
  });
});
