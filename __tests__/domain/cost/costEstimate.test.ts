import { Testing } from 'cdktf';
import { loadDeployment } from '../../../deployments/load';
import { fill, type Given } from '../../../deployments/fill';
import { costEstimate, readySeconds } from '../../../domain/cost/costEstimate';
import { costInputs } from '../../../domain/cost/costInputs';
import { costReport } from '../../../domain/cost/costReport';
import type { Deployment } from '../../../domain/deployment';
import { PRICES, type PriceList } from '../../../domain/cost/prices';
import { planReview } from '../../../domain/plan/review';
import { OcrServiceStack } from '../../../stacks/ocrServiceStack';
import { DEPLOYMENT, RELEASE } from '../../constructs/deployment';
import { resourceOf } from '../../constructs/terraformJson';
import { resourceChange, SERVICE_ADDRESS } from '../../fixtures/plan';

const change = (given: Given<Deployment>) => fill<Deployment>(DEPLOYMENT, given);
const estimate = (deployment: Deployment, given: Parameters<typeof costInputs>[0] = {}, prices = PRICES) =>
  costEstimate(deployment, costInputs(given).inputs, prices);
const row = (found: ReturnType<typeof estimate>, what: string) =>
  found.rows.find((candidate) => candidate.what === what)!;

/** One USD an hour for an instance of 4 vCPU and 16 GiB; 2 for one of 8 and 32, whatever the GPU. */
const ROUND: PriceList = {
  source: 'by hand',
  regions: {
    'us-central1': {
      asOf: '2026-11',
      gpus: { 'nvidia-l4': { second: 0, secondZonalRedundancy: 0.5 / 3600 } },
      vcpuSecond: 0.125 / 3600,
      gibSecond: 0.03125 / 3600,
    },
  },
  build: { asOf: '2026-11', buildMinute: 0.1, registryGbMonth: 0.2, imageScan: 0.5 },
};
/** An hour of reading in one burst on one day; instances are there at once and gone at once. */
const ONE_HOUR = {
  pagesPerDay: '3600',
  burstPages: '3600',
  daysPerMonth: '1',
  pagesPerSecond: '1',
  startSeconds: '0',
  idleSeconds: '0',
};
const SINGLE = change({ scaling: { maxInstances: 1 } });

