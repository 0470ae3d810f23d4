import { JOURNAL_LENGTH, lastAsked, noteTraffic, noteVerdict } from '../../../domain/releases/journal';
import { ledger } from '../../fixtures/ledger';

const at = '2026-01-01T00:00:00.000Z';
const move = (revision: string, percent = 100) => ({ at, by: 'ci', shares: [{ revision, percent }] });

describe('noteTraffic', () => {
  test('puts the newest first, without shares of 0 % and without tags', () => {
    const split = [
      { revision: 'a', percent: 90 },
      { revision: 'b', percent: 10, tag: 'c-b' },
      { revision: 'c', percent: 0, tag: 'c-c' },
    ];
    const noted = noteTraffic(noteTraffic(ledger(), move('a')), { at, by: 'ci', shares: split });
    expect(noted.journal).toEqual([
      {
        at,
        by: 'ci',
        kind: 'traffic',
        shares: [
          { revision: 'a', percent: 90 },
          { revision: 'b', percent: 10 },
        ],
      },
      { at, by: 'ci', kind: 'traffic', shares: [{ revision: 'a', percent: 100 }] },
    ]);
  });

  test('notes nothing when the same is asked for again, whatever was judged in between', () => {
    const verdict = { at, by: 'ci', revision: 'a', percent: 100, state: 'healthy', reasons: [] } as const;
    const once = noteVerdict(noteTraffic(ledger(), move('a')), verdict);
    expect(noteTraffic(once, { ...move('a'), at: '2026-01-02T00:00:00.000Z' })).toBe(once);
  });
});

describe('lastAsked', () => {
  const asked = (...revisions: string[]) =>
    lastAsked(revisions.map((revision) => move(revision)).reduce(noteTraffic, ledger()), ['stable', 'new'])
      .flat()
      .map(({ revision }) => revision);

  test('is the last three: a step, one that was refused, and the way back that was refused', () => {
    expect(asked('new', 'stable', 'new', 'stable')).toEqual(['stable', 'new', 'stable']);
  });

  test('leaves out what was asked for before the release, of another revision', () => {
    expect(asked('left', 'stable')).toEqual(['stable']);
  });
});

describe('noteVerdict', () => {
  test('forgets the oldest', () => {
    const verdict = { at, by: 'ci', revision: 'a', state: 'healthy', reasons: [] } as const;
    let noted = ledger();
    for (let percent = 0; percent <= JOURNAL_LENGTH; percent++)
      noted = noteVerdict(noted, { ...verdict, percent });
    expect(noted.journal).toHaveLength(JOURNAL_LENGTH);
    expect(noted.journal![0]).toMatchObject({ percent: JOURNAL_LENGTH });
    expect(noted.journal!.at(-1)).toMatchObject({ percent: 1 });
  });
});
