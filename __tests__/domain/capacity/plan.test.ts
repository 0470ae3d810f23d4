import { loadDeployment } from '../../../deployments/load';
import { type CapacityPlan, capacityPlan, type KnownOfService } from '../../../domain/capacity/plan';
import { ASSUMED_SPEED } from '../../../domain/capacity/speed';
import { instanceHour } from '../../../domain/cost/cost';
import { PRICES } from '../../../domain/cost/prices';

const SMALL = loadDeployment('small');
const HOUR = 3600;
const room = { gpus: 3, vcpu: 20, memoryGib: 40, source: 'Cloud Quotas' };
const known: KnownOfService = {
  ...{ room, prices: PRICES, speed: ASSUMED_SPEED },
  others: [
    { region: 'europe-west4', instances: 2 },
    { region: 'us-east4', instances: 1 },
  ],
};
const plan = (
  pages: number,
  hours: number,
  change: Partial<KnownOfService> = {},
  deployment = SMALL,
): CapacityPlan =>
  capacityPlan(
    deployment,
    { pages, deadlineSeconds: hours * HOUR, arrivalSeconds: 0, hoursPerDay: 24 },
    { ...known, ...change },
  );

describe('capacityPlan', () => {
  test('one instance reads 1,800 pages an hour, less its start and the last pages’ length', () => {
    expect(plan(1600, 1).needed).toBe(1);
    expect(plan(1800, 1).needed).toBe(2);
    expect(plan(160_000, 100).needed).toBe(1);
  });

  test('says where the instances can run, and the quota that they take', () => {
    const places = [1, 2, 3, 5, 6].map((count) => {
      const { needed, place, regions } = plan(count * 17_000, 10);
      return [needed, place, regions.map(({ region, instances }) => `${region} ${instances}`).join()];
    });
    expect(places).toEqual([
      [1, 'deployed', 'us-central1 1'],
      [2, 'here', 'us-central1 2'],
      [3, 'regions', 'us-central1 2,europe-west4 1'],
      [5, 'regions', 'us-central1 2,europe-west4 2,us-east4 1'],
      [6, 'beyond', 'us-central1 2,europe-west4 2,us-east4 1'],
    ]);
    expect(plan(51_000, 10).quota).toEqual({ gpus: 3, vcpu: 12, memoryGib: 48 });
  });

  test('says what the deployment as it is makes of the pages, and for how much', () => {
    const [deployed, held, needed] = plan(51_000, 10).rows;
    expect([deployed!.what, held!.what, needed!.what]).toEqual([
      'as deployed',
      'all that the quota holds',
      'for the deadline',
    ]);
    // 0.5 a second for ten hours, less the start; of random lengths, whose sum differs by less than a percent or so.
    expect(Math.abs((51_000 - deployed!.late) / (0.5 * (10 * HOUR - 50)) - 1)).toBeLessThan(0.02);
    expect(needed!.late).toBe(0);
    const hours = (51_000 * 2 + 3 * (50 + 900)) / HOUR;
    const usd =
      hours *
      instanceHour('us-central1', { cpu: 4, memoryGib: 16, gpu: 'nvidia-l4', zonalRedundancy: false })!;
    expect(Math.abs(needed!.usd! / usd - 1)).toBeLessThan(0.02);
  });

  test('goes by the pages as they come, and by the deployment’s own minimum', () => {
    const stream = (minInstances: number) =>
      capacityPlan(
        { ...SMALL, scaling: { ...SMALL.scaling, minInstances } },
        { pages: 5000, deadlineSeconds: 48 * HOUR, arrivalSeconds: 47 * HOUR, hoursPerDay: 8 },
        known,
      ).rows.at(-1)!;
    expect(stream(0).coldStarts).toBe(2);
    expect(stream(1).coldStarts).toBe(0);
    expect(stream(1).usd!).toBeGreaterThan(stream(0).usd!);
  });

  test('simulates millions of pages in bunches, with the same answer', () => {
    // 240,000 pages are simulated one by one, ten times as many in ten hours each for ten times as long are not.
    const [few, many] = [plan(240_000, 30), plan(2_400_000, 300)];
    expect(Math.abs(many.needed - few.needed)).toBeLessThanOrEqual(1);
    expect(Math.abs(many.rows.at(-1)!.usd! / few.rows.at(-1)!.usd! / 10 - 1)).toBeLessThan(0.03);
  });

  test('compares with nodes of GKE, which pay when they are many and busy', () => {
    const busy = plan(2_000_000, 100).gke!;
    expect(busy).toMatchObject({ machine: 'g2-standard-4', isWorthIt: true });
    const { gke, needed, rows } = plan(1600, 1);
    expect(gke!.usd).toBeCloseTo((rows.at(-1)!.doneSeconds / HOUR) * (needed * 0.71 + 0.1), 6);
    expect(gke!.isWorthIt).toBe(false);
    expect(plan(1600, 1, {}, { ...SMALL, region: 'us-east4' })).not.toHaveProperty('gke');
  });

  test('knows no regions but its own where nobody could be asked', () => {
    expect(plan(1600, 1).othersKnown).toBe(true);
    const { place, othersKnown } = plan(51_000, 10, { others: undefined });
    expect([place, othersKnown]).toEqual(['beyond', false]);
  });

  test.each([
    ['no GPU', { ...room, gpus: 0 }],
    ['too little memory', { ...room, memoryGib: 8 }],
  ])('rejects a quota with %s', (_what, small) => {
    expect(() => plan(100, 1, { room: small })).toThrow(
      expect.objectContaining({
        code: 'NO_GPU_QUOTA',
        remedy: expect.stringContaining('bin/lightonocr quota small --request'),
        exitCode: 2,
      }),
    );
  });

  test('rejects a deadline that ends before an instance has started', () => {
    expect(() => plan(100, 0.01)).toThrow(
      expect.objectContaining({ code: 'DEADLINE_TOO_SOON', where: '--deadline', exitCode: 2 }),
    );
  });
});
