import fc from 'fast-check';
import { fill, type Given } from '../../../deployments/fill';
import type { Deployment } from '../../../domain/deployment';
import { cloudQuotas, quotaFindings } from '../../../domain/quota/quota';
import {
  type AskOptions,
  defaultJustification,
  preferenceBody,
  quotaAsks,
  type QuotaPreference,
  requestState,
} from '../../../domain/quota/quotaRequest';
import { requestFailure, requestReport } from '../../../domain/quota/quotaRequestReport';
import { DEPLOYMENT } from '../../constructs/deployment';

const L4 = 'NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion';
const MEMORY = 'MemAllocPerProjectRegion';
const CPU = 'CpuAllocPerProjectRegion';
const GIB = 2 ** 30;
/** A fresh project, in the API's units. */
const FRESH: Readonly<Record<string, number>> = { [L4]: 3, [MEMORY]: 40 * GIB, [CPU]: 20_000 };

const deploymentWith = (change: Given<Deployment>) => fill<Deployment>(DEPLOYMENT, change);
const ONE = deploymentWith({ scaling: { maxInstances: 1 }, quota: { gpus: 3, vcpu: 20, memoryGib: 40 } });
const findingsOf = (deployment: Deployment, limits = FRESH, fixed?: string) =>
  quotaFindings(
    deployment,
    cloudQuotas(DEPLOYMENT).map((quota) => ({
      quota,
      info: {
        dimensionsInfos: [
          { details: { value: String(limits[quota.id] ?? 0) }, applicableLocations: ['us-central1'] },
        ],
        ...(fixed !== undefined && {
          quotaIncreaseEligibility: { isEligible: false, ineligibilityReason: fixed },
        }),
      },
    })),
  );
const asksOf = (
  deployment: Deployment,
  preferences: readonly QuotaPreference[] = [],
  options: AskOptions = {},
  limits = FRESH,
) => quotaAsks(deployment, findingsOf(deployment, limits), preferences, options);
const preference = (
  config: QuotaPreference['quotaConfig'],
  change: Partial<QuotaPreference> = {},
): QuotaPreference => ({
  name: 'projects/123/locations/global/quotaPreferences/somebody-elses',
  service: 'run.googleapis.com',
  quotaId: MEMORY,
  dimensions: { region: 'us-central1' },
  quotaConfig: config,
  ...change,
});
const memory = (gib: number) => String(gib * GIB);

describe('requestState', () => {
  test.each<[string, QuotaPreference, string]>([
    [
      'reconciling, whatever is in force',
      preference({ preferredValue: '5', grantedValue: '5' }, { reconciling: true }),
      'pending',
    ],
    ['all', preference({ preferredValue: '5', grantedValue: '5' }), 'granted'],
    ['more than was asked for', preference({ preferredValue: '5', grantedValue: '6' }), 'granted'],
    ['no limit', preference({ preferredValue: '-1', grantedValue: '-1' }), 'granted'],
    [
      'a part',
      preference({ preferredValue: '5', grantedValue: '3', annotations: { 'lightonocr-limit-before': '2' } }),
      'partly granted',
    ],
    [
      'what there was',
      preference({ preferredValue: '5', grantedValue: '3', annotations: { 'lightonocr-limit-before': '3' } }),
      'denied',
    ],
    ['nothing', preference({ preferredValue: '5' }), 'denied'],
  ])('%s', (_what, found, state) => {
    expect(requestState(found)).toBe(state);
  });
});

