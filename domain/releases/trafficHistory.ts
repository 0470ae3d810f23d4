import { sharesOf, type TrafficTarget } from './traffic';

/** Traffic as it was asked for at one moment. */
export interface TrafficMoment {
  /** ISO 8601. */
  readonly at: string;
  readonly traffic: readonly TrafficTarget[];
}

/** Lines and their signs in the legend: of one colour each, and seen on GitHub's light and dark pages. */
const LINES = [
  ['#2f86c8', '🟦'],
  ['#d57a00', '🟧'],
  ['#2c9e4b', '🟩'],
  ['#9065c8', '🟪'],
  ['#a5673a', '🟫'],
] as const;

/** Points that still read as a picture. */
const MOST_MOMENTS = 30;

/**
 * Percent of each revision over time, as a Mermaid chart that GitHub draws; undefined where nothing moved. The chart
 * has a point for each move; in between nothing changed.
 */
export function trafficChart(moments: readonly TrafficMoment[]): string | undefined {
  if (moments.length < 2) return undefined;
  const shown = moments.slice(-MOST_MOMENTS);
  const revisions = [...new Set(shown.flatMap(({ traffic }) => [...sharesOf(traffic).keys()]))];
  const start = Date.parse(shown[0]!.at);
  const label = ({ at }: TrafficMoment) => {
    const seconds = Math.round((Date.parse(at) - start) / 1000);
    return `"${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}"`;
  };
  return [
    '```mermaid',
    `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "${LINES.map(([colour]) => colour).join(', ')}"}}}}%%`,
    'xychart-beta',
    '  title "Percent of the traffic, minutes from the first look"',
    `  x-axis [${shown.map(label).join(', ')}]`,
    '  y-axis "%" 0 --> 100',
    ...revisions.map(
      (revision) => `  line [${shown.map(({ traffic }) => sharesOf(traffic).get(revision) ?? 0).join(', ')}]`,
    ),
    '```',
    '',
    revisions.map((revision, at) => `${LINES[at % LINES.length]![1]} \`${revision}\``).join(' · '),
  ].join('\n');
}