describe('costEstimate', () => {
  test('an hour of reading costs an hour, and is spread over its pages', () => {
    const [deployed] = estimate(SINGLE, ONE_HOUR, ROUND).rows;
    expect(deployed!.month).toBeCloseTo(2, 9);
    expect(deployed!.perThousandPages).toBeCloseTo(2 / 3.6, 9);
    expect(deployed).toMatchObject({ difference: 0, coldStarts: 1 });
  });

  test('adds the start that the probe sees and the idle tail', () => {
    const given = { ...ONE_HOUR, startSeconds: '1799.5', idleSeconds: '1800' };
    const found = estimate(SINGLE, given, ROUND);
    expect(found.readySeconds).toBe(1800);
    expect(found.coldBurst).toEqual({ start: 1, tail: 1 });
    expect(found.rows[0]!.hours).toEqual({ starting: 0.5, reading: 1, idle: 0.5 });
    expect(found.rows[0]!.month).toBeCloseTo(4, 9);
  });

  test('min instances 1 costs the month of 730 hours; the smaller size half; a warm window its hours', () => {
    const found = estimate(SINGLE, { ...ONE_HOUR, hours: '10' }, ROUND);
    expect(row(found, 'min instances 1')).toMatchObject({ coldStarts: 0 });
    expect(row(found, 'min instances 1').month).toBeCloseTo(2 * 730, 6);
    expect(row(found, '4 vCPU, 16 GiB').month).toBeCloseTo(1, 9);
    expect(row(found, '4 vCPU, 16 GiB').difference).toBeCloseTo(-1, 9);
    expect(row(found, 'one kept in working hours').month).toBeCloseTo(2 * 10, 6);
  });

  test('of a service that never sleeps, and of the smallest one, shows the other way', () => {
    const awake = estimate(change({ scaling: { minInstances: 1 } }), ONE_HOUR, ROUND);
    expect(row(awake, 'as deployed').month).toBeGreaterThanOrEqual(2 * 730 - 1e-6);
    expect(row(awake, 'min instances 0').difference).toBeLessThan(0);
    expect(row(awake, 'one kept in working hours')).toBeUndefined();
    const small = estimate(change({ size: { cpu: 4, memoryGib: 16 } }), ONE_HOUR, ROUND);
    expect(row(small, '8 vCPU, 32 GiB').difference).toBeGreaterThan(0);
  });

  test('counts zonal redundancy', () => {
    const redundant = change({ scaling: { maxInstances: 1 }, size: { zonalRedundancy: true } });
    expect(estimate(redundant, ONE_HOUR, ROUND).rows[0]!.month).toBeCloseTo(2.5, 9);
  });

  test('says of a variant that the rules refuse it', () => {
    const found = estimate(
      change({ quota: { vcpu: 4 * 3, memoryGib: 48 }, size: { cpu: 4, memoryGib: 16 } }),
    );
    expect(row(found, '8 vCPU, 32 GiB').note).toContain(
      'the rules refuse it: QUOTA_CPU; the rules refuse it: QUOTA_MEMORY',
    );
    expect(row(found, 'min instances 1').note).toBeUndefined();
  });

  test('counts builds, two scans an image, and the registry', () => {
    const given = { buildsPerMonth: '3', buildMinutes: '20', storedGb: '10' };
    expect(estimate(SINGLE, given, ROUND).build).toEqual({ builds: 6, scans: 3, storage: 2 });
  });

  test('rejects a region without prices, and names the flag that brings them', () => {
    expect(() => estimate(change({ region: 'europe-west4' }))).toThrow(
      expect.objectContaining({
        code: 'NO_PRICES',
        exitCode: 2,
        remedy: expect.stringContaining('--prices FILE'),
      }),
    );
  });

  test('rejects more pages than the instances read', () => {
    const given = {
      pagesPerDay: '90000',
      burstPages: '1000',
      hours: '24',
      daysPerMonth: '30',
      pagesPerSecond: '1',
    };
    expect(() => estimate(SINGLE, given)).toThrow(
      expect.objectContaining({
        code: 'LOAD_TOO_HIGH',
        message: expect.stringContaining('at most 86400 a day'),
      }),
    );
  });
});

describe('readySeconds', () => {
  test.each([
    ['the guide waits four minutes, whatever the engine does', 'guide', 50, 240],
    ['the standard profile sees it at the next probe', 'production', 50.2, 51],
    ['at the probe itself', 'production', 50, 50],
    ['an engine slower than the delay', 'guide', 241, 480],
  ])('%s', (_what, deployment, start, ready) => {
    expect(readySeconds(loadDeployment(deployment).probe, start)).toBe(ready);
  });
});

describe('the plan’s review and cost', () => {
  const numbers = (text: string) => text.match(/\d+\.\d\d/g);

  test.each<[string, Deployment]>([
    ...['production', 'small', 'guide'].map((name): [string, Deployment] => [name, loadDeployment(name)]),
    [
      'two that never stop, with redundancy',
      change({ scaling: { minInstances: 2 }, size: { zonalRedundancy: true } }),
    ],
  ])('say the same of an hour: %s', (_what, deployment) => {
    const after = resourceOf(
      Testing.synth(new OcrServiceStack(Testing.app(), deployment, RELEASE)),
      SERVICE_ADDRESS,
    );
    const changes = [resourceChange(SERVICE_ADDRESS, { actions: ['create'], before: null, after })];
    const review = planReview({
      deployment,
      plan: { terraform_version: '1.11.4', resource_changes: changes },
    });
    const reviewed = review.matters.find(({ topic }) => topic === 'cost')!.now.replace(/ \(prices.*/, '');
    const hour = /^per hour: .*$/m.exec(costReport(estimate(deployment), []))![0];
    expect(numbers(reviewed)).toHaveLength(3);
    expect(numbers(hour)).toEqual(numbers(reviewed));
  });
});