describe('quotaAsks', () => {
  test('asks for what blocks or may block, twice the deployment, and for nothing else', () => {
    expect(asksOf(ONE)).toMatchObject([
      {
        action: 'ask',
        wanted: 64,
        finding: { quota: { id: MEMORY } },
        name: 'projects/example-project/locations/global/quotaPreferences/lightonocr-gib-us-central1',
      },
    ]);
    const three = asksOf(deploymentWith({ scaling: { maxInstances: 3 } }));
    expect(three.map(({ finding, wanted }) => [finding.quota.id, wanted])).toEqual([
      [L4, 6],
      [MEMORY, 192],
      [CPU, 48],
    ]);
  });

  test('with --gpus asks for just so many instances', () => {
    expect(asksOf(ONE, [], { gpus: 4 }).map(({ wanted }) => wanted)).toEqual([4, 128, 32]);
    expect(asksOf(ONE, [], { gpus: 1 })).toEqual([]);
  });

  test('names the quota with redundancy differently, and never Compute Engine’s', () => {
    const redundant = deploymentWith({ size: { zonalRedundancy: true } });
    const names = asksOf(redundant).map(({ name }) => name.split('/').pop());
    expect(names).toEqual([
      'lightonocr-l4-redundant-us-central1',
      'lightonocr-gib-us-central1',
      'lightonocr-vcpu-us-central1',
    ]);
  });

  test.each<[string, QuotaPreference, AskOptions, object]>([
    [
      'pending: waits',
      preference({ preferredValue: memory(64), grantedValue: memory(40) }, { reconciling: true }),
      {},
      { action: 'wait', wanted: 64 },
    ],
    [
      'pending, even with --again',
      preference({ preferredValue: memory(64) }, { reconciling: true }),
      { again: true },
      { action: 'wait' },
    ],
    [
      'pending for more: not lowered',
      preference({ preferredValue: memory(80) }, { reconciling: true }),
      {},
      { action: 'wait', wanted: 80 },
    ],
    [
      'pending for less: raised, under its own name',
      preference({ preferredValue: memory(48) }, { reconciling: true }),
      {},
      { action: 'ask', wanted: 64, name: expect.stringMatching(/somebody-elses$/) },
    ],
    [
      'denied: shown',
      preference({ preferredValue: memory(64), grantedValue: memory(40) }),
      {},
      { action: 'answered' },
    ],
    [
      'denied, with --again',
      preference({ preferredValue: memory(64), grantedValue: memory(40) }),
      { again: true },
      { action: 'ask', wanted: 64 },
    ],
    [
      'denied more, with --again: not lowered',
      preference({ preferredValue: memory(80), grantedValue: memory(40) }),
      { again: true },
      { action: 'ask', wanted: 80 },
    ],
    [
      'granted, and not in force yet',
      preference({ preferredValue: memory(64), grantedValue: memory(64) }),
      { again: true },
      { action: 'answered' },
    ],
    [
      'of another region',
      preference({ preferredValue: memory(64) }, { dimensions: { region: 'us-east4' }, reconciling: true }),
      {},
      { action: 'ask' },
    ],
    [
      'of all regions',
      preference({ preferredValue: memory(64) }, { dimensions: {}, reconciling: true }),
      {},
      { action: 'ask' },
    ],
  ])('a request that is there, %s', (_what, existing, options, expected) => {
    expect(asksOf(ONE, [existing], options)).toMatchObject([expected]);
  });

  test('says what no request raises, and sends nothing for it', () => {
    const asks = quotaAsks(ONE, findingsOf(ONE, FRESH, 'NO_VALID_BILLING_ACCOUNT'), [], {});
    expect(asks).toMatchObject([{ action: 'cannot' }]);
    expect(requestFailure(asks, false)).toMatchObject({ code: 'QUOTA_NOT_GRANTED', exitCode: 3 });
    expect(requestReport(ONE, asks)).toContain('no request raises it (NO_VALID_BILLING_ACCOUNT)');
  });

  test('never asks for less than there is, or than was asked for', () => {
    const amounts = fc.integer({ min: 0, max: 8 });
    fc.assert(
      fc.property(
        amounts,
        amounts,
        amounts,
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        (limit, asked, granted, gpus, again) => {
          const existing = preference(
            { preferredValue: String(asked), grantedValue: String(granted) },
            { quotaId: L4 },
          );
          const limits = { ...FRESH, [L4]: limit };
          for (const ask of asksOf(ONE, [existing], { gpus, again }, limits)) {
            if (ask.action !== 'ask' || ask.finding.quota.id !== L4) continue;
            const { quotaConfig } = preferenceBody(ONE, ask, {
              email: '',
              justification: '',
            }) as QuotaPreference;
            expect(Number(quotaConfig.preferredValue)).toBeGreaterThan(limit);
            expect(Number(quotaConfig.preferredValue)).toBeGreaterThanOrEqual(Math.max(asked, gpus));
          }
        },
      ),
    );
  });
});

