import { capacityText } from '../../bin/capacityText';
import { loadDeployment } from '../../deployments/load';
import type { CapacityPlan, CapacityRow } from '../../domain/capacity/plan';

const SMALL = loadDeployment('small');
const row = (change: Partial<CapacityRow> = {}): CapacityRow => ({
  ...{
    what: 'for the deadline',
    instances: 4,
    doneSeconds: 7200,
    late: 0,
    waitP95Seconds: 30,
    coldStarts: 4,
    usd: 8,
  },
  ...change,
});
const plan = (change: Partial<CapacityPlan> = {}): CapacityPlan => ({
  question: { pages: 14_000, deadlineSeconds: 8000, arrivalSeconds: 0, hoursPerDay: 24 },
  needed: 4,
  quota: { gpus: 4, vcpu: 16, memoryGib: 64 },
  place: 'here',
  regions: [{ region: 'us-central1', instances: 4 }],
  othersKnown: true,
  rows: [row()],
  room: { gpus: 9, vcpu: 99, memoryGib: 99, source: 'Cloud Quotas' },
  speed: { pagesPerSecond: 0.5, startSeconds: 50, source: 'measured 2026-11-20' },
  ...change,
});
const two = [
  { region: 'us-central1', instances: 2 },
  { region: 'us-east4', instances: 1 },
];
const gke = { machine: 'g2-standard-4', usd: 5.9, savedPerMonth: 766.5, isWorthIt: false };

describe('capacityText', () => {
  test.each([
    ['the deployment', { place: 'deployed' }, /^The deployment has them: scaling\.maxInstances is 1\.$/m],
    [
      'one region',
      { place: 'here' },
      /^The quota in us-central1 holds them: set scaling\.maxInstances to 4\.$/m,
    ],
    [
      'several regions',
      { place: 'regions', regions: two },
      /^us-central1 alone does not hold them; several regions do: us-central1 2, us-east4 1\. Each is .*--gpus 4$/m,
    ],
    [
      'none of the regions',
      { place: 'beyond', regions: two },
      /^The quota of all regions together holds 3 of them \(us-central1 2, us-east4 1\)\. Ask for more: .*GKE/m,
    ],
    [
      'no region that is known',
      { place: 'beyond', regions: [two[0]!], othersKnown: false },
      /^The quota of us-central1 holds 2 of them\. Ask/m,
    ],
  ] as const)('says that %s has them, or what does', (_what, change, line) => {
    expect(capacityText(SMALL, plan(change))).toMatch(line);
  });

  test('says how pages come, and waits of those that keep coming alone', () => {
    expect(capacityText(SMALL, plan())).toMatch(
      /^14,000 pages, all there at once, within 2 h 13 min: 4 instances/,
    );
    expect(capacityText(SMALL, plan())).toMatch(/^ {2}for the deadline +4 +2 h +0 +- +4 +8\.00$/m);
    const question = { ...plan().question, arrivalSeconds: 7000, hoursPerDay: 8 };
    const text = capacityText(SMALL, plan({ question }));
    expect(text).toMatch(/^14,000 pages, that come over 1 h 56 min, 8 hours a day, within/);
    expect(text).toMatch(/^ {2}for the deadline +4 +2 h +0 +30 s +4 +8\.00$/m);
  });

  test('says which engine is right, and what is not known', () => {
    expect(capacityText(SMALL, plan())).toMatch(/^GKE: what a node costs there is not known here$/m);
    expect(capacityText(SMALL, plan({ gke }))).toMatch(
      /^GKE \[\?\]: 5\.90 against 8\.00 \(4 g2-standard-4 nodes until .*\); saves 766\.50 in a month .*\nCloud Run is the right engine/m,
    );
    expect(capacityText(SMALL, plan({ gke: { ...gke, savedPerMonth: 5000, isWorthIt: true } }))).toMatch(
      /^Once or now and then: Cloud Run\. All month, every month: GKE/m,
    );
    expect(capacityText(SMALL, plan({ gke: { ...gke, savedPerMonth: -3 } }))).toMatch(
      /costs 3\.00 more in a month/,
    );
    const { usd: _usd, ...unpriced } = row();
    expect(capacityText(SMALL, plan({ rows: [unpriced] }))).toMatch(/ 4 +not known$/m);
  });
});
