import type { Deployment } from '../../../domain/deployment';
import { cloudQuotas, type QuotaAnswer } from '../../../domain/quota/quota';
import { regionAdvice, type RegionChoice, regionChoices } from '../../../domain/quota/regionChoice';
import type { QuotaPreference } from '../../../domain/quota/quotaRequest';
import { DEPLOYMENT } from '../../constructs/deployment';

const GPU = 'NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion';
const deployment: Deployment = {
  ...DEPLOYMENT,
  size: { ...DEPLOYMENT.size, cpu: 4, memoryGib: 16 },
  scaling: { ...DEPLOYMENT.scaling, maxInstances: 1 },
};
const ALL = ['us-central1', 'us-east4', 'europe-west1', 'europe-west4', 'asia-southeast1', 'asia-south1'];

/** Room for everything everywhere, but for the GPUs of these regions. */
const answers = (gpus: Readonly<Record<string, number>>): QuotaAnswer[] =>
  cloudQuotas(deployment).map((quota) => ({
    quota,
    info: {
      dimensionsInfos: ALL.map((region) => ({
        dimensions: { region },
        details: { value: String(quota.id === GPU ? (gpus[region] ?? 0) : 100 * quota.scale) },
      })),
    },
  }));
const pending = (region: string, reconciling = true): QuotaPreference => ({
  name: 'x',
  service: 'run.googleapis.com',
  quotaId: GPU,
  dimensions: { region },
  quotaConfig: { preferredValue: '3', grantedValue: '0' },
  reconciling,
});
const verdicts = (choices: readonly RegionChoice[]) =>
  choices.map(({ region, verdict }) => `${region} ${verdict}`);

describe('regionChoices', () => {
  test('puts what fits first, then its own region, and what is by invitation without any last', () => {
    const choices = regionChoices(deployment, answers({ 'us-east4': 2, 'europe-west1': 1 }), [], true);
    expect(verdicts(choices)).toEqual([
      'us-east4 fits',
      'europe-west1 unclear',
      'europe-west4 first deploy',
      'asia-southeast1 first deploy',
      'us-central1 blocks',
      'asia-south1 blocks',
    ]);
  });

  test('counts on a first deploy in its own region too, where no service is yet', () => {
    const [first] = regionChoices(deployment, answers({}), [], false);
    expect(verdicts([first!])).toEqual(['us-central1 first deploy']);
  });

  test('takes an invited project for invited: the limit says so', () => {
    const choices = regionChoices(deployment, answers({ 'asia-south1': 2 }), [], true);
    expect(choices[0]).toMatchObject({ region: 'asia-south1', byInvitation: true, verdict: 'fits' });
  });

  test('says where a request waits, and not where it was decided', () => {
    const choices = regionChoices(
      deployment,
      answers({}),
      [pending('us-east4'), pending('europe-west1', false)],
      true,
    );
    expect(choices.filter((choice) => choice.pending.length > 0)).toEqual([
      expect.objectContaining({ region: 'us-east4', pending: [GPU] }),
    ]);
  });

  test('has a price where one was found alone', () => {
    const priced = regionChoices(deployment, answers({}), [], true).filter(({ usdPerHour }) => usdPerHour);
    expect(priced.map(({ region }) => region)).toEqual(['us-central1']);
  });

  test('is unknown everywhere where the API says nothing', () => {
    const silent = cloudQuotas(deployment).map((quota): QuotaAnswer => ({ quota, problem: 'FORBIDDEN' }));
    expect(new Set(regionChoices(deployment, silent, [], true).map(({ verdict }) => verdict))).toEqual(
      new Set(['unknown']),
    );
  });
});

describe('regionAdvice', () => {
  const advice = (gpus: Readonly<Record<string, number>>) =>
    regionAdvice(deployment, regionChoices(deployment, answers(gpus), [], true)).join('\n');

  test('proposes another region where its own blocks, with the command', () => {
    expect(advice({ 'us-east4': 2 })).toContain(
      'bin/lightonocr quota example --all-regions --choose us-east4',
    );
  });

  test('proposes none where its own fits', () => {
    expect(advice({ 'us-central1': 2, 'us-east4': 2 })).not.toContain('--choose');
  });

  test('says what a Free Trial gets where no region has a GPU, and not otherwise', () => {
    expect(advice({})).toContain('Free Trial');
    expect(advice({ 'us-east4': 1 })).not.toContain('Free Trial');
  });
});