describe('preferenceBody', () => {
  const requester = { email: 'a@b.c', justification: 'why' };

  test('is Google’s message, in its units; the limit of the day goes with it', () => {
    expect(preferenceBody(ONE, asksOf(ONE)[0]!, requester)).toEqual({
      name: 'projects/example-project/locations/global/quotaPreferences/lightonocr-gib-us-central1',
      service: 'run.googleapis.com',
      quotaId: MEMORY,
      dimensions: { region: 'us-central1' },
      quotaConfig: {
        preferredValue: '68719476736',
        annotations: { 'lightonocr-limit-before': '42949672960' },
      },
      justification: 'why',
      contactEmail: 'a@b.c',
    });
  });

  test('keeps the annotations of a preference that is there, and names its etag', () => {
    const existing = preference({ preferredValue: memory(48), annotations: { theirs: 'x' } }, { etag: 'e' });
    expect(preferenceBody(ONE, asksOf(ONE, [existing])[0]!, requester)).toMatchObject({
      etag: 'e',
      quotaConfig: { annotations: { theirs: 'x', 'lightonocr-limit-before': memory(40) } },
    });
  });
});

describe('requestReport', () => {
  const answered = (config: QuotaPreference['quotaConfig'], change?: Partial<QuotaPreference>) =>
    asksOf(ONE, [preference(config, change)]);

  test('says that a pending request may take days, and is not repeated', () => {
    const asks = answered(
      { preferredValue: memory(64), grantedValue: memory(40), traceId: 't1' },
      { reconciling: true },
    );
    expect(requestReport(ONE, asks)).toMatch(
      /40 GiB, asked for 64 GiB, pending; Google's support knows it as t1\nGoogle answers in minutes or in days\./,
    );
    expect(requestFailure(asks, false)).toBeUndefined();
    expect(requestFailure(asks, true)).toMatchObject({ code: 'QUOTA_PENDING', exitCode: 3 });
  });

  test('passes Google’s words on, and says what the deployment may now be given', () => {
    const partial = answered({
      preferredValue: memory(64),
      grantedValue: memory(48),
      stateDetail: 'partially approved',
      annotations: { 'lightonocr-limit-before': memory(40) },
    });
    expect(requestReport(ONE, partial)).toContain('partly granted: 48 GiB (partially approved)');
    expect(requestReport(ONE, partial)).toContain('quota:\n  memoryGib: 48');
    expect(requestFailure(partial, false)).toMatchObject({ code: 'QUOTA_NOT_GRANTED', exitCode: 3 });
    const all = answered({ preferredValue: memory(64), grantedValue: memory(64) });
    expect(requestReport(ONE, all)).toContain(
      'granted\nwrite into deployments/example.yaml:\nquota:\n  memoryGib: 64',
    );
    expect(requestFailure(all, true)).toBeUndefined();
  });

  test('says so where there is nothing to ask for', () => {
    expect(requestReport(ONE, [])).toContain('nothing to ask for');
  });
});

describe('defaultJustification', () => {
  test('says what runs and how much of it', () => {
    expect(defaultJustification(ONE)).toMatch(
      /room for 1 instance, twice: .*without zonal redundancy, 8 vCPU and 32 GiB/,
    );
    expect(defaultJustification(ONE, 4)).toContain('room for 4 instances. ');
  });
});
