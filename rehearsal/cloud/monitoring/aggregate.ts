import { groupBy } from '../collections';
import { invalid } from '../googleError';
import { percentile } from './distribution';
import { labelKey } from './filter';
import type { Point, Series } from './series';

/** google.monitoring.v3.Aggregation, as the API's JSON has it. */
export interface Aggregation {
  readonly alignmentPeriod?: string;
  readonly perSeriesAligner?: string;
  readonly crossSeriesReducer?: string;
  readonly groupByFields?: readonly string[];
}

type Value = Point['value'];

const isSamples = (value: Value | undefined): value is readonly number[] => typeof value === 'object';

/** Distributions are merged, numbers added. */
function sum(values: readonly Value[]): Value {
  if (isSamples(values[0])) return values.flat();
  return (values as number[]).reduce((total, value) => total + value, 0);
}

function numbersOnly(name: string, combine: (values: number[]) => number) {
  return (values: readonly Value[]) => {
    if (values.some(isSamples)) throw invalid(`aggregation: ${name} is not for distributions.`);
    return combine(values as number[]);
  };
}

const ALIGNERS: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  ALIGN_DELTA: sum,
  ALIGN_SUM: sum,
  ALIGN_MAX: numbersOnly('ALIGN_MAX', (values) => Math.max(...values)),
  ALIGN_MEAN: numbersOnly('ALIGN_MEAN', (values) => (sum(values) as number) / values.length),
};
const REDUCERS: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  REDUCE_SUM: sum,
  REDUCE_PERCENTILE_95: (values) => {
    if (!values.every(isSamples))
      throw invalid('aggregation: REDUCE_PERCENTILE_95 is for distributions here.');
    return percentile(values.flat(), 95);
  },
};

/** Aligns each series to periods that end at `end`, then combines series that agree in the grouping fields. */
export function aggregate(series: readonly Series[], aggregation: Aggregation, end: number): Series[] {
  const {
    perSeriesAligner = 'ALIGN_NONE',
    crossSeriesReducer = 'REDUCE_NONE',
    groupByFields = [],
  } = aggregation;
  const aligner = ALIGNERS[perSeriesAligner];
  const reducer = REDUCERS[crossSeriesReducer];
  if (!aligner && perSeriesAligner !== 'ALIGN_NONE')
    throw invalid(`aggregation.perSeriesAligner: ${perSeriesAligner} is not supported.`);
  if (!reducer && crossSeriesReducer !== 'REDUCE_NONE')
    throw invalid(`aggregation.crossSeriesReducer: ${crossSeriesReducer} is not supported.`);
  if (reducer && !aligner) throw invalid('aggregation: a reducer needs an aligner.');
  if (!aligner) return [...series];
  const period = parseFloat(aggregation.alignmentPeriod ?? '') * 1000;
  if (!(period >= 1000))
    throw invalid(
      `aggregation.alignmentPeriod: "${aggregation.alignmentPeriod}" must be at least one second.`,
    );

  const periodEnd = (time: number) => end - Math.floor((end - time) / period) * period;
  /** One point a period, of all the points that end in it. */
  const merge = (points: readonly Point[], combine: (values: readonly Value[]) => Value): Point[] =>
    [...groupBy(points, ({ endTime }) => periodEnd(endTime))]
      .sort(([a], [b]) => a - b)
      .map(([endTime, own]) => ({
        startTime: endTime - period,
        endTime,
        value: combine(own.map(({ value }) => value)),
      }));
  const aligned = series.map(({ labels, points }) => ({ labels, points: merge(points, aligner) }));
  if (!reducer) return aligned;

  const fields = groupByFields.map(labelKey);
  const groups = groupBy(aligned, ({ labels }) =>
    JSON.stringify(fields.map((field) => [field, labels[field] ?? ''])),
  );
  return [...groups].map(([key, members]) => ({
    labels: Object.fromEntries(JSON.parse(key) as [string, string][]),
    points: merge(
      members.flatMap(({ points }) => points),
      reducer,
    ),
  }));
}
