import type { JournalEntry, Ledger, TrafficEntry } from './ledgerTypes';

export type { JournalEntry } from './ledgerTypes';

/** Entries kept: a release makes about ten, so some twenty releases, in an object of some tens of kilobytes. */
export const JOURNAL_LENGTH = 200;

type Written<Entry extends JournalEntry> = Omit<Entry, 'kind'>;

/** Notes what traffic was asked for; a rerun that asks for the same notes nothing. Shares of 0 % are left out. */
export function noteTraffic(
  ledger: Ledger,
  { at, by, shares }: Written<Extract<JournalEntry, { kind: 'traffic' }>>,
): Ledger {
  const moved = shares
    .filter(({ percent }) => percent > 0)
    .map(({ revision, percent }) => ({ revision, percent }));
  const last = ledger.journal?.find(({ kind }) => kind === 'traffic');
  const isSame = last?.kind === 'traffic' && JSON.stringify(last.shares) === JSON.stringify(moved);
  return isSame ? ledger : note(ledger, { at, by, kind: 'traffic', shares: moved });
}

/** Shares are noted before they are asked for: where Cloud Run refuses a step and then the way back, live is the one before both. */
const MAY_BE_LIVE = 3;

/**
 * The shares that traffic may have while nobody but the engine has moved it: the last three asked for, those of other
 * revisions left out, which are from before the release.
 * @param revisions the two that a release moves traffic between.
 */
export function lastAsked(
  { journal = [] }: Ledger,
  revisions: readonly string[],
): readonly TrafficEntry['shares'][] {
  return journal
    .flatMap((entry) => (entry.kind === 'traffic' ? [entry.shares] : []))
    .slice(0, MAY_BE_LIVE)
    .filter((shares) => shares.every(({ revision }) => revisions.includes(revision)));
}

export function noteIntent(
  ledger: Ledger,
  { at, by, revision, reason, epoch }: Written<Extract<JournalEntry, { kind: 'intent' }>>,
): Ledger {
  const decided = { at, by, kind: 'intent', revision, reason } as const;
  return note(ledger, { ...decided, ...(epoch !== undefined && { epoch }) });
}

export function noteVerdict(
  ledger: Ledger,
  verdict: Written<Extract<JournalEntry, { kind: 'verdict' }>>,
): Ledger {
  return note(ledger, { ...verdict, kind: 'verdict' });
}

export function noteScale(
  ledger: Ledger,
  { at, by, to, reason }: Written<Extract<JournalEntry, { kind: 'scale' }>>,
): Ledger {
  return note(ledger, { at, by, kind: 'scale', to, reason });
}

const note = (ledger: Ledger, entry: JournalEntry): Ledger => ({
  ...ledger,
  journal: [entry, ...(ledger.journal ?? [])].slice(0, JOURNAL_LENGTH),
});
