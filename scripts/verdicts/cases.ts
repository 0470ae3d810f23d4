import type { Summary } from './simulate';
import { QUIET, type World } from './world';

/** Most or least that a share of the summary may be. */
export interface Goal {
  readonly of:
    'served' | 'putBack' | 'blocked' | 'medianShareOfTodaysTime' | 'goldenPages' | 'withinTenPages';
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Case {
  readonly name: string;
  readonly world: World;
  readonly goals: readonly Goal[];
}

const GOOD: readonly Goal[] = [
  { of: 'putBack', atMost: 0.01 },
  { of: 'blocked', atMost: 0.002 },
];
const IN_TIME: Goal = { of: 'medianShareOfTodaysTime', atMost: 0.5 };
const servedAtMost = (atMost: number): Goal[] => [{ of: 'served', atMost }];

const at = (pagesPerWindow: number) => (pagesPerWindow === 0 ? 'idle' : `${pagesPerWindow} pages`);
const identical = (rate: number): Partial<World> => ({ errorRate: rate, candidateErrorRate: rate });
const of = (name: string, world: Partial<World>, goals: readonly Goal[]): Case => ({
  name,
  goals,
  world: { ...QUIET, ...world },
});

/** What may trouble a service that is no worse than before. */
const TROUBLES: readonly (readonly [name: string, world: Partial<World>])[] = [
  ['heavy tails', { sigma: 0.9 }],
  ['bursts', { bursts: true }],
  ['cold starts', { coldStarts: 0.03 }],
  ['a shared outage', { outage: true }],
  ['429s', { throttled: 0.03 }],
  ['all of these', { sigma: 0.9, bursts: true, coldStarts: 0.03, outage: true, throttled: 0.03 }],
];

/** Every row that the canary is held to; `docs/canary.md` and the nightly run are made of them. */
export const CASES: readonly Case[] = [
  ...[0, 30, 200, 2000].flatMap((pagesPerWindow) =>
    [0, 0.005, 0.02].map((rate) =>
      of(`identical, ${rate * 100} % errors, ${at(pagesPerWindow)}`, { pagesPerWindow, ...identical(rate) }, [
        ...GOOD,
        ...(pagesPerWindow >= 200 ? [IN_TIME] : [{ ...IN_TIME, atMost: 1 }]),
        ...(pagesPerWindow === 0 ? [{ of: 'goldenPages', atMost: rate > 0.005 ? 600 : 200 } as const] : []),
      ]),
    ),
  ),
  ...TROUBLES.flatMap(([trouble, world]) =>
    [0, 200].map((pagesPerWindow) =>
      of(
        `identical, 2 % errors, ${trouble}, ${at(pagesPerWindow)}`,
        { pagesPerWindow, ...identical(0.02), ...world },
        GOOD,
      ),
    ),
  ),
  ...[0, 200, 2000].flatMap((pagesPerWindow) => [
    of(`10 % errors, ${at(pagesPerWindow)}`, { pagesPerWindow, candidateErrorRate: 0.1 }, servedAtMost(0.01)),
    of(
      `twice as slow, sigma 0.4, ${at(pagesPerWindow)}`,
      { pagesPerWindow, latencyFactor: 2, sigma: 0.4 },
      servedAtMost(0.02),
    ),
    of(
      `twice as slow, sigma 0.9, ${at(pagesPerWindow)}`,
      { pagesPerWindow, latencyFactor: 2, sigma: 0.9 },
      servedAtMost(0.02),
    ),
    of(
      `character error rate 0.04, ${at(pagesPerWindow)}`,
      { pagesPerWindow, candidateCer: 0.04 },
      servedAtMost(0.02),
    ),
    of(
      `fails one kind of eight, ${at(pagesPerWindow)}`,
      { pagesPerWindow, failingKind: true },
      servedAtMost(0.05),
    ),
    of(`every second page fails, ${at(pagesPerWindow)}`, { pagesPerWindow, candidateErrorRate: 0.5 }, [
      ...servedAtMost(0.01),
      { of: 'withinTenPages', atLeast: 0.9 },
    ]),
    of(
      `fails every page from the 60th on, ${at(pagesPerWindow)}`,
      { pagesPerWindow, failsAfter: 60 },
      servedAtMost(0.01),
    ),
  ]),
];

export type Measured = Summary & { readonly withinTenPages: number };

/** Standard errors that a share may lie beyond its goal by chance: one of 20,000 does. */
const CHANCE = 4;

/** The goals that the numbers of so many releases show to be broken. */
export function brokenGoals({ goals }: Case, measured: Measured, releases: number): Goal[] {
  return goals.filter(({ of, atMost, atLeast }) => {
    const value = measured[of];
    if (value === null) return false;
    const isShare = !['goldenPages', 'medianShareOfTodaysTime'].includes(of);
    const slack = (goal: number) =>
      isShare ? CHANCE * Math.sqrt((goal * (1 - goal)) / releases) + 1 / releases : 0;
    return (
      (atMost !== undefined && value > atMost + slack(atMost)) ||
      (atLeast !== undefined && value < atLeast - slack(atLeast))
    );
  });
}
