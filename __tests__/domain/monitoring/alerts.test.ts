import { readFileSync } from 'node:fs';
import { type Alert, alertAnchor, alerts, runbook } from '../../../domain/monitoring/alerts';
import {
  type Aggregation,
  CLOUD_RUN_METRICS,
  type CloudRunMetric,
} from '../../../domain/monitoring/cloudRunMetrics';
import { dashboard } from '../../../domain/monitoring/dashboard';
import { DEPLOYMENT } from '../../constructs/deployment';

const PAGE = readFileSync('docs/alerts.md', 'utf8');
const ALERTS = alerts(DEPLOYMENT);
const alert = (id: string): Alert => ALERTS.find((each) => each.id === id)!;

/**
 * Which aligner takes which kind of metric, and which reducer takes what comes out of it
 * (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#aligner). The API refuses the rest at the apply.
 */
function aggregationFault(metric: CloudRunMetric, { aligner, reducer }: Aggregation): string | undefined {
  const { kind, value } = CLOUD_RUN_METRICS[metric];
  const isDistribution = value === 'DISTRIBUTION';
  const takes = {
    ALIGN_DELTA: kind === 'DELTA',
    ALIGN_RATE: kind === 'DELTA' && !isDistribution,
    ALIGN_MAX: kind === 'GAUGE' && !isDistribution,
    ALIGN_PERCENTILE_50: isDistribution,
    ALIGN_PERCENTILE_99: isDistribution,
  };
  if (!takes[aligner]) return `${aligner} does not take ${kind} ${value}`;
  const staysDistribution = isDistribution && aligner === 'ALIGN_DELTA';
  const wantsDistribution = reducer.startsWith('REDUCE_PERCENTILE');
  return staysDistribution === wantsDistribution
    ? undefined
    : `${reducer} makes no number of ${aligner} of a ${value}`;
}

interface Tile {
  readonly xPos?: number;
  readonly yPos?: number;
  readonly width: number;
  readonly height: number;
  readonly widget: {
    readonly title: string;
    readonly xyChart: {
      readonly dataSets: readonly {
        readonly legendTemplate: string;
        readonly timeSeriesQuery: {
          readonly timeSeriesFilter: {
            readonly filter: string;
            readonly aggregation: {
              readonly perSeriesAligner: Aggregation['aligner'];
              readonly crossSeriesReducer: Aggregation['reducer'];
              readonly groupByFields?: readonly string[];
            };
          };
        };
      }[];
      readonly thresholds?: readonly { readonly value: number }[];
    };
  };
}
const { tiles } = (dashboard(DEPLOYMENT) as { mosaicLayout: { tiles: readonly Tile[] } }).mosaicLayout;

describe('alerts', () => {
  test('are the guide’s four with its numbers, latency in milliseconds', () => {
    expect(alert('busy').conditions).toMatchObject([
      { metric: 'container/instance_count', above: 0, forSeconds: 3600 },
    ]);
    expect(alert('latency').conditions[0]).toMatchObject({ metric: 'request_latencies', above: 120_000 });
    expect(alert('memory').conditions).toMatchObject([
      { metric: 'container/memory/utilizations', above: 0.9 },
    ]);
    expect(alert('errors').conditions[0]).toMatchObject({
      metric: 'request_count',
      labels: { 'metric.labels.response_code_class': '5xx' },
      ofAll: true,
      above: 0.05,
    });
  });

  test('look for requests that wait where they are: those that got no instance are in no count of requests', () => {
    expect(alert('throttled').conditions).toMatchObject([
      { metric: 'pending_queue/pending_requests', above: 10, forSeconds: 300 },
    ]);
    const codes = ALERTS.flatMap(({ conditions }) =>
      conditions.flatMap(({ labels = {} }) => Object.values(labels)),
    );
    expect(codes).not.toContain('429');
  });

  test('do not open for the instances that a deployment keeps warm', () => {
    const warm = alerts({ ...DEPLOYMENT, scaling: { ...DEPLOYMENT.scaling, minInstances: 1 } });
    expect(warm.find(({ id }) => id === 'busy')!.conditions[0]!.above).toBe(1);
  });

  test.each(['latency', 'errors'])('%s asks for enough requests in the same window', (id) => {
    const [judged, enough] = alert(id).conditions;
    // One failed request at night is 100 % of one; nineteen are not twenty.
    expect(enough).toMatchObject({ metric: 'request_count', above: 19, forSeconds: 0 });
    expect(enough!.ofAll).toBeUndefined();
    expect(enough!.aggregation.alignmentSeconds).toBe(judged!.aggregation.alignmentSeconds);
  });

  test('have aggregations that the API takes', () => {
    const all = ALERTS.flatMap(({ conditions }) => conditions);
    expect(all.flatMap(({ metric, aggregation }) => aggregationFault(metric, aggregation) ?? [])).toEqual([]);
    // A window that is no whole number of minutes is refused.
    expect(all.filter(({ aggregation }) => aggregation.alignmentSeconds % 60 !== 0)).toEqual([]);
    expect(all.filter(({ forSeconds }) => forSeconds % 60 !== 0)).toEqual([]);
  });

  test.each<[CloudRunMetric, Aggregation['aligner'], Aggregation['reducer']]>([
    ['request_latencies', 'ALIGN_DELTA', 'REDUCE_MAX'],
    ['request_latencies', 'ALIGN_PERCENTILE_99', 'REDUCE_PERCENTILE_95'],
    ['container/instance_count', 'ALIGN_DELTA', 'REDUCE_SUM'],
    ['request_count', 'ALIGN_PERCENTILE_99', 'REDUCE_MAX'],
  ])('aggregationFault rejects %s with %s and %s', (metric, aligner, reducer) => {
    expect(aggregationFault(metric, { aligner, reducer, alignmentSeconds: 60 })).toBeDefined();
  });
});

