import type { Ledger, ReleaseEntry } from './ledger';
import type { JournalEntry } from './journal';

/** Traffic from a moment on. */
export type Move = Extract<JournalEntry, { kind: 'traffic' }>;
/** Somebody, or a release that reached 100 %, said what is to serve. */
export type Decision = Extract<JournalEntry, { kind: 'intent' }>;
/** A smoke test or a step of a canary. */
export type Judgement = Extract<JournalEntry, { kind: 'verdict' }>;

/** What one revision answered in one period of the metrics. */
export interface MetricPoint {
  /** ISO 8601, end of the period. */
  readonly at: string;
  readonly requests: number;
  /** 5xx answers. */
  readonly errors: number;
  /** 429 answers. */
  readonly throttled: number;
  /** Undefined where nothing was answered. */
  readonly p95Seconds?: number;
}

/** A span of time of one deployment: what happened, and what the numbers were. */
export interface Report {
  readonly deployment: string;
  readonly service: string;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** One sentence: how it ended. */
  readonly headline: string;
  /** Oldest first; the first one says what served when the span began, if that is known. */
  readonly moves: readonly Move[];
  /** Oldest first. */
  readonly decisions: readonly Decision[];
  /** Oldest first. */
  readonly judgements: readonly Judgement[];
  /** Releases at work in the span, oldest first. */
  readonly releases: readonly ReleaseEntry[];
  readonly metrics: Readonly<Record<string, readonly MetricPoint[]>>;
  /** What could not be read: an empty plot is not "no errors". */
  readonly gaps: readonly string[];
}

/** The journal and the releases of a span. The last move before it is carried in: that is what served when it began. */
export function historyBetween(
  ledger: Ledger,
  from: Date,
  to: Date,
): Pick<Report, 'moves' | 'decisions' | 'judgements' | 'releases' | 'headline'> {
  const journal = (ledger.journal ?? []).toReversed().filter(({ at }) => Date.parse(at) <= to.getTime());
  const isInside = ({ at }: JournalEntry) => Date.parse(at) >= from.getTime();
  const moves = journal.filter((entry) => entry.kind === 'traffic');
  const before = moves.findLast((entry) => !isInside(entry));
  const releases = ledger.releases
    .filter(
      ({ startedAt, updatedAt }) =>
        Date.parse(startedAt) <= to.getTime() && Date.parse(updatedAt) >= from.getTime(),
    )
    .toReversed();
  return {
    moves: [...(before ? [{ ...before, at: from.toISOString() }] : []), ...moves.filter(isInside)],
    decisions: journal.filter((entry) => entry.kind === 'intent').filter(isInside),
    judgements: journal.filter((entry) => entry.kind === 'verdict').filter(isInside),
    releases,
    headline: headlineOf(ledger, releases),
  };
}

/** How the span ended, in one sentence. */
function headlineOf(ledger: Ledger, releases: readonly ReleaseEntry[]): string {
  const serves = ledger.intent
    ? `${ledger.intent.revision} is meant to serve (${ledger.intent.reason}).`
    : 'Nothing says which revision is meant to serve.';
  const newest = releases.at(-1);
  if (newest === undefined) return `No release in this time. ${serves}`;
  const { revision, state, reason } = newest;
  return `The newest release, ${revision}, is ${state}${reason === undefined ? '' : `: ${reason}`}. ${serves}`;
}

/** The newest release of the ledger, from its start to its last change; undefined where there is none. */
export function newestReleaseSpan(ledger: Ledger, sha?: string): { from: Date; to: Date } | undefined {
  const entry = ledger.releases.find((release) => sha === undefined || release.sha === sha);
  return entry && { from: new Date(entry.startedAt), to: new Date(entry.updatedAt) };
}

/** Every revision of a report, in the order in which it first appears: its colour in every plot. */
export function revisionsOf({ moves, judgements, metrics }: Report): string[] {
  return [
    ...new Set([
      ...moves.flatMap(({ shares }) => shares.map(({ revision }) => revision)),
      ...judgements.map(({ revision }) => revision),
      ...Object.keys(metrics),
    ]),
  ];
}
