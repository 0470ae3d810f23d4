import { historyBetween, newestReleaseSpan } from '../../../domain/releases/report';
import { noteTraffic, noteVerdict } from '../../../domain/releases/journal';
import { entry, hold, ledger } from '../../fixtures/ledger';

const at = (hour: number) => `2026-01-01T0${hour}:00:00.000Z`;
const date = (hour: number) => new Date(at(hour));
const move = (hour: number, revision: string) => ({
  at: at(hour),
  by: 'ci',
  shares: [{ revision, percent: 100 }],
});
const verdict = (hour: number) =>
  ({ at: at(hour), by: 'ci', revision: 'b', percent: 10, state: 'healthy', reasons: [] }) as const;

const LEDGER = [move(1, 'a'), move(3, 'b'), move(5, 'c')].reduce(
  noteTraffic,
  [2, 4].map(verdict).reduce(noteVerdict, ledger()),
);
// Verdicts were noted first: the journal is in the order of writing, not of these times.
const JOURNAL = [...LEDGER.journal!].sort((one, other) => other.at.localeCompare(one.at));

describe('historyBetween', () => {
  test('carries in what served when the span began, and leaves out what is outside', () => {
    const { moves, judgements } = historyBetween({ ...LEDGER, journal: JOURNAL }, date(2), date(4));
    expect(moves.map(({ at: when, shares }) => [when, shares[0]!.revision])).toEqual([
      [at(2), 'a'],
      [at(3), 'b'],
    ]);
    expect(judgements.map(({ at: when }) => when)).toEqual([at(2), at(4)]);
  });

  test('has the releases that were at work in it, oldest first', () => {
    const release = (name: string, from: number, to: number) =>
      entry(name, { startedAt: at(from), updatedAt: at(to) });
    const releases = [
      release('late', 6, 7),
      release('second', 3, 5),
      release('first', 1, 2),
      release('early', 0, 1),
    ];
    const found = historyBetween(ledger({ releases }), date(2), date(4));
    expect(found.releases.map(({ revision }) => revision)).toEqual(['first', 'second']);
  });

  test.each([
    ['no release', [], 'No release in this time. Nothing says which revision is meant to serve.'],
    [
      'one that was put back',
      [entry('b', { state: 'put-back', reason: 'errors', startedAt: at(1), updatedAt: at(2) })],
      'The newest release, b, was put back: errors. Nothing says which revision is meant to serve.',
    ],
    [
      'one whose reason is a sentence',
      [entry('b', { state: 'failed', reason: 'It did not start.', startedAt: at(1), updatedAt: at(2) })],
      'The newest release, b, failed: It did not start. Nothing says which revision is meant to serve.',
    ],
  ])('says how it ended: %s', (_what, releases, headline) => {
    expect(historyBetween(ledger({ releases }), date(1), date(4)).headline).toBe(headline);
  });

  test.each([
    [
      'a rollback took it out',
      { state: 'served', servedAt: at(2) } as const,
      'reached 100 % at 2026-01-01 02:00:00Z and is held since 2026-01-01 03:00:00Z (tables come out empty).',
    ],
    [
      'its own canary held it',
      { state: 'put-back', reason: 'tables come out empty' } as const,
      'was put back and is held since 2026-01-01 03:00:00Z: tables come out empty.',
    ],
  ])('says that it is held: %s', (_what, change, ended) => {
    const releases = [entry('b', { ...change, startedAt: at(1), updatedAt: at(2) })];
    const intent = { revision: 'a', by: 'ada', at: at(3), epoch: 2, reason: 'as before.' };
    const held = ledger({ releases, intent, holds: [hold('b', { at: at(3) })] });
    expect(historyBetween(held, date(1), date(4)).headline).toBe(
      `The newest release, b, ${ended} a is meant to serve (as before).`,
    );
  });
});

describe('newestReleaseSpan', () => {
  const releases = [
    entry('b', { startedAt: at(3), updatedAt: at(4) }),
    entry('a', { startedAt: at(1), updatedAt: at(2) }),
  ];

  test.each([
    ['the newest', undefined, { from: date(3), to: date(4) }],
    ['of a commit', 'sha-a', { from: date(1), to: date(2) }],
    ['of an unknown commit', 'sha-c', undefined],
  ])('%s', (_what, sha, span) => {
    expect(newestReleaseSpan(ledger({ releases }), sha)).toEqual(span);
  });

  test.each([
    ['to the move that took it out', [move(3, 'b'), move(6, 'a'), move(7, 'c')], 6],
    ['to its hold, where traffic has not been moved yet', [move(3, 'b')], 5],
  ])('of one that is held, %s', (_what, moves, end) => {
    const journal = moves.reduce(noteTraffic, ledger()).journal!;
    const held = ledger({ releases, journal, holds: [hold('b', { at: at(5) })] });
    expect(newestReleaseSpan(held)).toEqual({ from: date(3), to: date(end) });
    expect(newestReleaseSpan(held, 'sha-a')).toEqual({ from: date(1), to: date(2) });
  });
});
