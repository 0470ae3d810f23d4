import type { Ended } from './simulate';
import { type Random, random } from './random';
import type { World } from './world';

/** Rules that others decide by, each after one look at each window of callers' pages: only for comparison. */
export const RULES = ['limits', 'mann-whitney'] as const;
export type Rule = (typeof RULES)[number];

interface Page {
  readonly failed: boolean;
  readonly seconds: number;
}
interface Window {
  readonly candidate: readonly Page[];
  readonly stable: readonly Page[];
}

/** Steps of ten, ten and five minutes, as releases had until 2026-11-29. */
const STEPS = [
  { percent: 10, share: 1 },
  { percent: 50, share: 1 },
  { percent: 100, share: 0.5 },
];
/** Golden pages that went to the candidate alone in each. */
const GOLDEN_PAGES = 20;
const LEAST_PAGES = 20;
const SECONDS = 2220;

function draw(world: World, percent: number, share: number, from: Random): Window {
  const page = (errorRate: number, factor: number): Page => ({
    failed: from.uniform() < errorRate,
    seconds: world.pageSeconds * factor * Math.exp(world.sigma * from.normal()),
  });
  const pages = (part: number) => from.poisson(world.pagesPerWindow * share * part);
  const { candidateErrorRate, latencyFactor, errorRate } = world;
  return {
    candidate: Array.from({ length: pages(percent / 100) + GOLDEN_PAGES }, () =>
      page(candidateErrorRate, latencyFactor),
    ),
    stable: Array.from({ length: pages(1 - percent / 100) }, () => page(errorRate, 1)),
  };
}

const rateOf = (pages: readonly Page[]) => pages.filter(({ failed }) => failed).length / pages.length;
const secondsOf = (pages: readonly Page[]) =>
  pages.filter(({ failed }) => !failed).map(({ seconds }) => seconds);

/** The project's until 2026-11-29: error rate over 5 %, or 2 points over stable's; p95 over 1.5 times stable's. */
function limits({ candidate, stable }: Window): boolean {
  if (rateOf(candidate) > 0.05) return true;
  if (stable.length < LEAST_PAGES) return false;
  const p95 = (pages: readonly Page[]) => {
    const sorted = secondsOf(pages).sort((a, b) => a - b);
    return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
  };
  return rateOf(candidate) - rateOf(stable) > 0.02 || p95(candidate) > 1.5 * p95(stable);
}

/** More values are a subset: every pair of them is looked at. */
const MOST_VALUES = 100;
/** Of the normal distribution, for 98 % on two sides. */
const Z = 2.326;
/** Smaller shifts than this share of stable's mean are none. */
const TOLERANCE = 0.25;

/**
 * Kayenta's classifier (kayenta-judge, MannWhitneyClassifier: confidence 0.98, tolerance 0.25): high where the interval of the
 * shift lies above the tolerance. Here with a page a value, which is more than the minute a value that it gets.
 */
function mannWhitney({ candidate, stable }: Window): boolean {
  const isHigh = (ours: readonly number[], theirs: readonly number[]) => {
    const [x, y] = [ours.slice(0, MOST_VALUES), theirs.slice(0, MOST_VALUES)];
    if (Math.min(x.length, y.length) < LEAST_PAGES) return false;
    const shifts = x.flatMap((value) => y.map((other) => value - other)).sort((a, b) => a - b);
    const spread = Math.sqrt((x.length * y.length * (x.length + y.length + 1)) / 12);
    const low = shifts[Math.max(0, Math.floor(shifts.length / 2 - Z * spread))]!;
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
    return low > TOLERANCE * mean;
  };
  const failures = (pages: readonly Page[]) => pages.map(({ failed }) => Number(failed));
  return isHigh(failures(candidate), failures(stable)) || isHigh(secondsOf(candidate), secondsOf(stable));
}

const DECIDES: Readonly<Record<Rule, (window: Window) => boolean>> = { limits, 'mann-whitney': mannWhitney };

/** Releases judged by another rule; the same seed draws the same pages for each of them. */
export function playRule(rule: Rule, world: World, releases: number, seed: number): Ended[] {
  return Array.from({ length: releases }, (_, at) => {
    const from = random(seed * 1_000_003 + at * 7919);
    const windows = STEPS.map(({ percent, share }) => draw(world, percent, share, from));
    const isHarmful = windows.some(DECIDES[rule]);
    return {
      ...{ outcome: isHarmful ? 'blocked' : 'served', reasons: [], seconds: SECONDS },
      goldenPages: STEPS.length * GOLDEN_PAGES,
    };
  });
}
