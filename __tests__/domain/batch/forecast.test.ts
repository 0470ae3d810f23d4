import { loadDeployment } from '../../../deployments/load';
import { forecast } from '../../../domain/batch/forecast';
import { ASSUMED_SPEED } from '../../../domain/capacity/speed';
import { instanceHour } from '../../../domain/cost/cost';
import { PRICES } from '../../../domain/cost/prices';
import type { Deployment } from '../../../domain/deployment';

const SMALL = loadDeployment('small');
const room = { gpus: 3, vcpu: 20, memoryGib: 40, source: 'Cloud Quotas' };
const known = { speed: ASSUMED_SPEED, room, prices: PRICES };
const pages = (value: number, low = value, high = value) => ({ value, low, high });
const rowsOf = (count = pages(9000), deployment: Deployment = SMALL, change: Partial<typeof known> = {}) =>
  forecast(count, deployment, { ...known, ...change });

describe('forecast', () => {
  test('is a start, the pages and an idle tail of each instance', () => {
    const held = rowsOf().find(({ what }) => what === 'all that the quota holds')!;
    expect(held.instances).toBe(2);
    expect(held.hours.value).toBeCloseTo((50 + 9000) / 3600, 6);
    const hour = instanceHour('us-central1', { ...SMALL.size })!;
    expect(held.usd!.value).toBeCloseTo(((2 * (50 + 900) + 18_000) / 3600) * hour, 6);
  });

  test('has the interval of the pages in hours and USD', () => {
    const [deployed] = rowsOf(pages(9000, 4500, 18_000));
    expect(deployed!.hours.low).toBeCloseTo((50 + 9000) / 3600, 6);
    expect(deployed!.hours.high).toBeCloseTo((50 + 36_000) / 3600, 6);
    expect(deployed!.usd!.low).toBeLessThan(deployed!.usd!.value);
    expect(deployed!.usd!.high).toBeGreaterThan(deployed!.usd!.value);
  });

  test('takes nothing where the GPU has nothing to read', () => {
    const zero = { value: 0, low: 0, high: 0 };
    for (const { hours, usd } of rowsOf(pages(0))) expect([hours, usd]).toEqual([zero, zero]);
  });

  test('says what each change needs first', () => {
    const notes = Object.fromEntries(rowsOf().map(({ what, note }) => [what, note]));
    expect(notes).toMatchObject({
      'as deployed': undefined,
      'all that the quota holds': 'set scaling.maxInstances to 2',
      'two instances more': expect.stringMatching(
        /^set scaling\.maxInstances to 3, over the quota: .*--gpus 3$/,
      ),
      '8 vCPU, 32 GiB': expect.stringMatching(/as many as the quota holds/),
    });
  });

  test('reckons with what the quota holds, where the deployment may have more', () => {
    const deployment = { ...SMALL, scaling: { ...SMALL.scaling, maxInstances: 5 } };
    const [deployed] = rowsOf(pages(9000), deployment);
    expect(deployed).toMatchObject({
      instances: 2,
      note: expect.stringMatching(/^the quota holds 2 of the 5 .*--gpus 5$/),
    });
  });

  test('reads never without an instance', () => {
    const [deployed] = rowsOf(pages(9000), SMALL, { room: { ...room, gpus: 0 } });
    expect(deployed).toMatchObject({ instances: 0, hours: { value: Infinity } });
  });

  test('has no USD where the region’s prices are not known', () => {
    for (const row of rowsOf(pages(9000), { ...SMALL, region: 'us-east4' }))
      expect(row).not.toHaveProperty('usd');
  });
});
