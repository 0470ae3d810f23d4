import { withoutPart } from '../../../scripts/verdicts/controls';
import { type Changes, type Ended, simulateReleases, summarize } from '../../../scripts/verdicts/simulate';
import { QUIET, type World } from '../../../scripts/verdicts/world';

/** Few enough for a few seconds in all; the nightly run has more (docs/canary.md). */
const RELEASES = 120;

const play = (world: Partial<World>, changes?: Changes) =>
  simulateReleases({ ...QUIET, ...world }, { releases: RELEASES, seed: 11, ...(changes && { changes }) });

/** The number of releases that a true share exceeds with a chance of `tail` only: what a run of this size can hold. */
function mostOf(share: number, tailChance = 1e-6): number {
  let term = (1 - share) ** RELEASES;
  let tail = 1 - term;
  for (let count = 0; ;) {
    if (tail < tailChance) return count;
    term *= ((RELEASES - count) / (count + 1)) * (share / (1 - share));
    count++;
    tail -= term;
  }
}
const count = (ended: readonly Ended[], outcome: Ended['outcome']) =>
  ended.filter((release) => release.outcome === outcome).length;

describe('simulateReleases', () => {
  test.each<[what: string, world: Partial<World>, pages: number]>([
    ['idle, 0.5 % errors', { pagesPerWindow: 0 }, 200],
    [
      '200 pages a window, 2 % errors and heavy tails',
      { errorRate: 0.02, candidateErrorRate: 0.02, sigma: 0.9 },
      600,
    ],
    ['an outage that both share, under load', { pagesPerWindow: 2000, outage: true }, 600],
    ['bursts and cold starts', { bursts: true, coldStarts: 0.03 }, 600],
  ])('serves what is no worse than stable: %s', async (_what, world, pages) => {
    const ended = await play(world);
    expect(RELEASES - count(ended, 'served')).toBeLessThanOrEqual(mostOf(0.01));
    expect(count(ended, 'blocked')).toBeLessThanOrEqual(mostOf(0.002));
    expect(summarize(ended).goldenPages).toBeLessThanOrEqual(pages);
    expect(summarize(ended).medianShareOfTodaysTime).toBeLessThanOrEqual(0.5);
  });

  test.each<[what: string, world: Partial<World>, most: number]>([
    ['fails on 10 % of the pages', { candidateErrorRate: 0.1 }, 0.01],
    ['is twice as slow with heavy tails, idle', { pagesPerWindow: 0, latencyFactor: 2, sigma: 0.9 }, 0.02],
    ['reads 0.04 of the characters wrongly', { candidateCer: 0.04 }, 0.02],
    ['fails on every page of one kind', { failingKind: true }, 0.05],
    ['fails on every page from its 60th on', { failsAfter: 60 }, 0.01],
    [
      'fails on half of its pages from its 60th on, idle',
      { pagesPerWindow: 0, failsAfter: 60, failsAfterRate: 0.5 },
      0.01,
    ],
  ])('does not serve what %s', async (_what, world, most) =>
    expect(count(await play(world), 'served')).toBeLessThanOrEqual(mostOf(most)),
  );

  test('decides on an obvious failure within ten pages of each', async () => {
    const ended = await play({ pagesPerWindow: 0, candidateErrorRate: 0.5 });
    expect(ended.filter(({ goldenPages }) => goldenPages <= 20).length).toBeGreaterThan(0.85 * RELEASES);
    expect(count(ended, 'blocked')).toBeGreaterThan(0.95 * RELEASES);
  });

  test.each<
    [part: keyof typeof withoutPart, breaks: string, world: Partial<World>, outcome: Ended['outcome']]
  >([
    ['pairing', 'blocks good releases in an outage', { outage: true }, 'blocked'],
    ['correction', 'blocks good releases', { sigma: 0.9 }, 'blocked'],
    ['set', 'serves what fails on one kind', { failingKind: true }, 'served'],
  ])('without the %s %s', async (part, _breaks, world, outcome) => {
    const broken = count(await play(world, withoutPart[part]), outcome);
    const rowHolds = mostOf(outcome === 'blocked' ? 0.002 : 0.05, 1e-3);
    expect(broken).toBeGreaterThan(rowHolds);
  });
});
