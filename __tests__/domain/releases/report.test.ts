import { historyBetween, newestReleaseSpan } from '../../../domain/releases/report';
import { noteTraffic, noteVerdict } from '../../../domain/releases/journal';
import { entry, ledger } from '../../fixtures/ledger';

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
      'The newest release, b, is put-back: errors. Nothing says which revision is meant to serve.',
    ],
  ])('says how it ended: %s', (_what, releases, headline) => {
    expect(historyBetween(ledger({ releases }), date(1), date(4)).headline).toBe(headline);
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
});
