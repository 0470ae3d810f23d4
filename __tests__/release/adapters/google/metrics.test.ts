import type { ApiRequest, CallApi } from '../../../../release/adapters/google/googleApi';
import { metrics } from '../../../../release/adapters/google/metrics';
import { DEPLOYMENT } from '../../../constructs/deployment';

const FROM = new Date('2026-01-01T00:00:00.000Z');
const TO = new Date('2026-01-01T00:10:00.500Z');

const counted = (code: string, ...values: (string | number)[]) => ({
  metric: { labels: { response_code: code } },
  points: values.map((value) => ({
    value: typeof value === 'string' ? { int64Value: value } : { doubleValue: value },
  })),
});
/** Milliseconds, as Cloud Monitoring has them; JSON writes a percentile of nothing as "NaN". */
const latency = (...values: (number | string | undefined)[]) => ({
  points: values.map((value) => ({ value: value === undefined ? {} : { doubleValue: value } })),
});

/** Cloud Monitoring with these pages of time series; keeps what it was asked. */
function monitoring(counts: object[][], latencies: object[][]) {
  const asked: (ApiRequest & { api: string })[] = [];
  const call = async (api: string, request: ApiRequest) => {
    asked.push({ ...request, api });
    const pages = String(request.query?.filter).includes('request_count') ? counts : latencies;
    const page = Number(request.query?.pageToken ?? 0);
    const nextPageToken = page + 1 < pages.length ? String(page + 1) : '';
    return {
      status: 200,
      headers: new Headers(),
      data: { ...(pages[page] && { timeSeries: pages[page] }), nextPageToken },
    };
  };
  return { asked, stats: () => metrics(call as CallApi, DEPLOYMENT).windowStats('svc-b', FROM, TO) };
}

describe('metrics', () => {
  test.each<[what: string, counts: object[][], latencies: object[][], stats: unknown]>([
    [
      'counts by response code and gives latency in seconds',
      [
        [
          counted('200', '90'),
          counted('500', '3'),
          counted('503', '2'),
          counted('429', '4'),
          counted('404', '1'),
        ],
      ],
      [[latency(1500)]],
      { requests: 100, errors: 5, throttled: 4, p95Seconds: 1.5 },
    ],
    [
      'adds up points, whole or not',
      [[counted('200', '7', 3)]],
      [[latency(1)]],
      { requests: 10, errors: 0, throttled: 0, p95Seconds: 0.001 },
    ],
    [
      'takes the worst latency',
      [[counted('200', '1')]],
      [[latency(100, 300), latency(200)]],
      { requests: 1, errors: 0, throttled: 0, p95Seconds: 0.3 },
    ],
    [
      'reads every page',
      [[counted('200', '1')], [counted('500', '2')], [counted('429', '3')]],
      [[], [latency(100)]],
      { requests: 6, errors: 2, throttled: 3, p95Seconds: 0.1 },
    ],
    ['has nothing where nothing was reported', [], [], undefined],
    [
      'has nothing where no line says how requests went',
      [[{ metric: { labels: {} }, points: [{ value: { int64Value: '90' } }] }, { points: [] }]],
      [[latency(100)]],
      undefined,
    ],
    [
      'leaves out a line that does not say how its requests went',
      [[counted('200', '7'), { points: [{ value: { int64Value: '90' } }] }]],
      [[latency(1000)]],
      { requests: 7, errors: 0, throttled: 0, p95Seconds: 1 },
    ],
    ['has nothing without counts, whatever the latencies', [[]], [[latency(100)]], undefined],
    [
      'has no latency where none was reported',
      [[counted('200', '1')]],
      [[]],
      { requests: 1, errors: 0, throttled: 0 },
    ],
    [
      'has no latency where it is that of no request',
      [[counted('200', '1')]],
      [[latency('NaN', undefined)]],
      { requests: 1, errors: 0, throttled: 0 },
    ],
    [
      'reads a latency beside one of no request',
      [[counted('200', '1')]],
      [[latency('NaN', 100)]],
      { requests: 1, errors: 0, throttled: 0, p95Seconds: 0.1 },
    ],
  ])('%s', async (_what, counts, latencies, stats) => {
    const found = await monitoring(counts, latencies).stats();
    const { periods: _periods, ...totals } = found ?? {};
    expect(found && totals).toEqual(stats);
  });

  test('asks for this revision of this service in this region and window', async () => {
    const { asked, stats } = monitoring([], []);
    await stats();
    expect(asked).toHaveLength(2);
    for (const { api, path, query } of asked) {
      expect([api, path]).toEqual(['monitoring', '/v3/projects/example-project/timeSeries']);
      expect(query).toMatchObject({
        'interval.startTime': '2026-01-01T00:00:00.000Z',
        'interval.endTime': '2026-01-01T00:10:00.500Z',
        'aggregation.perSeriesAligner': 'ALIGN_DELTA',
      });
      expect(String(query?.filter).split(' AND ').slice(1)).toEqual([
        'resource.type = "cloud_run_revision"',
        'resource.labels.location = "us-central1"',
        'resource.labels.service_name = "lightonocr-gpu"',
        'resource.labels.revision_name = "svc-b"',
      ]);
    }
    // Counts by the minute; a percentile of a window is not one of its minutes' percentiles.
    expect(asked.map(({ query }) => query?.['aggregation.alignmentPeriod'])).toEqual(['60s', '601s']);
    expect(asked.map(({ query }) => query?.['aggregation.crossSeriesReducer'])).toEqual([
      'REDUCE_SUM',
      'REDUCE_PERCENTILE_95',
    ]);
  });

  test('tells the minutes apart, and leaves what callers get wrong out of the failures', async () => {
    const minute = (code: string, ...points: [minute: number, count: string][]) => ({
      metric: { labels: { response_code: code } },
      points: points.map(([at, count]) => ({
        interval: { endTime: new Date(FROM.getTime() + at * 60_000).toISOString() },
        value: { int64Value: count },
      })),
    });
    const counts = [
      minute('200', [2, '8'], [1, '5']),
      minute('500', [2, '1']),
      minute('501', [1, '2']), // a data URL that is no base64: the caller's
      minute('429', [2, '3']),
    ];
    const { periods } = (await monitoring([counts], []).stats())!;
    const at = (minutes: number) => ({ endsAt: FROM.getTime() + minutes * 60_000, seconds: 60 });
    expect(periods).toEqual([
      { ...at(1), requests: 7, failed: 0, throttled: 0 },
      { ...at(2), requests: 12, failed: 1, throttled: 3 },
    ]);
  });
});
