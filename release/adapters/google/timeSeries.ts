import { type CloudRunMetric, metricFilter } from '../../../domain/monitoring/cloudRunMetrics';
import type { Deployment } from '../../../domain/deployment';
import type { CallApi } from './googleApi';

/** One line of what Cloud Monitoring returns. */
export interface TimeSeries {
  readonly metric?: { readonly labels?: Readonly<Record<string, string>> };
  readonly resource?: { readonly labels?: Readonly<Record<string, string>> };
  /** Newest first. */
  readonly points?: readonly {
    readonly interval?: { readonly endTime?: string };
    readonly value?: { readonly int64Value?: string; readonly doubleValue?: number };
  }[];
}

export interface TimeSeriesRequest {
  readonly from: Date;
  readonly to: Date;
  /** Default: the whole window in one point. */
  readonly alignmentSeconds?: number;
  readonly aligner: string;
  readonly reducer: string;
  readonly groupBy?: string;
  /** Further labels of the filter. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The API refuses less (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#aggregation). */
export const MIN_ALIGNMENT_SECONDS = 60;

/** A metric of the deployment's service between two moments, all pages of it. */
export async function timeSeries(
  call: CallApi,
  deployment: Deployment,
  metric: CloudRunMetric,
  request: TimeSeriesRequest,
): Promise<TimeSeries[]> {
  const { from, to, aligner, reducer, groupBy, labels } = request;
  const { alignmentSeconds = (to.getTime() - from.getTime()) / 1000 } = request;
  const found: TimeSeries[] = [];
  let pageToken: string | undefined;
  do {
    const { data } = await call<{ timeSeries?: TimeSeries[]; nextPageToken?: string }>('monitoring', {
      path: `/v3/projects/${deployment.project}/timeSeries`,
      query: {
        filter: metricFilter(deployment, metric, labels),
        'interval.startTime': from.toISOString(),
        'interval.endTime': to.toISOString(),
        'aggregation.alignmentPeriod': `${Math.max(MIN_ALIGNMENT_SECONDS, Math.ceil(alignmentSeconds))}s`,
        'aggregation.perSeriesAligner': aligner,
        'aggregation.crossSeriesReducer': reducer,
        ...(groupBy !== undefined && { 'aggregation.groupByFields': groupBy }),
        pageToken,
      },
    });
    found.push(...(data.timeSeries ?? []));
    pageToken = data.nextPageToken || undefined;
  } while (pageToken);
  return found;
}

/** A point's number; NaN where it has none: an empty distribution has the percentile "NaN". */
export const numberOf = (point: NonNullable<TimeSeries['points']>[number]): number =>
  Number(point.value?.int64Value ?? point.value?.doubleValue ?? NaN);
