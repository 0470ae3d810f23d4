import { decide, type Decision, type Evidence } from './judge';
import type { DecisionSettings } from './settings';
import { describeEvidence, describeHarm } from './words';

export interface Verdict {
  /** `inconclusive`: neither proven good nor proven harmful. */
  readonly state: 'healthy' | 'unhealthy' | 'inconclusive';
  readonly reasons: readonly string[];
}

/** Where a step of the canary is. */
export interface StepProgress {
  /** Of the traffic; 100 is the last step. */
  readonly percent: number;
  readonly elapsedSeconds: number;
  /** Before that it does not go on, however good the candidate is. */
  readonly leastSeconds: number;
  /** Then it ends. */
  readonly mostSeconds: number;
  /** True once the metrics were read in this step. */
  readonly looked: boolean;
  /** True where the metrics show the candidate at all: without them nobody knows how callers fare. */
  readonly measured: boolean;
  /** True when no more golden pages may be sent, and those that were do not decide. */
  readonly exhausted: boolean;
}

/** True when the step ends without more evidence. */
export const isOver = (step: StepProgress): boolean =>
  step.elapsedSeconds >= step.mostSeconds || (step.exhausted && step.looked);

/**
 * The verdict on a step, at any moment of it. Harm ends it at once. Good goes on as soon as the step has lasted its least. At the
 * end of a step that is not the last, half of the evidence is enough to go on. `inconclusive` before the end means: wait.
 */
export function judge(settings: DecisionSettings, evidence: Evidence, step: StepProgress): Verdict {
  const decision = decide(settings, evidence);
  if (decision.state === 'harmful')
    return { state: 'unhealthy', reasons: describeHarm(settings, evidence, decision) };
  const goesOn = step.looked && step.elapsedSeconds >= step.leastSeconds && mayGoOn(decision, evidence, step);
  if (goesOn) return { state: 'healthy', reasons: describeEvidence(settings, evidence) };
  if (!isOver(step)) return { state: 'inconclusive', reasons: [] };
  return {
    state: 'inconclusive',
    reasons: [...missing(settings, evidence, decision, step), ...describeEvidence(settings, evidence)],
  };
}

function mayGoOn(decision: Decision, { callers }: Evidence, step: StepProgress): boolean {
  if (step.percent === 100) return decision.state === 'good' && step.measured && !callers.failsAlone;
  return decision.state === 'good' || (isOver(step) && decision.leansGood);
}

const NOT_PROVEN = {
  errors: 'the error rate',
  latency: 'the time for a page',
  text: 'the text',
} as const;

/** What kept it from being known. */
function missing(
  settings: DecisionSettings,
  { golden, callers }: Evidence,
  { unproven }: Decision,
  step: StepProgress,
): string[] {
  const sure = `${formatShare(1 - settings.maxHarmServed)} sure`;
  const names = unproven.map((measure) => NOT_PROVEN[measure]).join(', ');
  return [
    ...(unproven.length > 0 ? [`not ${sure} of ${names} after ${golden.pairs} golden pages`] : []),
    ...(step.percent === 100 && !step.measured ? ['Cloud Monitoring shows no request of the candidate'] : []),
    ...(step.percent === 100 && callers.failsAlone
      ? ["alarmingly many of the candidate's callers fail in the last minute that was counted"]
      : []),
    ...(golden.throttled > 0 ? [`${golden.throttled} golden pages were answered 429: no GPU capacity`] : []),
    ...(callers.throttled > 0
      ? [`${callers.throttled} callers' pages were answered 429: no GPU capacity`]
      : []),
    ...(golden.bothFailed > 0 ? [`${golden.bothFailed} golden pages failed on both revisions`] : []),
    ...(golden.unasked > 0 ? [`${golden.unasked} golden pages could not be sent`] : []),
  ];
}

const formatShare = (share: number) => `${Number((share * 100).toFixed(1))} %`;
