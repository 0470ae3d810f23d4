import { MetricServiceClient } from '@google-cloud/monitoring';
import { percentile } from '../../../rehearsal/cloud/monitoring/distribution';
import { parseFilter } from '../../../rehearsal/cloud/monitoring/filter';
import type { RequestRecord } from '../../../rehearsal/cloud/run/dataPlane';
import { METRICS } from '../../../rehearsal/cloud/monitoring/series';
import { aggregate } from '../../../rehearsal/cloud/monitoring/aggregate';
import { clientOptions, type Rig, startRig, to } from './harness';

const START = Date.parse('2026-11-24T12:00:00Z');
const iso = (time: number) => new Date(time).toISOString();

describe('monitoringRoutes', () => {
  let rig: Rig;
  const at = (time: number) => rig.clock.sleep((time - rig.clock.now().getTime()) / 1000);

  beforeEach(async () => {
    rig = await startRig({ start: START, monitoringLagSeconds: 180 });
    await rig.deploy('a');
    await rig.deploy('b', { env: { B: '1' }, traffic: [to('a', 100), to('b', 0, 'c-b')] });
    // In the window: six of A (one a 500), two of B through its tag.
    await at(START + 10_500);
    for (const path of ['/', '/', '/', '/', '/', '/fail']) await (await rig.invoke(path)).text();
    for (const path of ['/', '/']) await (await rig.invoke(path, 'c-b---s')).text();
    while (rig.cloud.requests.length < 8) await rig.clock.sleep(0);
  });
  afterEach(() => rig.cloud.stop());

  const COUNT = 'metric.type = "run.googleapis.com/request_count" AND resource.labels.service_name = "s"';
  async function list(filter: string, query: Record<string, string> = {}) {
    const search = new URLSearchParams({
      filter,
      'interval.startTime': iso(START),
      'interval.endTime': iso(START + 60_000),
      ...query,
    });
    return rig.call('GET', `/v3/projects/p/timeSeries?${search.toString()}`);
  }
  const SUM = {
    'aggregation.alignmentPeriod': '60s',
    'aggregation.perSeriesAligner': 'ALIGN_DELTA',
    'aggregation.crossSeriesReducer': 'REDUCE_SUM',
  };

  it('shows a request only after the lag', async () => {
    await at(START + 10_500 + 179_999);
    expect((await list(COUNT)).json.timeSeries).toEqual([]);
    await at(START + 10_500 + 180_000);
    expect((await list(COUNT)).json.timeSeries).toHaveLength(3);
  });

  it('leaves out what ended outside the interval', async () => {
    await at(START + 1_000_000);
    expect((await list(COUNT, { 'interval.endTime': iso(START + 10_000) })).json.timeSeries).toEqual([]);
    expect((await list(COUNT, { 'interval.startTime': iso(START + 11_000) })).json.timeSeries).toEqual([]);
  });

  it("counts by revision and class through Google's own client, tagged requests included", async () => {
    await at(START + 1_000_000);
    const client = new MetricServiceClient(clientOptions(rig));
    const [series] = await client.listTimeSeries({
      name: 'projects/p',
      filter: COUNT,
      interval: { startTime: { seconds: START / 1000 }, endTime: { seconds: START / 1000 + 60 } },
      aggregation: {
        alignmentPeriod: { seconds: 60 },
        perSeriesAligner: 'ALIGN_DELTA',
        crossSeriesReducer: 'REDUCE_SUM',
        groupByFields: ['resource.label.revision_name', 'metric.label.response_code_class'],
      },
    });
    const counts = series.map(({ resource, metric, points }) => [
      resource?.labels?.revision_name,
      metric?.labels?.response_code_class,
      Number(points?.[0]?.value?.int64Value),
    ]);
    expect(counts.sort()).toEqual([
      ['s-a', '2xx', 5],
      ['s-a', '5xx', 1],
      ['s-b', '2xx', 2],
    ]);
    await client.close();
  });

  it('filters by label, one of several values included', async () => {
    await at(START + 1_000_000);
    const total = async (filter: string) =>
      (await list(`${COUNT} AND ${filter}`, SUM)).json.timeSeries[0]?.points[0].value.int64Value as unknown;
    expect(await total('resource.labels.revision_name = "s-b"')).toBe('2');
    expect(await total('resource.labels.revision_name = one_of("s-a", "s-b")')).toBe('8');
    expect(await total('metric.labels.response_code_class = "5xx"')).toBe('1');
    expect(await total('resource.type = "gce_instance"')).toBeUndefined();
  });

  it('gives latencies as distributions and as a percentile, per revision', async () => {
    await at(START + 1_000_000);
    const filter = 'metric.type="run.googleapis.com/request_latencies"';
    const raw = (await list(filter)).json.timeSeries;
    expect(raw[0]).toMatchObject({
      metricKind: 'DELTA',
      valueType: 'DISTRIBUTION',
      points: [{ value: { distributionValue: { count: '5' } } }],
    });
    const p95 = {
      ...SUM,
      'aggregation.crossSeriesReducer': 'REDUCE_PERCENTILE_95',
      'aggregation.groupByFields': 'resource.labels.revision_name',
    };
    const reduced = (await list(filter, p95)).json.timeSeries;
    expect(reduced).toMatchObject([
      { resource: { labels: { revision_name: 's-a' } }, valueType: 'DOUBLE', metricKind: 'GAUGE' },
      { resource: { labels: { revision_name: 's-b' } } },
    ]);
  });

  it('counts instances', async () => {
    await at(START + 30_000);
    await rig.invoke('/die');
    while (rig.cloud.run.instances().length > 1) await rig.clock.sleep(0);
    await at(START + 1_000_000);
    const filter =
      'metric.type="run.googleapis.com/container/instance_count" AND resource.labels.revision_name="s-a"';
    const [series] = (await list(filter)).json.timeSeries;
    expect(series).toMatchObject({ metricKind: 'GAUGE', metric: { labels: { state: 'active' } } });
    expect(series.points).toHaveLength(29);
  });

  it('pages through series', async () => {
    await at(START + 1_000_000);
    const first = (await list(COUNT, { pageSize: '2' })).json;
    const second = (await list(COUNT, { pageSize: '2', pageToken: first.nextPageToken })).json;
    expect([first.timeSeries.length, second.timeSeries.length, second.nextPageToken]).toEqual([
      2,
      1,
      undefined,
    ]);
  });

  it.each([
    ['another metric', 'metric.type = "run.googleapis.com/other"', {}, /other/],
    ['another operator', 'metric.type = starts_with("run")', {}, /starts_with/],
    ['OR', 'metric.type = "a" OR metric.type = "b"', {}, /OR/],
    ['an unknown label', `${COUNT} AND metric.labels.color = "red"`, {}, /color/],
    ['an unknown aligner', COUNT, { 'aggregation.perSeriesAligner': 'ALIGN_RATE' }, /ALIGN_RATE/],
    ['no aligner under a reducer', COUNT, { 'aggregation.crossSeriesReducer': 'REDUCE_SUM' }, /aligner/],
    [
      'an aligner without a period',
      COUNT,
      { 'aggregation.perSeriesAligner': 'ALIGN_SUM' },
      /alignmentPeriod/,
    ],
    ['an unknown parameter', COUNT, { 'aggregation.alignment': '60s' }, /"alignment"/],
    [
      'a second aggregation',
      COUNT,
      { 'secondaryAggregation.alignmentPeriod': '60s' },
      /secondaryAggregation/,
    ],
    ['an interval that runs backwards', COUNT, { 'interval.endTime': iso(START - 1) }, /interval/],
  ])('rejects %s with 400', async (_what, filter, query, message) => {
    await at(START + 1_000_000);
    const { status, json } = await list(filter, query);
    expect([status, json.error.status]).toEqual([400, 'INVALID_ARGUMENT']);
    expect(json.error.message).toMatch(message);
  });
});

