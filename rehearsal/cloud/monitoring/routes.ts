import { omit } from '../collections';
import { invalid } from '../googleError';
import { messageReader } from '../protoJson';
import { type Json, page, type RouteTable } from '../routes';
import { aggregate, type Aggregation } from './aggregate';
import { distribution } from './distribution';
import { type Filter, parseFilter } from './filter';
import { type Metric, METRICS, type Point, type Series, type Sources } from './series';

const RESOURCE_TYPE = 'cloud_run_revision';
/** Longest window at one-second points; releases look at minutes. */
const MAX_WINDOW_SECONDS = 86_400;
/** https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#aggregation */
const MIN_ALIGNMENT_SECONDS = 60;

/** google.monitoring.v3.ListTimeSeriesRequest, checked. */
interface Request {
  readonly filter?: string;
  readonly interval?: { readonly startTime?: string; readonly endTime?: string };
  readonly aggregation?: Aggregation;
}

/** Cloud Monitoring's `timeSeries.list` (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list). */
export function monitoringRoutes(sources: Sources, lagSeconds: number, now: () => number): RouteTable {
  const read = messageReader(
    '@google-cloud/monitoring/build/protos/protos.json',
    'google.monitoring.v3.ListTimeSeriesRequest',
    'request',
  );

  return {
    'GET /v3/projects/{project}/timeSeries': (call, project) => {
      const {
        filter: text = '',
        interval = {},
        aggregation = {},
        ...other
      } = read(fromQuery(call.query)) as Request;
      const [extra] = Object.keys(omit(other, 'pageSize', 'pageToken'));
      if (extra) throw invalid(`${extra}: the local cloud does not support it.`);
      const period = aggregation.alignmentPeriod;
      if (period !== undefined && !(parseFloat(period) >= MIN_ALIGNMENT_SECONDS)) {
        throw invalid(
          `aggregation.alignmentPeriod: "${period}" must be at least ${MIN_ALIGNMENT_SECONDS} s.`,
        );
      }
      const filter = parseFilter(text);
      const [type = ''] = filter.get('metric.type') ?? [];
      const metric = METRICS[type];
      if (!metric) throw invalid(`filter: the local cloud has no metric "${type}".`);
      const end = Date.parse(interval.endTime ?? '');
      const start = Date.parse(interval.startTime ?? interval.endTime ?? '');
      if (!(start <= end && end - start <= MAX_WINDOW_SECONDS * 1000)) {
        throw invalid(`interval: startTime and endTime must enclose at most ${MAX_WINDOW_SECONDS} s.`);
      }
      const newest = Math.min(end, now() - lagSeconds * 1000);
      const found = metric
        .series(sources, start, newest)
        .filter(({ labels }) => labels['resource.labels.project_id'] === project && matches(filter, labels))
        .map(({ labels, points }) => ({
          labels,
          points: points.filter(({ endTime }) => endTime > start && endTime <= end),
        }))
        .filter(({ points }) => points.length > 0);
      const valueForm = typeOf(metric, aggregation);
      const json = aggregate(found, aggregation, end).map((series) => seriesJson(type, valueForm, series));
      return page(call.query, 'timeSeries', json, 100_000);
    },
  };
}

/** `aggregation.groupByFields=x` and the like as the request message. */
function fromQuery(query: URLSearchParams): Json {
  const message: Json = {};
  for (const key of new Set(query.keys())) {
    if (key.startsWith('$') || key === 'alt') continue;
    const [outer = '', inner] = key.split('.');
    const values = query.getAll(key);
    // Google's client sends enums as integers; alone among the fields they would not be read from a string of digits.
    const value = key.endsWith('groupByFields')
      ? values
      : /^\d+$/.test(values[0] ?? '')
        ? Number(values[0])
        : values[0];
    if (inner === undefined) message[outer] = key === 'pageToken' ? values[0] : value;
    else message[outer] = { ...(message[outer] as Json | undefined), [inner]: value };
  }
  return message;
}

function matches(filter: Filter, labels: Series['labels']): boolean {
  return [...filter].every(([key, values]) => {
    if (key === 'metric.type') return true;
    if (key === 'resource.type') return values.has(RESOURCE_TYPE);
    if (!(key in labels)) throw invalid(`filter: the metric has no label "${key}".`);
    return values.has(labels[key] ?? '');
  });
}

/** Kind and type of values after an aggregation. */
function typeOf({ kind, valueType }: Metric, { perSeriesAligner, crossSeriesReducer }: Aggregation) {
  const isPercentile = crossSeriesReducer === 'REDUCE_PERCENTILE_95';
  const isDouble = isPercentile || perSeriesAligner === 'ALIGN_MEAN';
  const keepsKind = [undefined, 'ALIGN_DELTA'].includes(perSeriesAligner) && !isPercentile;
  return { metricKind: keepsKind ? kind : 'GAUGE', valueType: isDouble ? 'DOUBLE' : valueType };
}

function seriesJson(type: string, valueForm: ReturnType<typeof typeOf>, { labels, points }: Series): Json {
  const under = (prefix: string) => {
    const own = Object.entries(labels).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
  };
  const valueJson = ({ value }: Point) => {
    if (typeof value !== 'number') return { distributionValue: distribution(value) };
    return valueForm.valueType === 'INT64' ? { int64Value: String(value) } : { doubleValue: value };
  };
  return {
    metric: { type, labels: under('metric.labels.') },
    resource: { type: RESOURCE_TYPE, labels: under('resource.labels.') },
    ...valueForm,
    // Newest first, as the API has them.
    points: points.toReversed().map((point) => ({
      interval: {
        startTime: new Date(point.startTime).toISOString(),
        endTime: new Date(point.endTime).toISOString(),
      },
      value: valueJson(point),
    })),
  };
}
