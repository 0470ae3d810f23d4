import type { CanarySettings } from '../deployment';

/** What Cloud Monitoring says of one revision in one window; undefined values were not reported. */
export interface WindowStats {
  readonly requests: number;
  /** 5xx answers. */
  readonly errors: number;
  /** 429 answers: no instance could be had. */
  readonly throttled: number;
  readonly p95Seconds?: number;
}

/** What the golden pages sent to the candidate's tag gave. */
export interface SyntheticStats {
  readonly sent: number;
  /** Answers that were 429: no capacity, not a fault of the candidate. */
  readonly throttled: number;
  /** Any other failure to answer. */
  readonly failed: number;
  readonly worstCharacterErrorRate: number;
}

export interface Verdict {
  readonly state: 'healthy' | 'unhealthy' | 'inconclusive';
  readonly reasons: readonly string[];
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/**
 * Judges a candidate in one window against fixed limits and against stable in the same window.
 * Evidence of harm wins over lack of evidence, and no data is never healthy.
 */
export function judge(
  limits: CanarySettings & { readonly maxCharacterErrorRate: number },
  candidate: WindowStats | undefined,
  stable: WindowStats | undefined,
  synthetic: SyntheticStats,
): Verdict {
  const harm = findHarm(limits, candidate, stable, synthetic);
  if (harm.length > 0) return { state: 'unhealthy', reasons: harm };
  const doubt = findDoubt(limits, candidate, synthetic);
  if (candidate === undefined || doubt.length > 0) return { state: 'inconclusive', reasons: doubt };
  const latency = candidate.p95Seconds === undefined ? '' : `, p95 ${candidate.p95Seconds.toFixed(2)} s`;
  const found = `${candidate.requests} requests, ${candidate.errors} errors${latency}`;
  return { state: 'healthy', reasons: [found, ...notCompared(limits, stable)] };
}

/** What was judged by the fixed limits alone. Stable has no requests at the canary's last step, where the candidate has all. */
function notCompared({ minRequests }: CanarySettings, stable: WindowStats | undefined): string[] {
  const requests = stable?.requests ?? 0;
  if (requests < minRequests)
    return [`not compared with stable, which had ${requests} requests, ${minRequests} needed`];
  return stable?.p95Seconds === undefined ? ["p95 not compared with stable's, which is not known"] : [];
}

function findHarm(
  limits: CanarySettings & { readonly maxCharacterErrorRate: number },
  candidate: WindowStats | undefined,
  stable: WindowStats | undefined,
  synthetic: SyntheticStats,
): string[] {
  const reasons: string[] = [];
  if (synthetic.worstCharacterErrorRate > limits.maxCharacterErrorRate) {
    reasons.push(
      `a golden page came back with a character error rate of ${synthetic.worstCharacterErrorRate.toFixed(3)}, limit ${limits.maxCharacterErrorRate}`,
    );
  }
  if (candidate === undefined || candidate.requests < limits.minRequests) return reasons;

  const errorRate = candidate.errors / candidate.requests;
  if (errorRate > limits.maxErrorRate) {
    reasons.push(
      `${candidate.errors} of ${candidate.requests} requests failed (${percent(errorRate)}, limit ${percent(limits.maxErrorRate)})`,
    );
  }
  const p95 = candidate.p95Seconds;
  if (p95 !== undefined && p95 > limits.maxLatencyP95Seconds) {
    reasons.push(`p95 latency ${p95.toFixed(2)} s, limit ${limits.maxLatencyP95Seconds} s`);
  }
  if (stable === undefined || stable.requests < limits.minRequests) return reasons;

  const stableErrorRate = stable.errors / stable.requests;
  // 0.05 - 0.03 is a little over 0.02: at the limit is not over it.
  if (errorRate - stableErrorRate > limits.maxErrorRateIncrease + Number.EPSILON) {
    reasons.push(
      `error rate ${percent(errorRate)} against stable's ${percent(stableErrorRate)}, at most ${percent(limits.maxErrorRateIncrease)} more`,
    );
  }
  if (
    p95 !== undefined &&
    stable.p95Seconds !== undefined &&
    p95 > stable.p95Seconds * limits.maxLatencyRatio
  ) {
    reasons.push(
      `p95 latency ${p95.toFixed(2)} s against stable's ${stable.p95Seconds.toFixed(2)} s, at most ${limits.maxLatencyRatio} times`,
    );
  }
  return reasons;
}

function findDoubt(
  limits: CanarySettings,
  candidate: WindowStats | undefined,
  synthetic: SyntheticStats,
): string[] {
  if (candidate === undefined) return ['Cloud Monitoring has no data for the candidate'];
  const reasons: string[] = [];
  if (candidate.requests < limits.minRequests) {
    reasons.push(`${candidate.requests} requests in the window, ${limits.minRequests} needed`);
    if (candidate.errors > 0) reasons.push(`${candidate.errors} of ${candidate.requests} requests failed`);
  }
  if (candidate.p95Seconds === undefined) reasons.push('Cloud Monitoring has no latencies for the candidate');
  if (synthetic.sent > 0 && synthetic.throttled === synthetic.sent) {
    reasons.push('every golden page was answered 429: no GPU capacity');
  }
  if (candidate.throttled / Math.max(1, candidate.requests) > limits.maxErrorRate) {
    reasons.push(
      `${candidate.throttled} of ${candidate.requests} requests were answered 429: no GPU capacity`,
    );
  }
  if (synthetic.failed > 0)
    reasons.push(`${synthetic.failed} of ${synthetic.sent} golden pages were not answered`);
  return reasons;
}
