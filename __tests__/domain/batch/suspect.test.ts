import { badTimes, isSuspect } from '../../../domain/batch/suspect';
import { EMPTY_LEDGER } from '../../../domain/releases/ledger';
import type { Ledger } from '../../../domain/releases/ledgerTypes';

const traffic = (at: string, ...shares: [string, number][]) => ({
  ...{ kind: 'traffic' as const, at, by: 'x' },
  shares: shares.map(([revision, percent]) => ({ revision, percent })),
});
const candidate = { sha: 's', digest: 'd', templateHash: 't', by: 'x', at: '', reason: '' };

describe('badTimes', () => {
  const ledger = {
    ...EMPTY_LEDGER,
    holds: [{ ...candidate, revision: 'bad' }],
    journal: [
      traffic('2026-01-03', ['good', 100]),
      traffic('2026-01-02', ['good', 90], ['bad', 10]),
      traffic('2026-01-01', ['good', 100]),
    ],
  } as unknown as Ledger;

  test('are those in which a blocked revision had a share', () => {
    expect(badTimes(ledger)).toEqual([{ revision: 'bad', from: '2026-01-02', to: '2026-01-03' }]);
  });

  test('have no end while it serves', () => {
    const now = { ...ledger, journal: ledger.journal!.slice(1) };
    expect(badTimes(now)).toEqual([{ revision: 'bad', from: '2026-01-02' }]);
  });

  test.each([
    ['2026-01-01', '2026-01-01T12', false],
    ['2026-01-01', '2026-01-02T12', true],
    ['2026-01-02T01', '2026-01-02T02', true],
    ['2026-01-03T01', '2026-01-04', false],
  ])('a document read from %s to %s: %p', (from, to, expected) => {
    expect(isSuspect({ from, to }, badTimes(ledger))).toBe(expected);
  });
});
