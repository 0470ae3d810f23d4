import { loadDeployment } from '../../../deployments/load';
import { fill, type Given } from '../../../deployments/fill';
import type { Deployment } from '../../../domain/deployment';
import {
  beforeFirstDeploy,
  cloudQuotas,
  type QuotaAnswer,
  quotaFindings,
  type QuotaInfo,
} from '../../../domain/quota/quota';
import { quotaFailure, quotaRefusal, quotaReport, quotaWarning } from '../../../domain/quota/quotaReport';
import { DEPLOYMENT } from '../../constructs/deployment';

const MEMORY = 'MemAllocPerProjectRegion';
const CPU = 'CpuAllocPerProjectRegion';
const L4 = 'NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion';
const L4_REDUNDANT = 'NvidiaL4GpuAllocPerProjectRegion';
const COMPUTE_L4 = 'NVIDIA-L4-GPUS-per-project-region';

/** A fresh project, in the API's units: 40 GiB, 20 vCPU, 3 L4; none in Compute Engine. */
const FRESH: Record<string, number> = {
  [L4]: 3,
  [L4_REDUNDANT]: 0,
  [MEMORY]: 42_949_672_960,
  [CPU]: 20_000,
  [COMPUTE_L4]: 0,
};
const infoOf = (value: number): QuotaInfo => ({
  dimensionsInfos: [
    {
      details: value === 0 ? {} : { value: String(value) },
      applicableLocations: ['us-central1', 'europe-west1'],
    },
  ],
});
const answersOf = (values: Record<string, number>): QuotaAnswer[] =>
  cloudQuotas(DEPLOYMENT).map((quota) => ({ quota, info: infoOf(values[quota.id]!) }));
const deploymentWith = (change: Given<Deployment>) => fill<Deployment>(DEPLOYMENT, change);
const verdicts = (deployment: Deployment, values: Record<string, number> = FRESH) =>
  Object.fromEntries(
    quotaFindings(deployment, answersOf(values)).map(({ quota, verdict }) => [quota.id, verdict]),
  );
const BIG = deploymentWith({ scaling: { maxInstances: 3 } }); // 3 × 8 vCPU, 32 GiB
const ONE = deploymentWith({ scaling: { maxInstances: 1 } });

