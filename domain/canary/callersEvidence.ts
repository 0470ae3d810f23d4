import { type Answers, atMost, ORDINARY_ERROR_RATE, type Period } from './callers';
import type { CallersEvidence } from './judge';
import type { CountedPeriod } from './windowStats';

/** A golden page that was sent: Cloud Monitoring counts it too, and it is no caller's. */
export interface SentPage {
  /** Milliseconds since 1970; when its answer came. */
  readonly at: number;
  readonly to: 'candidate' | 'stable';
  readonly failed: boolean;
}

/** What was counted of both revisions since the canary began. */
export interface Counted {
  readonly candidate: readonly CountedPeriod[];
  readonly stable: readonly CountedPeriod[];
  /** Of stable before the release: what its callers are used to. */
  readonly before: readonly CountedPeriod[];
  readonly sent: readonly SentPage[];
  /** When traffic moved, and how much of it the candidate has had since. */
  readonly moves: readonly Move[];
}

/** At, in milliseconds since 1970. */
export interface Move {
  readonly at: number;
  readonly percent: number;
}

/** Golden pages that stable must have answered in a period, all of them well, for the candidate to be judged alone in it. */
const WITNESSES = 3;
/** So improbable are the failures of a period of an ordinary service when they alarm: golden pages are sent, as witnesses. */
const ALARMING = 0.01;

const total = (answers: readonly Answers[]): Answers => ({
  requests: answers.reduce((sum, { requests }) => sum + requests, 0),
  failed: answers.reduce((sum, { failed }) => sum + failed, 0),
});

/** Callers' pages of both revisions, period by period: golden ones and 429 taken out. */
export function callersEvidence({ candidate, stable, before, sent, moves }: Counted): CallersEvidence {
  const isIn = ({ endsAt, seconds }: CountedPeriod, at: number) =>
    at <= endsAt && at > endsAt - seconds * 1000;
  const goldenIn = (period: CountedPeriod, to: SentPage['to']) =>
    sent.filter((page) => page.to === to && isIn(period, page.at));
  const callers = (period: CountedPeriod, to: SentPage['to']): Answers => {
    const golden = goldenIn(period, to);
    const requests = Math.max(0, period.requests - period.throttled - golden.length);
    const failed = Math.max(0, period.failed - golden.filter((page) => page.failed).length);
    return { requests, failed: Math.min(requests, failed) };
  };
  /** With an outage in it, a period in which the shares changed would show the candidate's share of the wrong half. */
  const isMoved = (period: CountedPeriod) => moves.some(({ at }) => isIn(period, at));
  const percentIn = ({ endsAt }: CountedPeriod) => moves.findLast(({ at }) => at < endsAt)?.percent ?? 0;
  const reference = total([
    ...before.map((period) => callers(period, 'stable')),
    ...stable.map((period) => callers(period, 'stable')),
  ]);
  const rate = Math.max(ORDINARY_ERROR_RATE, Math.min(0.5, reference.failed / (reference.requests || 1)));
  const isAlarming = ({ requests, failed }: Answers) =>
    failed > 0 && 1 - atMost(failed - 1, requests, rate) <= ALARMING;
  const stableAt = new Map(stable.map((period) => [period.endsAt, callers(period, 'stable')]));
  const together: Period[] = [];
  const alone: Answers[] = [];
  let failsAlone = false;
  for (const period of candidate) {
    const own = callers(period, 'candidate');
    const isAlone = percentIn(period) === 100;
    // Against what stable's callers were used to, the minute of the move counts: the metrics' lag is waited for once.
    if (own.requests === 0 || (isMoved(period) && !isAlone)) continue;
    const other = stableAt.get(period.endsAt);
    if (!isAlone && other !== undefined && other.requests > 0)
      together.push({ candidate: own, stable: other });
    if (isAlone) failsAlone = isAlarming(own);
    const witnesses = goldenIn(period, 'stable');
    const areWell = witnesses.length >= WITNESSES && !witnesses.some((page) => page.failed);
    if (isAlone && areWell) alone.push(own);
  }
  return {
    together,
    alone,
    failsAlone,
    reference,
    candidate: total(candidate.map((period) => callers(period, 'candidate'))),
    throttled: candidate.reduce((sum, { throttled }) => sum + throttled, 0),
  };
}
