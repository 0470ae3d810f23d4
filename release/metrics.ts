import type { Deployment } from '../domain/deployment';
import type { WindowStats } from '../domain/verdict';
import type { CallApi } from './googleApi';

/** What Cloud Monitoring says of a revision between two moments; undefined when it has nothing. */
export interface Metrics {
  windowStats(revision: string, from: Date, to: Date): Promise<WindowStats | undefined>;
}

interface TimeSeries {
  readonly metric?: { readonly labels?: Readonly<Record<string, string>> };
  readonly points?: readonly {
    readonly value?: { readonly int64Value?: string; readonly doubleValue?: number };
  }[];
}

/** The API refuses less (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#aggregation). */
const MIN_ALIGNMENT_SECONDS = 60;

/** Cloud Run's metrics, per revision (https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run). Latency is in milliseconds. */
export function metrics(call: CallApi, deployment: Deployment): Metrics {
  const query = async (
    metric: string,
    revision: string,
    from: Date,
    to: Date,
    aggregation: Record<string, string>,
  ) => {
    const found: TimeSeries[] = [];
    let pageToken: string | undefined;
    do {
      const { data } = await call<{ timeSeries?: TimeSeries[]; nextPageToken?: string }>('monitoring', {
        path: `/v3/projects/${deployment.project}/timeSeries`,
        query: {
          filter: [
            `metric.type = "run.googleapis.com/${metric}"`,
            'resource.type = "cloud_run_revision"',
            `resource.labels.location = "${deployment.region}"`,
            `resource.labels.service_name = "${deployment.service}"`,
            `resource.labels.revision_name = "${revision}"`,
          ].join(' AND '),
          'interval.startTime': from.toISOString(),
          'interval.endTime': to.toISOString(),
          'aggregation.alignmentPeriod': `${Math.max(MIN_ALIGNMENT_SECONDS, Math.ceil((to.getTime() - from.getTime()) / 1000))}s`,
          ...aggregation,
          pageToken,
        },
      });
      found.push(...(data.timeSeries ?? []));
      pageToken = data.nextPageToken || undefined;
    } while (pageToken);
    return found;
  };

  return {
    async windowStats(revision, from, to) {
      const [counts, latencies] = await Promise.all([
        query('request_count', revision, from, to, {
          'aggregation.perSeriesAligner': 'ALIGN_DELTA',
          'aggregation.crossSeriesReducer': 'REDUCE_SUM',
          'aggregation.groupByFields': 'metric.labels.response_code',
        }),
        query('request_latencies', revision, from, to, {
          'aggregation.perSeriesAligner': 'ALIGN_DELTA',
          'aggregation.crossSeriesReducer': 'REDUCE_PERCENTILE_95',
        }),
      ]);
      if (counts.length === 0) return undefined;
      const countOf = (matches: (code: string) => boolean) =>
        counts
          .filter(({ metric }) => matches(metric?.labels?.response_code ?? ''))
          .flatMap(({ points }) => points ?? [])
          .reduce((sum, { value }) => sum + Number(value?.int64Value ?? value?.doubleValue ?? 0), 0);
      const p95Milliseconds = latencies
        .flatMap(({ points }) => points ?? [])
        .map(({ value }) => Number(value?.doubleValue))
        .filter(Number.isFinite) // an empty distribution has the percentile "NaN", and no data is never healthy
        .reduce<number | undefined>((worst, value) => Math.max(worst ?? 0, value), undefined);
      return {
        requests: countOf(() => true),
        errors: countOf((code) => code.startsWith('5')),
        throttled: countOf((code) => code === '429'),
        ...(p95Milliseconds !== undefined && { p95Seconds: p95Milliseconds / 1000 }),
      };
    },
  };
}
