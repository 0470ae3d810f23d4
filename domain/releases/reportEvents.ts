import { utc } from '../words';
import type { ReleaseState } from './ledger';
import type { Report } from './report';

/** Something that happened, as plots mark it on their axis and the page lists it. */
export interface ReportEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly what: string;
  readonly revision: string;
  /** `bad`: it ended a release or took a revision out. */
  readonly kind: 'start' | 'good' | 'bad';
  readonly why: string;
}

/** Every start, verdict and decision, oldest first. */
export function reportEvents({ releases, judgements, decisions }: Report): ReportEvent[] {
  const started = releases.map(({ startedAt: at, revision, sha, by }): ReportEvent => ({
    ...{ at, revision, kind: 'start', what: 'release started' },
    why: `commit ${sha.slice(0, 7)}, by ${by}`,
  }));
  const judged = judgements.map(({ at, revision, percent, state, reasons }): ReportEvent => ({
    ...{ at, revision, kind: state === 'healthy' ? 'good' : 'bad', why: reasons.join('; ') },
    what: `${percent === 0 ? 'smoke test' : `${percent} %`}: ${state}`,
  }));
  const decided = decisions.map(({ at, revision, by, reason }): ReportEvent => ({
    ...{ at, revision, kind: 'good', what: 'target set' },
    why: `${reason}, by ${by}`,
  }));
  return [...started, ...judged, ...decided].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** Traffic that stayed the same between two moments. */
export interface ServedSpan {
  readonly from: string;
  readonly to: string;
  /** `svc-a 90 %, svc-b 10 %`. */
  readonly traffic: string;
}

/** What served when, oldest first. */
export function servedSpans({ moves, to }: Report): ServedSpan[] {
  return moves.map(({ at, shares }, index) => ({
    from: at,
    to: moves[index + 1]?.at ?? to,
    traffic: shares.map(({ revision, percent }) => `${revision} ${percent} %`).join(', ') || 'nothing',
  }));
}

export interface ReportOutcome {
  readonly kind: 'good' | 'bad' | 'open';
  /** `Released`, `Put back`: whether it went well, in a word or two. */
  readonly words: string;
  /** Why it ended so, or where it stands. */
  readonly why: string;
}

const OUTCOMES: Readonly<Record<ReleaseState, Omit<ReportOutcome, 'why'>>> = {
  applying: { kind: 'open', words: 'Being applied' },
  applied: { kind: 'open', words: 'Applied, no traffic yet' },
  smoke: { kind: 'open', words: 'In its smoke test' },
  canary: { kind: 'open', words: 'In its canary' },
  served: { kind: 'good', words: 'Released' },
  failed: { kind: 'bad', words: 'Failed' },
  'put-back': { kind: 'bad', words: 'Rolled back' },
  superseded: { kind: 'open', words: 'Superseded' },
};

/** Of the newest release: did it go well, and why. Undefined where there is none in the span. */
export function reportOutcome({ releases, judgements, decisions }: Report): ReportOutcome | undefined {
  const newest = releases.at(-1);
  if (newest === undefined) return undefined;
  const { revision, state, reason, servedAt, updatedAt } = newest;
  const left = decisions.findLast(
    ({ at }) => servedAt !== undefined && Date.parse(at) > Date.parse(servedAt),
  );
  if (state === 'served' && left && left.revision !== revision)
    return { kind: 'bad', words: 'Released, then rolled back', why: left.reason };
  const verdict = judgements.findLast((judged) => judged.revision === revision);
  return {
    ...OUTCOMES[state],
    why:
      state === 'served'
        ? `100 % of the traffic since ${utc(servedAt ?? updatedAt)}`
        : (reason ?? verdict?.reasons.join('; ') ?? 'no reason was noted'),
  };
}
