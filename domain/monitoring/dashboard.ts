import { type Aggregation, type CloudRunMetric, metricFilter } from './cloudRunMetrics';
import type { Deployment } from '../deployment';

interface Line {
  readonly metric: CloudRunMetric;
  readonly aggregation: Aggregation;
  readonly labels?: Readonly<Record<string, string>>;
  /** What a line is called: `${metric.labels.x}` and `${resource.labels.x}` are filled in. */
  readonly legend: string;
}

interface Chart {
  readonly title: string;
  readonly lines: readonly Line[];
  /** The alert's limit, in the chart's unit. */
  readonly limit?: number;
  readonly stacked?: boolean;
}

const MINUTE = 60;
/** Of the mosaic's 48 columns a chart takes half, so that all are on one screen. */
const COLUMNS = 48;
const WIDTH = COLUMNS / 2;
const HEIGHT = 14;

const minutely = (
  aligner: Aggregation['aligner'],
  reducer: Aggregation['reducer'],
  ...groupBy: string[]
): Aggregation => ({ alignmentSeconds: MINUTE, aligner, reducer, groupBy });

const fullest = minutely('ALIGN_PERCENTILE_99', 'REDUCE_MAX');
const REVISION = 'resource.labels.revision_name';
const CODE_CLASS = 'metric.labels.response_code_class';
const STATE = 'metric.labels.state';
const label = (name: string) => `\${${name}}`;

/** In the order in which a person asks: who serves, how well, on how much, and what it costs. */
function charts({ alerts }: Deployment): Chart[] {
  const latency = (reducer: 'REDUCE_PERCENTILE_50' | 'REDUCE_PERCENTILE_95', legend: string): Line => ({
    metric: 'request_latencies',
    aggregation: minutely('ALIGN_DELTA', reducer),
    legend,
  });
  const share = (metric: CloudRunMetric, legend: string): Line => ({ metric, aggregation: fullest, legend });
  return [
    {
      title: 'Requests a second, by revision',
      stacked: true,
      lines: [
        {
          metric: 'request_count',
          aggregation: minutely('ALIGN_RATE', 'REDUCE_SUM', REVISION),
          legend: label(REVISION),
        },
      ],
    },
    {
      title: 'Answers a second, by class',
      stacked: true,
      lines: [
        {
          metric: 'request_count',
          aggregation: minutely('ALIGN_RATE', 'REDUCE_SUM', CODE_CLASS),
          legend: label(CODE_CLASS),
        },
      ],
    },
    {
      title: 'Latency (ms)',
      lines: [latency('REDUCE_PERCENTILE_50', 'p50'), latency('REDUCE_PERCENTILE_95', 'p95')],
      limit: alerts.maxLatencyP95Seconds * 1000,
    },
    {
      title: 'Instances',
      stacked: true,
      lines: [
        {
          metric: 'container/instance_count',
          aggregation: minutely('ALIGN_MAX', 'REDUCE_SUM', STATE),
          legend: label(STATE),
        },
      ],
    },
    {
      title: 'GPU: work and memory (share)',
      lines: [
        share('container/gpu/utilizations', 'work'),
        share('container/gpu/memory_utilizations', 'memory'),
      ],
      limit: alerts.maxGpuMemoryUtilization,
    },
    {
      title: 'Memory of an instance (share)',
      lines: [share('container/memory/utilizations', 'memory')],
      limit: alerts.maxMemoryUtilization,
    },
    {
      title: 'Time until an instance is ready (ms)',
      lines: [
        {
          metric: 'container/startup_latencies',
          aggregation: minutely('ALIGN_DELTA', 'REDUCE_PERCENTILE_95'),
          legend: 'p95',
        },
      ],
      limit: alerts.maxStartSeconds * 1000,
    },
    {
      title: 'Requests that wait for an instance',
      lines: [
        {
          metric: 'pending_queue/pending_requests',
          aggregation: minutely('ALIGN_MAX', 'REDUCE_SUM'),
          legend: 'waiting',
        },
      ],
      limit: alerts.maxWaiting,
    },
  ];
}

function widget(deployment: Deployment, { title, lines, limit, stacked }: Chart): object {
  const dataSets = lines.map(({ metric, aggregation, labels, legend }) => ({
    plotType: stacked ? 'STACKED_AREA' : 'LINE',
    targetAxis: 'Y1',
    legendTemplate: legend,
    timeSeriesQuery: {
      timeSeriesFilter: {
        filter: metricFilter(deployment, metric, labels),
        aggregation: {
          alignmentPeriod: `${aggregation.alignmentSeconds}s`,
          perSeriesAligner: aggregation.aligner,
          crossSeriesReducer: aggregation.reducer,
          ...(aggregation.groupBy?.length && { groupByFields: aggregation.groupBy }),
        },
      },
    },
  }));
  const thresholds = limit === undefined ? {} : { thresholds: [{ value: limit, label: 'alert' }] };
  return { title, xyChart: { dataSets, ...thresholds } };
}

/** The dashboard of a deployment (https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards), two charts a row. */
export function dashboard(deployment: Deployment): object {
  const tiles = charts(deployment).map((chart, index) => ({
    ...(index % 2 === 1 && { xPos: WIDTH }),
    ...(index >= 2 && { yPos: Math.floor(index / 2) * HEIGHT }),
    width: WIDTH,
    height: HEIGHT,
    widget: widget(deployment, chart),
  }));
  return {
    displayName: `${deployment.service} (${deployment.name})`,
    mosaicLayout: { columns: COLUMNS, tiles },
  };
}
