import { groupBy } from '../collections';
import type { Instance } from '../run/instances';
import type { RequestRecord } from '../run/dataPlane';

/** One point: a count, or the samples of a distribution. Times in milliseconds. */
export interface Point {
  readonly startTime: number;
  readonly endTime: number;
  readonly value: number | readonly number[];
}

export interface Series {
  /** `metric.labels.x` and `resource.labels.x`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly points: readonly Point[];
}

export interface Sources {
  readonly requests: readonly RequestRecord[];
  readonly instances: readonly Instance[];
}

/** How a metric is made from what happened; `until` is the newest moment that may be seen, in milliseconds. */
export interface Metric {
  readonly kind: 'DELTA' | 'GAUGE';
  readonly valueType: 'INT64' | 'DISTRIBUTION';
  series(sources: Sources, from: number, until: number): Series[];
}

const SECOND = 1000;

export const METRICS: Readonly<Record<string, Metric>> = {
  'run.googleapis.com/request_count': {
    kind: 'DELTA',
    valueType: 'INT64',
    series: (sources, from, until) =>
      requestSeries(sources, from, until).map(({ labels, points }) => ({
        labels,
        points: points.map((point) => ({ ...point, value: (point.value as number[]).length })),
      })),
  },
  'run.googleapis.com/request_latencies': {
    kind: 'DELTA',
    valueType: 'DISTRIBUTION',
    series: requestSeries,
  },
  'run.googleapis.com/container/instance_count': {
    kind: 'GAUGE',
    valueType: 'INT64',
    series: instanceSeries,
  },
};

const resource = (project: string, location: string, service: string, revision: string) => ({
  'resource.labels.project_id': project,
  'resource.labels.location': location,
  'resource.labels.service_name': service,
  'resource.labels.revision_name': revision,
  'resource.labels.configuration_name': service,
});

/** "Excludes requests that are not reaching your container instances", "does not include container startup latency": https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run */
const isCounted = ({ status, waitedMilliseconds }: RequestRecord) =>
  waitedMilliseconds !== undefined || status !== 429;

/** Latencies by revision and response code, in the second in which each request ended; tagged URLs count as any. */
function requestSeries({ requests }: Sources, from: number, until: number): Series[] {
  const series = new Map<string, { labels: Series['labels']; samples: Map<number, number[]> }>();
  for (const request of requests.filter(isCounted)) {
    const {
      at,
      milliseconds,
      waitedMilliseconds = 0,
      project,
      location,
      service,
      revision,
      status,
    } = request;
    const end = at + milliseconds;
    const endTime = (Math.floor(end / SECOND) + 1) * SECOND;
    if (end > until || endTime <= from) continue;
    const labels = {
      ...resource(project, location, service, revision),
      'metric.labels.response_code': String(status),
      'metric.labels.response_code_class': `${Math.floor(status / 100)}xx`,
    };
    const key = JSON.stringify(labels);
    const known = series.get(key) ?? { labels, samples: new Map<number, number[]>() };
    series.set(key, known);
    const served = milliseconds - waitedMilliseconds;
    known.samples.set(endTime, [...(known.samples.get(endTime) ?? []), served]);
  }
  return [...series.values()].map(({ labels, samples }) => ({
    labels,
    points: [...samples]
      .sort(([a], [b]) => a - b)
      .map(([endTime, value]) => ({ startTime: endTime - SECOND, endTime, value })),
  }));
}

/** Running instances by revision, every second in which there was one. */
function instanceSeries({ instances }: Sources, from: number, until: number): Series[] {
  const byRevision = groupBy(instances, ({ revision }) => revision);
  return [...byRevision].map(([revision, own]) => {
    const [, project = '', , location = '', , service = ''] = revision.service.split('/');
    const points: Point[] = [];
    for (let time = Math.floor(from / SECOND + 1) * SECOND; time <= until; time += SECOND) {
      const value = own.filter(
        ({ startedAt, endedAt = Infinity }) => startedAt <= time && time < endedAt,
      ).length;
      if (value > 0) points.push({ startTime: time, endTime: time, value });
    }
    return {
      labels: { ...resource(project, location, service, revision.name), 'metric.labels.state': 'active' },
      points,
    };
  });
}
