import { brokenGoals, CASES, type Case, type Goal, type Measured } from './cases';
import { playRule } from './rivals';
import { type Ended, simulateReleases, summarize } from './simulate';
import type { World } from './world';

export const measure = (ended: readonly Ended[]): Measured => ({
  ...summarize(ended),
  withinTenPages:
    ended.filter(({ outcome, goldenPages }) => outcome === 'blocked' && goldenPages <= 20).length /
    ended.length,
});

const share = (value: number) => `${(value * 100).toFixed(1)} %`;
const NAMES: Readonly<Record<Goal['of'], string>> = {
  served: 'served',
  putBack: 'not served',
  blocked: 'blocked',
  medianShareOfTodaysTime: 'time',
  goldenPages: 'golden pages',
  withinTenPages: 'within ten pages',
};
function describe({ of, atMost, atLeast }: Goal): string {
  const limit = (atMost ?? atLeast)!;
  const shown = ['goldenPages', 'medianShareOfTodaysTime'].includes(of) ? String(limit) : share(limit);
  return `${NAMES[of]} ${atMost === undefined ? '≥' : '≤'} ${shown}`;
}

/** What the other rules are played on: pages with one error rate and one spread of times. */
const isWithoutTroubles = (world: World) =>
  !(world.outage || world.bursts || world.coldStarts || world.throttled || world.failingKind) &&
  world.failsAfter === Infinity &&
  world.candidateCer === world.cer;

function rowOf({ name, world, goals }: Case, measured: Measured, releases: number, seed: number): string {
  const isPlain = isWithoutTroubles(world);
  const byLimits = summarize(playRule('limits', world, Math.min(releases, MOST_OF_OTHERS), seed));
  const byRanks = summarize(playRule('mann-whitney', world, Math.min(releases, MOST_OF_OTHERS), seed));
  const time = measured.medianShareOfTodaysTime?.toFixed(2) ?? '';
  const obvious = goals.some(({ of }) => of === 'withinTenPages')
    ? ` (${share(measured.withinTenPages)} within ten pages)`
    : '';
  const cells = [
    name,
    share(measured.served),
    `${share(measured.blocked)}${obvious}`,
    share(measured.undecided),
    time,
    String(measured.goldenPages),
    goals.map(describe).join(', '),
    isPlain ? share(byLimits.served) : '',
    isPlain ? share(byRanks.served) : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Releases by other rules: what they come to is seen in few. */
const MOST_OF_OTHERS = 300;

const HEAD = [
  ...['candidate, callers’ pages in ten minutes', 'served', 'blocked', 'undecided', 'time', 'golden pages'],
  ...['goal', 'served by limits', 'served by Mann–Whitney'],
];

/** Every case as a Markdown table, line by line; true where no goal is broken. */
export async function writeTable(
  { releases, seed }: { releases: number; seed: number },
  write: (line: string) => void,
): Promise<boolean> {
  write(`| ${HEAD.join(' | ')} |\n| ${HEAD.map(() => '---').join(' | ')} |`);
  const broken: string[] = [];
  for (const each of CASES) {
    const measured = measure(await simulateReleases(each.world, { releases, seed }));
    write(rowOf(each, measured, releases, seed));
    broken.push(...brokenGoals(each, measured, releases).map((goal) => `${each.name}: ${describe(goal)}`));
  }
  for (const line of broken) write(`\nbroken: ${line}`);
  return broken.length === 0;
}