describe('runbook', () => {
  test.each(ALERTS)('of $id has a section with its commands, in order', (each) => {
    const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${each.title}\n`))!;
    const [, commands] = /```\n([\s\S]*?)\n```/.exec(section)!;
    // The page is of the deployment `production`.
    expect(commands!.replaceAll('production', DEPLOYMENT.name).split('\n')).toEqual(each.commands);
    expect(runbook(each, DEPLOYMENT)).toContain(
      `https://github.com/example/ocr/blob/main/docs/alerts.md#${alertAnchor(each)}`,
    );
    expect(runbook(each, { ...DEPLOYMENT, github: {} })).toContain(
      `Runbook: docs/alerts.md#${alertAnchor(each)}`,
    );
  });

  test('is short enough for a notification', () => {
    // https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#documentation: 8192 bytes.
    for (const each of ALERTS) expect(Buffer.byteLength(runbook(each, DEPLOYMENT))).toBeLessThan(8192);
  });

  test('the page has a section for nothing else', () => {
    const headings = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(ALERTS.map(({ title }) => title));
  });
});

describe('dashboard', () => {
  const lines = tiles.flatMap(({ widget }) => widget.xyChart.dataSets);
  const filterOf = (line: (typeof lines)[number]) => line.timeSeriesQuery.timeSeriesFilter.filter;

  test('shows traffic by revision, latency, instances, GPU, memory and errors', () => {
    const shown = lines.map((line) => /run\.googleapis\.com\/([\w/]+)/.exec(filterOf(line))?.[1]);
    expect(new Set(shown)).toEqual(new Set(Object.keys(CLOUD_RUN_METRICS)));
    const groups = lines.flatMap(
      (line) => line.timeSeriesQuery.timeSeriesFilter.aggregation.groupByFields ?? [],
    );
    expect(groups).toEqual(
      expect.arrayContaining(['resource.labels.revision_name', 'metric.labels.response_code_class']),
    );
  });

  test('looks at this service alone', () => {
    for (const line of lines) {
      expect(filterOf(line)).toContain('resource.labels.service_name = "lightonocr-gpu"');
      expect(filterOf(line)).toContain('resource.labels.location = "us-central1"');
    }
  });

  test('has aggregations that the API takes, and legends of what it groups by', () => {
    for (const line of lines) {
      const { filter, aggregation } = line.timeSeriesQuery.timeSeriesFilter;
      const metric = /run\.googleapis\.com\/([\w/]+)/.exec(filter)![1] as CloudRunMetric;
      const { perSeriesAligner: aligner, crossSeriesReducer: reducer, groupByFields = [] } = aggregation;
      expect(aggregationFault(metric, { aligner, reducer, alignmentSeconds: 60 })).toBeUndefined();
      const [field] = groupByFields;
      if (field !== undefined) expect(line.legendTemplate).toBe(`\${${field}}`);
    }
  });

  test('has its charts side by side, none over another', () => {
    const cells = tiles.map(({ xPos = 0, yPos = 0 }) => `${xPos},${yPos}`);
    expect(new Set(cells).size).toBe(tiles.length);
    for (const { xPos = 0, width } of tiles) expect(xPos + width).toBeLessThanOrEqual(48);
  });

  test('draws the limits of the alerts', () => {
    const limits = tiles.flatMap(({ widget }) => widget.xyChart.thresholds ?? []).map(({ value }) => value);
    expect(limits).toEqual([120_000, 0.95, 0.9, 360_000, 10]);
  });
});
