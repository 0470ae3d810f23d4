import { type Ledger, recordRelease } from '../../../domain/releases/ledger';
import { isOlder, previousGood, releasesSince } from '../../../domain/releases/rollbackTarget';
import { entry, hold, ledger } from '../../fixtures/ledger';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('previousGood', () => {
  const history = [entry('c', { epoch: 3 }), entry('b', { epoch: 2 }), entry('a', { epoch: 1 })];
  test.each<[what: string, found: Ledger, current: string | undefined, target: string | undefined]>([
    ['is the newest that served, other than the current one', ledger({ releases: history }), 'c', 'b'],
    ['is the newest of all where nothing is current', ledger({ releases: history }), undefined, 'c'],
    [
      'goes further back in a rollback of a rollback',
      ledger({ releases: history, holds: [hold('c')] }),
      'b',
      'a',
    ],
    [
      'passes over what never served',
      ledger({ releases: [entry('d', { state: 'put-back', servedAt: undefined }), ...history] }),
      'c',
      'b',
    ],
    ['passes over what is held', ledger({ releases: history, holds: [hold('b')] }), 'c', 'a'],
    [
      "passes over another commit's entry of the current revision",
      ledger({ releases: [entry('c', { sha: 'docs', epoch: 4 }), ...history] }),
      'c',
      'b',
    ],
    ['is none where only the current one served', ledger({ releases: [entry('a')] }), 'a', undefined],
    ['is none without history', ledger(), undefined, undefined],
  ])('%s', (_what, found, current, target) => {
    expect(previousGood(found, current)?.revision).toBe(target);
  });
});

describe('isOlder', () => {
  // A documentation-only merge released `a` again after `b`.
  const found = ledger({
    releases: [entry('a', { sha: 'docs', epoch: 3 }), entry('b', { epoch: 2 }), entry('a', { epoch: 1 })],
  });

  test.each([
    ['a', 'b', true],
    ['b', 'a', false],
    ['a', 'a', false],
    ['unknown', 'a', true],
    ['a', 'unknown', false],
  ])('%s before %s: %s', (first, second, older) => {
    expect(isOlder(found, first, second)).toBe(older);
  });

  test('is not turned round by a rerun of the older release', () => {
    const releases = [entry('b', { epoch: 2 }), entry('a', { epoch: 1 })];
    const rerun = recordRelease(ledger({ releases }), entry('a', { epoch: 3 }));
    expect(isOlder(rerun, 'a', 'b')).toBe(true);
  });

  test('goes by no clock: a release from a laptop that is a day behind is newer than what it follows', () => {
    const before = recordRelease(ledger(), entry('b', { epoch: 1, startedAt: later(86_400).toISOString() }));
    const after = recordRelease(before, entry('c', { epoch: 2, startedAt: later(0).toISOString() }));
    expect([isOlder(after, 'b', 'c'), isOlder(after, 'c', 'b')]).toEqual([true, false]);
  });
});

describe('releasesSince', () => {
  const failed = { state: 'failed', servedAt: undefined } as const;
  const found = ledger({
    releases: [
      entry('e', { epoch: 6, ...failed }),
      entry('c', { epoch: 5, sha: 'docs', ...failed }),
      entry('d', { epoch: 4 }),
      entry('c', { epoch: 3 }),
      entry('b', { epoch: 2 }),
      entry('a', { epoch: 1 }),
    ],
  });

  test.each([
    ['b', ['sha-d', 'sha-c']],
    ['a', ['sha-d', 'sha-c', 'sha-b']],
    ['d', []],
    ['e', []],
    ['unknown', []],
  ])('%s: once each what has served since it did', (revision, shas) => {
    expect(releasesSince(found, revision).map(({ sha }) => sha)).toEqual(shas);
  });

  test('not what a revision that a revert has brought back came after', () => {
    const reverted = ledger({
      releases: [entry('c', { epoch: 4 }), entry('a', { epoch: 3, sha: 'revert' }), entry('b'), entry('a')],
    });
    expect(releasesSince(reverted, 'a').map(({ sha }) => sha)).toEqual(['sha-c']);
  });
});