describe('quotaFindings', () => {
  test('the small deployment, as shipped, fits a fresh project twice', () => {
    const findings = quotaFindings(loadDeployment('small'), answersOf(FRESH));
    const counted = findings.filter(({ verdict }) => verdict !== 'not counted');
    expect(counted.map(({ quota, verdict, limit, sum }) => [quota.id, verdict, sum, limit])).toEqual([
      [L4, 'fits', 2, 3],
      [MEMORY, 'fits', 32, 40],
      [CPU, 'fits', 8, 20],
    ]);
    expect(findings.flatMap((finding) => quotaWarning(ONE, finding) ?? [])).toEqual([]);
  });

  test.each<[string, Deployment, Record<string, number>, Record<string, string>]>([
    [
      'the guide’s three large instances: memory and CPU block',
      BIG,
      FRESH,
      { [L4]: 'unclear', [MEMORY]: 'blocks', [CPU]: 'blocks' },
    ],
    [
      'one large instance: it fits, and whether a candidate does is unclear for memory alone',
      ONE,
      FRESH,
      { [L4]: 'fits', [MEMORY]: 'unclear', [CPU]: 'fits' },
    ],
    ['a new project without GPUs', ONE, { ...FRESH, [L4]: 0 }, { [L4]: 'blocks', [CPU]: 'fits' }],
    ['no limit', BIG, { ...FRESH, [MEMORY]: -1, [CPU]: -1, [L4]: 6 }, { [MEMORY]: 'fits', [L4]: 'fits' }],
    [
      'a maximum that is just the limit',
      BIG,
      { ...FRESH, [MEMORY]: 96 * 2 ** 30, [CPU]: 24_000 },
      { [MEMORY]: 'unclear', [CPU]: 'unclear' },
    ],
    [
      'a limit that is one byte too little',
      BIG,
      { ...FRESH, [MEMORY]: 96 * 2 ** 30 - 1 },
      { [MEMORY]: 'blocks' },
    ],
  ])('%s', (_what, deployment, values, expected) => {
    expect(verdicts(deployment, values)).toMatchObject(expected);
  });

  test('the L4 quota that counts is the one of the deployment’s redundancy; Compute Engine’s never does', () => {
    expect(verdicts(ONE)).toMatchObject({ [L4]: 'fits', [L4_REDUNDANT]: 'not counted' });
    const redundant = deploymentWith({ scaling: { maxInstances: 1 }, size: { zonalRedundancy: true } });
    expect(verdicts(redundant)).toMatchObject({ [L4]: 'not counted', [L4_REDUNDANT]: 'blocks' });
    expect(verdicts(ONE)[COMPUTE_L4]).toBe('not counted');
  });

  test('a region’s own limit goes before the one of all regions', () => {
    const quota = cloudQuotas(DEPLOYMENT).find(({ id }) => id === CPU)!;
    const details = (value: string) => ({ details: { value }, applicableLocations: ['us-central1'] });
    const info = {
      dimensionsInfos: [details('1000'), { ...details('64000'), dimensions: { region: 'us-central1' } }],
    };
    expect(quotaFindings(ONE, [{ quota, info }])[0]).toMatchObject({ limit: 64, verdict: 'fits' });
  });

  test.each<[string, QuotaInfo]>([
    ['is not named', { dimensionsInfos: [{ details: { value: '9' }, applicableLocations: ['asia-east1'] }] }],
    [
      'is another’s',
      { dimensionsInfos: [{ details: { value: '9' }, dimensions: { region: 'asia-east1' } }] },
    ],
    ['cannot be, since there is nothing', {}],
  ])('a limit is unknown when the region %s: never taken for none, never for enough', (_what, info) => {
    const [finding] = quotaFindings(ONE, [{ quota: cloudQuotas(DEPLOYMENT)[0]!, info }]);
    expect(finding).toMatchObject({ verdict: 'unknown', problem: 'the API says nothing of us-central1' });
  });
});

const ASK = ({ name }: Deployment) =>
  `bin/lightonocr quota ${name} --request --email "$(gcloud config get-value account)"`;

describe('quotaWarning', () => {
  test('gives both readings where it matters which one Google takes', () => {
    const [, , memory] = quotaFindings(ONE, answersOf(FRESH));
    expect(quotaWarning(ONE, memory!)).toMatch(
      /^MemAlloc\S+ is 40: .*largest .*\(32 GiB\).*add up \(64 GiB\).*stale/,
    );
  });
});

describe('quotaRefusal', () => {
  test('names what blocks, the tightest first, and the request to make', () => {
    const refusal = quotaRefusal(BIG, quotaFindings(BIG, answersOf(FRESH)));
    expect(refusal).toMatchObject({
      code: 'OVER_QUOTA',
      exitCode: 2,
      message: `The service may have 3 instances, and ${MEMORY} in us-central1 holds 1.`,
      got: `${MEMORY}: 96 GiB of 40; ${CPU}: 24 vCPU of 20`,
    });
    expect(refusal!.remedy).toBe(
      `set scaling.maxInstances to 1, or ask for more: ${ASK(BIG)}; or look at the other regions: bin/lightonocr quota example --all-regions`,
    );
  });

  test('says which of them no request raises', () => {
    const findings = quotaFindings(BIG, answersOf(FRESH)).map((finding) =>
      finding.quota.id === MEMORY ? { ...finding, fixed: 'NOT_SUPPORTED' } : finding,
    );
    expect(quotaRefusal(BIG, findings)!.remedy).toContain(
      `${ASK(BIG)}; ${MEMORY} cannot be raised by request (NOT_SUPPORTED)`,
    );
  });

  test('does not advise to go down to none', () => {
    const refusal = quotaRefusal(ONE, quotaFindings(ONE, answersOf({ ...FRESH, [L4]: 0 })));
    expect(refusal!.remedy).toMatch(/^ask for more: /);
  });

  test.each([
    ['unclear', FRESH],
    ['a quota that does not count', { ...FRESH, [MEMORY]: -1, [COMPUTE_L4]: 0 }],
  ])('refuses nothing for what is %s', (_what, values) => {
    expect(quotaRefusal(ONE, quotaFindings(ONE, answersOf(values)))).toBeUndefined();
  });
});

