import type { JournalEntry } from './journal';
import { entryOf, type Ledger, type ReleaseEntry } from './ledger';
import { duration } from '../words';

/** Something that somebody did, or that the engine found. */
export interface HistoryEvent {
  /** ISO 8601. */
  readonly at: string;
  /** A person or a workflow. */
  readonly by: string;
  readonly kind: 'release' | 'intent' | 'traffic' | 'verdict' | 'hold' | 'scale';
  readonly what: string;
  readonly revision?: string;
  readonly outcome?: string;
  /** In the words of who did it, or of the verdict. */
  readonly reason?: string;
  readonly runUrl?: string;
}

/**
 * What the ledger remembers, newest first: releases (when they were last written to), who said which revision shall serve,
 * how traffic moved, what the smoke test and the canary found, what is held. A release that went on for a while is one
 * event, at its end; the journal has its steps. A ledger from before there was a journal has releases, its intent and holds.
 */
export function historyOf(ledger: Ledger): HistoryEvent[] {
  const { releases, journal = [], holds, intent } = ledger;
  const noted = journal.some(
    (entry) => entry.kind === 'intent' && entry.at === intent?.at && entry.revision === intent.revision,
  );
  const events: HistoryEvent[] = [
    ...releases.map(releaseEvent),
    ...journal.map((entry) => journalEvent(ledger, entry)),
    ...(intent && !noted ? [journalEvent(ledger, { kind: 'intent', ...intent })] : []),
    ...holds.map(({ at, by, revision, reason }): HistoryEvent => ({
      at,
      by,
      kind: 'hold',
      what: 'hold',
      revision,
      reason,
    })),
  ];
  // Stable: of what has the same time, the ledger's newer entries are in front.
  return events.sort((a, b) => b.at.localeCompare(a.at));
}

function releaseEvent(entry: ReleaseEntry): HistoryEvent {
  const { updatedAt, startedAt, by, revision, sha, state, percent, reason, runUrl } = entry;
  const took = duration((Date.parse(updatedAt) - Date.parse(startedAt)) / 1000);
  return {
    at: updatedAt,
    by,
    kind: 'release',
    what: `release ${sha.slice(0, 7)}`,
    revision,
    outcome: `${state}${state === 'canary' ? ` at ${percent} %` : ''}, ${took}`,
    ...(reason !== undefined && { reason }),
    ...(runUrl !== undefined && { runUrl }),
  };
}

function journalEvent(ledger: Ledger, entry: JournalEntry): HistoryEvent {
  const { at, by } = entry;
  switch (entry.kind) {
    case 'intent':
      return {
        at,
        by,
        kind: 'intent',
        what: 'target set to',
        revision: entry.revision,
        reason: entry.reason,
      };
    case 'traffic': {
      const shares = entry.shares.map(({ revision, percent }) => `${revision} ${percent} %`).join(', ');
      return { at, by, kind: 'traffic', what: `traffic to ${shares || 'nothing'}` };
    }
    case 'scale': {
      const { to, reason } = entry;
      return { at, by, kind: 'scale', what: `scale ${to === 0 ? 'zero' : to}`, ...(reason && { reason }) };
    }
    case 'verdict': {
      const { revision, percent, state, reasons } = entry;
      const runUrl = entryOf(ledger, revision)?.runUrl;
      return {
        at,
        by,
        kind: 'verdict',
        // A service's first revision has all traffic already when it is smoke-tested.
        what: percent === 0 ? 'smoke test' : `verdict at ${percent} %`,
        revision,
        outcome: state,
        ...(reasons.length > 0 && { reason: reasons.join('; ') }),
        ...(runUrl !== undefined && { runUrl }),
      };
    }
  }
}
