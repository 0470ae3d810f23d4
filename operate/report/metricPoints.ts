import type { MetricPoint } from '../../domain/releases/report';
import type { ReleaseContext } from '../../release/ports/context';
import {
  MIN_ALIGNMENT_SECONDS,
  numberOf,
  type TimeSeries,
  timeSeries,
} from '../../release/adapters/google/timeSeries';

/** Points that still read as a line on a phone. */
const MOST_POINTS = 60;

/** Requests, failures and p95 latency of every revision between two moments, a minute or more a point. */
export async function metricPoints(
  { call, deployment }: Pick<ReleaseContext, 'call' | 'deployment'>,
  from: Date,
  to: Date,
): Promise<Record<string, MetricPoint[]>> {
  const minutes = Math.ceil((to.getTime() - from.getTime()) / 1000 / MIN_ALIGNMENT_SECONDS / MOST_POINTS);
  const alignmentSeconds = Math.max(1, minutes) * MIN_ALIGNMENT_SECONDS;
  const window = { from, to, alignmentSeconds, aligner: 'ALIGN_DELTA' };
  const perRevision = 'resource.labels.revision_name';
  const requests = (codes: Record<string, string>) =>
    timeSeries(call, deployment, 'request_count', {
      ...window,
      labels: codes,
      reducer: 'REDUCE_SUM',
      groupBy: perRevision,
    });
  const [all, errors, throttled, latencies] = await Promise.all([
    requests({}),
    requests({ 'metric.labels.response_code_class': '5xx' }),
    requests({ 'metric.labels.response_code': '429' }),
    timeSeries(call, deployment, 'request_latencies', {
      ...window,
      reducer: 'REDUCE_PERCENTILE_95',
      groupBy: perRevision,
    }),
  ]);
  const [errorsAt, throttledAt, latencyAt] = [errors, throttled, latencies].map(byRevisionAndTime);
  return Object.fromEntries(
    [...byRevisionAndTime(all)].map(([revision, counts]) => [
      revision,
      [...counts]
        .sort(([one], [other]) => one.localeCompare(other))
        .map(([at, count]) => {
          const milliseconds = latencyAt!.get(revision)?.get(at);
          return {
            at,
            requests: count,
            errors: errorsAt!.get(revision)?.get(at) ?? 0,
            throttled: throttledAt!.get(revision)?.get(at) ?? 0,
            ...(milliseconds !== undefined && { p95Seconds: milliseconds / 1000 }),
          };
        }),
    ]),
  );
}

/** Revision → end of the period → value; points without a number are left out. */
function byRevisionAndTime(series: readonly TimeSeries[]): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const { resource, points = [] } of series) {
    const revision = resource?.labels?.revision_name ?? '';
    const values = found.get(revision) ?? new Map<string, number>();
    for (const point of points) {
      const [at, value] = [point.interval?.endTime, numberOf(point)];
      if (at !== undefined && Number.isFinite(value)) values.set(new Date(at).toISOString(), value);
    }
    found.set(revision, values);
  }
  return found;
}
