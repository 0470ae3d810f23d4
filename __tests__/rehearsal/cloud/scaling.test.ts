import { allotted } from '../../../rehearsal/cloud/run/scaling';
import { LOCATION, type Rig, startRig, to } from './harness';

const SERVICE = `/v2/${LOCATION}/services/s`;

describe('allotted', () => {
  const service = (scaling: object, shares: Record<string, number>) =>
    allotted({
      spec: { template: {}, traffic: [], scaling },
      statuses: Object.entries(shares).map(([revision, percent]) => ({ revision, percent })),
    });
  const manual = (manualInstanceCount: number) => ({ scalingMode: 'MANUAL', manualInstanceCount });

  test.each<[what: string, scaling: object, shares: Record<string, number>, expected: [string, number][]]>([
    ['all to the only one', manual(3), { a: 100 }, [['a', 3]]],
    ['nothing to anyone', manual(0), { a: 100 }, [['a', 0]]],
    ['by share', manual(4), { a: 75, b: 25 }, [['a', 3], ['b', 1]]], // prettier-ignore
    ['none to some, when there are fewer than revisions', manual(1), { a: 90, b: 10 }, [['a', 1], ['b', 0]]], // prettier-ignore
    ['the minimum, where no count is given', { scalingMode: 'MANUAL', minInstanceCount: 2 }, { a: 100 }, [['a', 2]]], // prettier-ignore
  ])('gives %s', (_what, scaling, shares, expected) => {
    expect([...service(scaling, shares)!]).toEqual(expected);
  });

  test('says nothing under automatic scaling', () => {
    expect(service({ minInstanceCount: 2 }, { a: 100 })).toBeUndefined();
    expect(service({ scalingMode: 'AUTOMATIC' }, { a: 100 })).toBeUndefined();
  });
});

describe('manual scaling', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
    await rig.deploy('a');
    await rig.deploy('b');
  });
  afterAll(() => rig.cloud.stop());

  const scale = (scaling: object, traffic: unknown[] = [to('a', 100)]) =>
    rig.write('PATCH', `${SERVICE}?updateMask=scaling,traffic`, { scaling, traffic });
  const running = () => rig.cloud.run.instances().map(({ revision }) => revision);
  const stopped = async (revision: string) => {
    while (running().includes(revision)) await rig.clock.sleep(1);
  };
  const MANUAL = (manualInstanceCount: number) => ({ scalingMode: 'MANUAL', manualInstanceCount });

  test('at 0 refuses requests, ends the instances, starts none, and says 0', async () => {
    await scale({});
    expect((await rig.invoke()).status).toBe(200);
    await scale(MANUAL(0));
    expect((await rig.call('GET', SERVICE)).json.scaling).toEqual({
      scalingMode: 'MANUAL',
      manualInstanceCount: 0,
    });
    expect((await rig.invoke()).status).toBe(503);
    await stopped('s-a');
    expect((await rig.invoke()).status).toBe(503);
    expect(running()).not.toContain('s-a');
  });

  test('at 0 lets a revision start an instance that has a tag alone', async () => {
    await scale(MANUAL(0), [to('a', 100), to('b', 0, 'look')]);
    await stopped('s-a');
    expect((await rig.invoke('/', 'look---s')).status).toBe(200);
    expect(running()).toContain('s-b');
    expect((await rig.invoke()).status).toBe(503);
  });

  test('at 0 refuses requests to the tag of a revision that has a share', async () => {
    await scale(MANUAL(0), [{ ...to('a', 100), tag: 'look' }]);
    expect((await rig.invoke('/', 'look---s')).status).toBe(503);
  });

  test('at 1 starts an instance without any request', async () => {
    await scale(MANUAL(0));
    await stopped('s-a');
    await scale(MANUAL(1));
    expect(running()).toContain('s-a');
  });

  test('back at automatic serves again', async () => {
    await scale(MANUAL(0));
    await scale({ scalingMode: 'AUTOMATIC' });
    expect((await rig.invoke()).status).toBe(200);
  });

  test('rejects a count below 0; a maximum of 0 is no maximum: the message cannot tell 0 from not set', async () => {
    const negative = await rig.call('PATCH', `${SERVICE}?updateMask=scaling`, { scaling: MANUAL(-1) });
    expect(negative).toMatchObject({
      status: 400,
      json: { error: { message: expect.stringContaining('scaling.manualInstanceCount') } },
    });
    await scale({ maxInstanceCount: 0 });
    expect((await rig.call('GET', SERVICE)).json.scaling).toEqual({});
    expect((await rig.invoke()).status).toBe(200);
  });
});

describe('an instance under manual scaling', () => {
  test('outlives idleness, which ends others', async () => {
    const rig = await startRig({ idleSeconds: 0.3 });
    await rig.deploy('a');
    const running = () => rig.cloud.run.instances().length;
    await rig.write('PATCH', `${SERVICE}?updateMask=scaling`, {
      scaling: { scalingMode: 'MANUAL', manualInstanceCount: 1 },
    });
    await rig.clock.sleep(1.5);
    expect(running()).toBe(1);
    await rig.write('PATCH', `${SERVICE}?updateMask=scaling`, { scaling: { scalingMode: 'AUTOMATIC' } });
    while (running() > 0) await rig.clock.sleep(1);
    await rig.cloud.stop();
  });
});
