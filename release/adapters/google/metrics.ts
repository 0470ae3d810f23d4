import type { Deployment } from '../../../domain/deployment';
import { isServiceFailure } from '../../../domain/canary/callers';
import type { WindowStats } from '../../../domain/canary/windowStats';
import type { CallApi } from './googleApi';
import { MIN_ALIGNMENT_SECONDS, numberOf, timeSeries } from './timeSeries';

/** What Cloud Monitoring says of a revision between two moments; undefined when it has nothing. */
export interface Metrics {
  windowStats(revision: string, from: Date, to: Date): Promise<WindowStats | undefined>;
}

/** Cloud Run's metrics, per revision (https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run). Latency is in milliseconds. */
export function metrics(call: CallApi, deployment: Deployment): Metrics {
  return {
    async windowStats(revision, from, to) {
      const labels = { 'resource.labels.revision_name': revision };
      const window = { from, to, labels, aligner: 'ALIGN_DELTA' };
      const [counts, latencies] = await Promise.all([
        timeSeries(call, deployment, 'request_count', {
          ...window,
          alignmentSeconds: MIN_ALIGNMENT_SECONDS,
          reducer: 'REDUCE_SUM',
          groupBy: 'metric.labels.response_code',
        }),
        timeSeries(call, deployment, 'request_latencies', { ...window, reducer: 'REDUCE_PERCENTILE_95' }),
      ]);
      // One without a code says nothing of how it went, and no data is never healthy.
      const coded = counts.filter(({ metric }) => metric?.labels?.response_code);
      if (coded.length === 0) return undefined;
      const answers = coded.flatMap(({ metric, points = [] }) =>
        points
          .map((point) => ({
            code: metric!.labels!.response_code!,
            // A point without an end is of the whole window.
            endsAt: Date.parse(point.interval?.endTime ?? to.toISOString()),
            count: numberOf(point),
          }))
          .filter(({ count }) => Number.isFinite(count)),
      );
      const countOf = (matches: (code: string) => boolean, of = answers) =>
        of.filter(({ code }) => matches(code)).reduce((sum, { count }) => sum + count, 0);
      const p95Milliseconds = latencies
        .flatMap(({ points }) => points ?? [])
        .map(numberOf)
        .filter(Number.isFinite) // an empty distribution has the percentile "NaN", and no data is never healthy
        .reduce<number | undefined>((worst, value) => Math.max(worst ?? 0, value), undefined);
      const ends = [...new Set(answers.map(({ endsAt }) => endsAt))].sort((a, b) => a - b);
      return {
        requests: countOf(() => true),
        errors: countOf((code) => code.startsWith('5')),
        throttled: countOf((code) => code === '429'),
        ...(p95Milliseconds !== undefined && { p95Seconds: p95Milliseconds / 1000 }),
        periods: ends.map((endsAt) => {
          const own = answers.filter((answer) => answer.endsAt === endsAt);
          return {
            endsAt,
            seconds: MIN_ALIGNMENT_SECONDS,
            requests: countOf(() => true, own),
            failed: countOf(isServiceFailure, own),
            throttled: countOf((code) => code === '429', own),
          };
        }),
      };
    },
  };
}