describe('percentile', () => {
  it('is within a bucket (ten percent) of the true value', () => {
    const latencies = Array.from({ length: 100 }, (_, index) => (index + 1) * 10);
    const found = percentile(latencies, 95);
    expect(found).toBeGreaterThan(950 / 1.1);
    expect(found).toBeLessThan(950 * 1.1);
  });

  it('sees one slow request among twenty only beyond 95 percent', () => {
    expect(percentile([...Array<number>(19).fill(10), 10_000], 95)).toBeLessThan(12);
    expect(percentile([...Array<number>(18).fill(10), 10_000, 10_000], 95)).toBeGreaterThan(8_000);
  });
});

describe('parseFilter', () => {
  it('reads label and labels as the same key', () => {
    const filter = parseFilter('metric.type="m" AND resource.label.a = one_of("x","y z")');
    expect([...(filter.get('resource.labels.a') ?? [])]).toEqual(['x', 'y z']);
  });

  it.each([
    '',
    'resource.type="x"',
    'metric.type="m" AND ',
    'metric.type="m" resource.type="x"',
    'project="p"',
  ])('rejects %j', (text) => {
    expect(() => parseFilter(text)).toThrow(/filter/);
  });
});

describe('aggregate', () => {
  const point = (endTime: number, value: number | number[]) => ({
    startTime: endTime - 1000,
    endTime,
    value,
  });
  const series = (revision: string, ...points: ReturnType<typeof point>[]) => ({
    labels: { 'resource.labels.r': revision },
    points,
  });
  const values = (...args: Parameters<typeof aggregate>) =>
    aggregate(...args).map(({ points }) => points.map(({ endTime, value }) => [endTime, value]));

  it.each([
    [
      'ALIGN_SUM',
      [
        [5000, 1],
        [10000, 6],
      ],
    ],
    [
      'ALIGN_DELTA',
      [
        [5000, 1],
        [10000, 6],
      ],
    ],
    [
      'ALIGN_MAX',
      [
        [5000, 1],
        [10000, 4],
      ],
    ],
    [
      'ALIGN_MEAN',
      [
        [5000, 1],
        [10000, 3],
      ],
    ],
  ])('%s works on periods that end at the interval end', (perSeriesAligner, expected) => {
    const one = series('a', point(5000, 1), point(6000, 2), point(10000, 4));
    expect(values([one], { perSeriesAligner, alignmentPeriod: '5s' }, 10000)).toEqual([expected]);
  });

  it('reduces series that agree in the grouping fields', () => {
    const all = [series('a', point(1000, 1)), series('b', point(1000, 2)), series('a', point(2000, 4))];
    const by = { perSeriesAligner: 'ALIGN_SUM', crossSeriesReducer: 'REDUCE_SUM', alignmentPeriod: '10s' };
    expect(values(all, by, 10000)).toEqual([[[10000, 7]]]);
    expect(values(all, { ...by, groupByFields: ['resource.label.r'] }, 10000)).toEqual([
      [[10000, 5]],
      [[10000, 2]],
    ]);
  });

  it('merges distributions before it takes the percentile', () => {
    const all = [series('a', point(1000, Array<number>(99).fill(10))), series('b', point(1000, [1000]))];
    const by = {
      perSeriesAligner: 'ALIGN_DELTA',
      crossSeriesReducer: 'REDUCE_PERCENTILE_95',
      alignmentPeriod: '10s',
    };
    expect(values(all, by, 10000)[0]?.[0]?.[1]).toBeLessThan(12);
  });

  it('rejects the maximum of distributions', () => {
    expect(() =>
      aggregate(
        [series('a', point(1000, [1]))],
        { perSeriesAligner: 'ALIGN_MAX', alignmentPeriod: '1s' },
        1000,
      ),
    ).toThrow(/distributions/);
  });
});

describe('METRICS', () => {
  const record = (change: Partial<RequestRecord>): RequestRecord => ({
    at: START,
    project: 'p',
    location: 'us-central1',
    service: 's',
    revision: 's-a',
    method: 'POST',
    url: 's/',
    status: 200,
    milliseconds: 4000,
    waitedMilliseconds: 3000,
    ...change,
  });
  const values = (metric: string, requests: RequestRecord[]) =>
    METRICS[`run.googleapis.com/${metric}`]!.series(
      { requests, instances: [] },
      START,
      START + 60_000,
    ).flatMap(({ points }) => points.map(({ value }) => value));

  it('leaves the wait for an instance out of the latency', () => {
    expect(values('request_latencies', [record({})])).toEqual([[1000]]);
  });

  it('counts no request that got no instance for want of one, and one whose instance did not start', () => {
    const without = { waitedMilliseconds: undefined };
    expect(values('request_count', [record({ ...without, status: 429 })])).toEqual([]);
    expect(values('request_count', [record({ ...without, status: 503 })])).toEqual([1]);
    expect(values('request_count', [record({ status: 429 })])).toEqual([1]);
  });
});