describe('beforeFirstDeploy', () => {
  const before = (deployment: Deployment, values: Record<string, number>) =>
    beforeFirstDeploy(quotaFindings(deployment, answersOf(values)));
  const EMPTY = { ...FRESH, [L4]: 0 };

  test('no L4 at all is no refusal, and the report says how to ask for some', () => {
    const findings = before(ONE, EMPTY);
    expect(quotaFailure(ONE, findings)).toBeUndefined();
    const report = quotaReport(ONE, findings);
    expect(report).toMatch(new RegExp(`^ {2}first deploy +\\S+${L4} +0 +L4 +1 +1 +2$`, 'm'));
    expect(report).toMatch(
      new RegExp(`^${L4} is 0, .* bring 3, .*bin/lightonocr quota ${ONE.name} --request`, 'm'),
    );
    expect(report.split('\n').at(-1)).toBe(ASK(ONE));
  });

  const redundant = deploymentWith({ scaling: { maxInstances: 1 }, size: { zonalRedundancy: true } });
  const MANY = deploymentWith({ scaling: { maxInstances: 4 }, size: { cpu: 4, memoryGib: 16 } });
  test.each<[string, Deployment, Record<string, number>, string]>([
    ['no L4 with zonal redundancy', redundant, FRESH, L4_REDUNDANT],
    ['more L4 than the first deployment brings', MANY, { ...EMPTY, [MEMORY]: -1, [CPU]: -1 }, L4],
    ['some L4, and too few', BIG, { ...EMPTY, [L4]: 2, [MEMORY]: -1, [CPU]: -1 }, L4],
    ['memory', ONE, { ...EMPTY, [MEMORY]: 0 }, MEMORY],
  ])('refuses as ever: %s', (_what, deployment, values, id) => {
    expect(quotaRefusal(deployment, before(deployment, values))!.got).toContain(`${id}: `);
  });
});

describe('quotaFailure', () => {
  const silent = (id: string) =>
    quotaFindings(
      ONE,
      answersOf(FRESH).map((answer) =>
        answer.quota.id === id ? { quota: answer.quota, problem: 'API_403, no permission' } : answer,
      ),
    );

  test('a quota that could not be asked is no pass', () => {
    expect(quotaFailure(ONE, silent(MEMORY))).toMatchObject({ code: 'QUOTA_NOT_CHECKED', exitCode: 3 });
  });

  test('unless it does not count', () => {
    expect(quotaFailure(ONE, silent(COMPUTE_L4))).toBeUndefined();
  });

  test('a refusal goes first', () => {
    const answers = answersOf(FRESH).map((answer) =>
      answer.quota.id === L4 ? { quota: answer.quota, problem: 'API_403' } : answer,
    );
    expect(quotaFailure(BIG, quotaFindings(BIG, answers))).toMatchObject({ code: 'OVER_QUOTA' });
  });
});

describe('quotaReport', () => {
  test('shows every quota, what one instance, all and a candidate need, and the request', () => {
    const report = quotaReport(ONE, quotaFindings(ONE, answersOf(FRESH)));
    expect(report).toMatch(/^  unclear +run\.googleapis\.com\/MemAlloc\S+ +40 +GiB +32 +32 +64$/m);
    expect(report).toMatch(/^  not counted +compute\.googleapis\.com\/NVIDIA-L4\S+ +0 +L4 +1 +1 +2$/m);
    expect(report.split('\n').at(-1)).toBe(ASK(ONE));
  });

  test('says so when the API will not raise it', () => {
    const quota = cloudQuotas(DEPLOYMENT).find(({ id }) => id === MEMORY)!;
    const info = {
      ...infoOf(FRESH[MEMORY]!),
      quotaIncreaseEligibility: { ineligibilityReason: 'NOT_ENOUGH_USAGE_HISTORY' },
    };
    const report = quotaReport(ONE, quotaFindings(ONE, [{ quota, info }]));
    expect(report).toContain(`${MEMORY} cannot be raised by request (NOT_ENOUGH_USAGE_HISTORY)`);
    expect(report).not.toContain('gcloud');
  });
});
