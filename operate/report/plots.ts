import { init, type EChartsOption } from 'echarts';
import { reportEvents, type ServedSpan, servedSpans } from '../../domain/releases/reportEvents';
import { html } from './html';
import { type MetricPoint, type Report, revisionsOf } from '../../domain/releases/report';

/** Each at least 3 to 1 against the page, light and dark (WCAG 2.2, 1.4.11); hues that most colour-blind readers tell apart. */
export const COLOURS = [
  '#2F86C8',
  '#D55E00',
  '#009E73',
  '#C2639A',
  '#A87400',
  '#7D6BC4',
  '#7A7A7A',
  '#A5573A',
];
/** Of axes and marks: legible on both pages. The style sheet gives text the page's own colour. */
const NEUTRAL = '#7A7A7A';
/** So that lines differ in print without colours too; pixels drawn, pixels left out. */
const DASHES = ['solid', [8, 4], [2, 2]] as const;

/** Pixels. A plot is drawn for each, and the page shows the one that fits: text in a scaled picture would get too small. */
const WIDTHS = { phone: 330, tablet: 700, wide: 920 } as const;
const HEIGHT = 260;
const GRID = { left: 44, right: 16, top: 46, bottom: 28 } as const;

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
    data: sharesOverTime(report, revision),
  }));
  return draw(report, series, { name: '% of the traffic', max: 100 }, servedSpans(report));
}

/** Percent over time; nothing while it has none, so that no line lies on top of the others at 100 %. */
const sharesOverTime = ({ moves, to }: Report, revision: string): [number, number | null][] =>
  [...moves, { at: to, shares: moves.at(-1)?.shares ?? [] }].map(({ at, shares }) => [
    Date.parse(at),
    shares.find((share) => share.revision === revision)?.percent || null,
  ]);

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

/** Numbers on the time axis, those of the page's list of events; they take turns in height where they would touch. */
function marks(report: Report) {
  const data = reportEvents(report).map(({ at }, index) => ({
    xAxis: Date.parse(at),
    label: { formatter: String(index + 1), distance: [2, 2 + 12 * (index % 2)] },
  }));
  return {
    type: 'line' as const,
    data: [],
    markLine: {
      symbol: 'none',
      silent: true,
      lineStyle: { color: NEUTRAL, type: 'dotted' as const, width: 1 },
      label: { fontSize: 12, distance: 2 },
      data,
    },
  };
}

function draw(
  report: Report,
  series: readonly object[],
  axis: { readonly name: string; readonly max?: number | ((shown: { readonly max: number }) => number) },
  spans: readonly ServedSpan[] = [],
): Plot {
  const { from, to } = report;
  const svg = (width: number) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: HEIGHT });
    chart.setOption({
      animation: false,
      useUTC: true,
      textStyle: { fontFamily: 'system-ui, sans-serif', fontSize: 12 },
      grid: GRID,
      xAxis: {
        type: 'time',
        min: Date.parse(from),
        max: Date.parse(to),
        splitNumber: width > 500 ? 6 : 2,
        axisLine: { lineStyle: { color: NEUTRAL } },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: axis.max,
        name: axis.name,
        nameTextStyle: { align: 'left', padding: [0, 0, 10, -36] },
        splitLine: { lineStyle: { color: NEUTRAL, opacity: 0.3 } },
      },
      series: [...series, marks(report)] as EChartsOption['series'],
    });
    const drawn = chart.renderToSVGString();
    chart.dispose();
    return drawn.replace(/<\/svg>\s*$/, `${tips(report, spans, width)}</svg>`);
  };
  return { phone: svg(WIDTHS.phone), tablet: svg(WIDTHS.tablet), wide: svg(WIDTHS.wide) };
}

/** What a pointer that rests on a span is told, by the browser itself: no script, no network. */
function tips({ from, to }: Report, spans: readonly ServedSpan[], width: number): string {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const inner = width - GRID.left - GRID.right;
  const x = (at: string) => GRID.left + (inner * (Date.parse(at) - start)) / Math.max(1, end - start);
  return html`${spans.map(
    ({ from: since, to: until, traffic }) =>
      html`<rect
        x="${x(since).toFixed(1)}"
        y="${GRID.top}"
        width="${Math.max(1, x(until) - x(since)).toFixed(1)}"
        height="${HEIGHT - GRID.top - GRID.bottom}"
        fill="transparent"
      >
        <title>${since.slice(11, 19)} to ${until.slice(11, 19)}: ${traffic}</title>
      </rect>`,
  )}`.text;
}

/** The line of a revision as every plot of a report draws it, as SVG: a browser prints no backgrounds, but it prints this. */
export function keyLine(report: Report, revision: string): string {
  const at = revisionsOf(report).indexOf(revision);
  const dash = dashOf(at);
  const dashes = dash === 'solid' ? '' : ` stroke-dasharray="${dash.join(',')}"`;
  return `<svg width="32" height="10" aria-hidden="true"><path d="M0 5h32" stroke="${colourOf(at)}" stroke-width="2"${dashes}/></svg>`;
}
