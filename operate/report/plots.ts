import { init, type EChartsOption } from 'echarts';
import { type MetricPoint, type Report, revisionsOf } from '../../domain/releases/report';

/** Okabe and Ito's eight, which most colour-blind readers tell apart (https://jfly.uni-koeln.de/color/), dark enough on white. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#6A3D9A', '#555555'];
/** So that lines differ in print without colours too; pixels drawn, pixels left out. */
const DASHES = ['solid', [8, 4], [2, 2]] as const;

/** Pixels. A plot is drawn twice, and the page shows the one that fits: text in a scaled picture would get too small. */
const WIDTHS = { phone: 340, wide: 920 } as const;
const HEIGHT = 260;

/** A plot as SVG, for each width. */
export type Plot = Readonly<Record<keyof typeof WIDTHS, string>>;

/** Share of the traffic of each revision, as it was asked for, stacked to 100 %. */
export function trafficPlot(report: Report): Plot {
  const series = revisionsOf(report).map((revision, at) => ({
    name: revision,
    type: 'line' as const,
    step: 'end' as const,
    stack: 'traffic',
    showSymbol: false,
    ...look(at),
    areaStyle: { opacity: 0.55 },
    data: [...report.moves, { at: report.to, shares: report.moves.at(-1)?.shares ?? [] }].map((move) => [
      Date.parse(move.at),
      move.shares.find((share) => share.revision === revision)?.percent ?? 0,
    ]),
  }));
  return draw(report, series, { name: '% of the traffic', max: 100 });
}

/** p95 of the answers of each revision, in seconds. */
export const latencyPlot = (report: Report): Plot =>
  draw(
    report,
    lines(report, ({ p95Seconds }) => p95Seconds),
    { name: 'p95, seconds' },
  );

/** Share of 5xx of each revision, in percent. */
export const errorPlot = (report: Report): Plot =>
  draw(
    report,
    lines(report, ({ errors, requests }) => (requests === 0 ? undefined : (100 * errors) / requests)),
    { name: '% of answers that are 5xx', max: ({ max }) => Math.max(5, Math.ceil(max)) },
  );

function lines(report: Report, valueOf: (point: MetricPoint) => number | undefined) {
  return revisionsOf(report).map((revision, at) => ({
    name: revision,
    type: 'line' as const,
    symbol: 'circle',
    symbolSize: 8,
    ...look(at),
    data: (report.metrics[revision] ?? []).flatMap((point) => {
      const value = valueOf(point);
      return value === undefined ? [] : [[Date.parse(point.at), value]];
    }),
  }));
}

const colourOf = (at: number) => COLOURS[at % COLOURS.length]!;
const dashOf = (at: number) => DASHES[at % DASHES.length]!;

function look(at: number) {
  const dash = dashOf(at);
  return { color: colourOf(at), lineStyle: { width: 2, type: dash === 'solid' ? dash : [...dash] } };
}

function draw(
  { from, to }: Report,
  series: EChartsOption['series'],
  axis: { readonly name: string; readonly max?: number | ((shown: { readonly max: number }) => number) },
): Plot {
  const svg = (width: number) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: HEIGHT });
    chart.setOption({
      animation: false,
      useUTC: true,
      textStyle: { fontFamily: 'system-ui, sans-serif', fontSize: 12 },
      grid: { left: 44, right: 16, top: 30, bottom: 28 },
      xAxis: { type: 'time', min: Date.parse(from), max: Date.parse(to), splitNumber: width > 500 ? 6 : 2 },
      yAxis: {
        type: 'value',
        min: 0,
        max: axis.max,
        name: axis.name,
        nameTextStyle: { align: 'left', padding: [0, 0, 0, -36] },
      },
      series,
    });
    const drawn = chart.renderToSVGString();
    chart.dispose();
    return drawn;
  };
  return { phone: svg(WIDTHS.phone), wide: svg(WIDTHS.wide) };
}

/** The line of a revision as every plot of a report draws it, as SVG: a browser prints no backgrounds, but it prints this. */
export function keyLine(report: Report, revision: string): string {
  const at = revisionsOf(report).indexOf(revision);
  const dash = dashOf(at);
  const dashes = dash === 'solid' ? '' : ` stroke-dasharray="${dash.join(',')}"`;
  return `<svg width="32" height="10" aria-hidden="true"><path d="M0 5h32" stroke="${colourOf(at)}" stroke-width="2"${dashes}/></svg>`;
}
