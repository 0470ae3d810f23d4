import { z } from 'zod';
import { type CloudRunMetric, metricFilter } from '../../../domain/monitoring/cloudRunMetrics';
import type { Deployment } from '../../../domain/deployment';
import { callFor } from './answer';
import type { CallApi } from './googleApi';

const labels = z.looseObject({ labels: z.record(z.string(), z.string()).optional() });
const series = z.looseObject({
  metric: labels.optional(),
  resource: labels.optional(),
  /** Newest first. */
  points: z
    .array(
      z.looseObject({
        interval: z.looseObject({ endTime: z.string().optional() }).optional(),
        // An empty distribution has the percentile "NaN".
        value: z
          .looseObject({
            int64Value: z.union([z.string(), z.number()]).optional(),
            doubleValue: z.union([z.number(), z.literal('NaN')]).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});
/** One line of what Cloud Monitoring returns. */
export type TimeSeries = z.infer<typeof series>;
/** An empty object is how the API says that there is none. */
const page = z.looseObject({ timeSeries: z.array(series).optional(), nextPageToken: z.string().optional() });

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
    const wanted = {
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
    };
    const { data } = await callFor(call, 'monitoring', wanted, page);
    found.push(...(data.timeSeries ?? []));
    pageToken = data.nextPageToken || undefined;
  } while (pageToken);
  return found;
}

/** A point's number; NaN where it has none: an empty distribution has the percentile "NaN". */
export const numberOf = (point: NonNullable<TimeSeries['points']>[number]): number =>
  Number(point.value?.int64Value ?? point.value?.doubleValue ?? NaN);
