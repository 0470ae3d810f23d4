import { MUTATIONS } from '../../../rehearsal/simulate/mutations';
import { play } from '../../../rehearsal/simulate/schedule';
import { simulate, simulatedDeployment } from '../../../rehearsal/simulate/simulate';

const noCpu = () => 0;

/** Shortly before the first schedule that finds it, for those that take thousands; any start will do. */
const STARTS: Readonly<Record<string, number>> = {
  schema: 3500,
  'ready-target': 600,
  'ledger-precondition': 2200,
  'tidy-tags': 13_250,
};

describe('simulate', () => {
  test('finds no schedule in which an invariant does not hold', async () => {
    const { failures, medianCalls } = await simulate({ schedules: 6000, seed: 1 }, noCpu);
    expect(failures).toEqual([]);
    expect(medianCalls).toBeGreaterThanOrEqual(40);
  });

  test('plays the same schedule from the same seed', async () => {
    const deployment = simulatedDeployment();
    for (const seed of [3, 1390, 7745])
      expect(await play(seed, { deployment })).toEqual(await play(seed, { deployment }));
  });

  test('has at least two actors in every schedule', async () => {
    const deployment = simulatedDeployment();
    for (let seed = 1; seed <= 50; seed++)
      expect((await play(seed, { deployment })).actors.length).toBeGreaterThanOrEqual(2);
  });

  test.each(Object.entries(MUTATIONS))('finds harm without %s', async (kind, mutation) => {
    const seed = STARTS[kind] ?? 1;
    const { failures } = await simulate({ schedules: 20_000, seed, mutation, mostFailures: 1 }, noCpu);
    expect(failures).toHaveLength(1);
  });

  test('prints a failure as a seed that replays it, with no more actors than it takes', async () => {
    const mutation = MUTATIONS['whole-percents']!;
    const found = await simulate({ schedules: 500, seed: 1, mutation, mostFailures: 1 }, noCpu);
    const [{ seed, violation, shrunk }] = found.failures as [(typeof found.failures)[0]];
    const again = await play(seed, { deployment: simulatedDeployment(), mutation });
    expect(again.violation).toBe(violation);
    expect(shrunk.actors.length).toBeLessThanOrEqual(again.actors.length);
    expect(shrunk.actors).toHaveLength(1);
  });
});
