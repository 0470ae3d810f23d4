import { withoutPart } from '../../../scripts/verdicts/controls';
import { brokenGoals, CASES } from '../../../scripts/verdicts/cases';
import { measure } from '../../../scripts/verdicts/table';
import { type Changes, type Ended, simulateReleases } from '../../../scripts/verdicts/simulate';
import { QUIET, type World } from '../../../scripts/verdicts/world';

/** Few enough for half a minute in all; the nightly run has 2,000 (.github/workflows/verdicts.yml). */
const RELEASES = 300;

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
  // Every second row of the table in docs/canary.md: traffic changes little, and each kind of release is among them.
  const some = CASES.filter(({ name }, at) => at % 2 === 1 || /every second|all of these/.test(name));
  test.each(some)('holds its goals: $name', async (each) => {
    const ended = await simulateReleases(each.world, { releases: RELEASES, seed: 11 });
    expect(brokenGoals(each, measure(ended), RELEASES)).toEqual([]);
  });

  test('holds a candidate back that begins to fail half of its pages, idle', async () => {
    const ended = await play({ pagesPerWindow: 0, failsAfter: 60, failsAfterRate: 0.5 });
    expect(count(ended, 'served')).toBeLessThanOrEqual(mostOf(0.01));
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
