import { utc } from '../words';
import type { Ledger, ReleaseEntry, ReleaseState } from './ledger';
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
  /** Commit, run and console, as far as they are known. */
  readonly links?: readonly { readonly name: string; readonly url: string }[];
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

/** What became of a release, after its name. */
const ENDED: Readonly<Record<ReleaseState, (entry: ReleaseEntry) => string>> = {
  applying: () => 'is being applied',
  applied: () => 'is applied and has no traffic yet',
  smoke: () => 'is in its smoke test',
  canary: ({ percent }) => `is in its canary at ${percent} %`,
  served: ({ servedAt, updatedAt }) => `reached 100 % at ${utc(servedAt ?? updatedAt)}`,
  failed: () => 'failed',
  'put-back': () => 'was put back',
  superseded: () => 'was superseded',
};

/** How the span ended, in two sentences. */
function headlineOf(ledger: Ledger, releases: readonly ReleaseEntry[]): string {
  const serves = ledger.intent
    ? `${ledger.intent.revision} is meant to serve (${unstopped(ledger.intent.reason)}).`
    : 'Nothing says which revision is meant to serve.';
  const newest = releases.at(-1);
  if (newest === undefined) return `No release in this time. ${serves}`;
  const { revision, state, reason } = newest;
  const hold = ledger.holds.find((held) => held.revision === revision);
  const ended = [
    `The newest release, ${revision}, ${ENDED[state](newest)}`,
    ...(hold ? [` and is held since ${utc(hold.at)}`] : []),
    // The canary's verdict is the reason of both.
    ...(hold && hold.reason !== reason ? [` (${unstopped(hold.reason)})`] : []),
    ...(reason === undefined ? [] : [`: ${unstopped(reason)}`]),
  ];
  return `${ended.join('')}. ${serves}`;
}

/** Without the full stop at its end: the sentence that it becomes part of has its own. */
const unstopped = (reason: string) => reason.trim().replace(/\.+$/, '');

/**
 * The newest release of the ledger, from its start to its last change; of one that was held since, to the move of traffic
 * that took it out. Undefined where there is none.
 */
export function newestReleaseSpan(ledger: Ledger, sha?: string): { from: Date; to: Date } | undefined {
  const entry = ledger.releases.find((release) => sha === undefined || release.sha === sha);
  if (entry === undefined) return undefined;
  const hold = ledger.holds.find(({ revision }) => revision === entry.revision);
  const move = ledger.journal?.findLast(({ kind, at }) => kind === 'traffic' && hold && at >= hold.at);
  const end = Math.max(...[entry.updatedAt, hold?.at, move?.at].map((at) => (at ? Date.parse(at) : 0)));
  return { from: new Date(entry.startedAt), to: new Date(end) };
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
