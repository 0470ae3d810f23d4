import { overrideScale, restoreScale, type ScaledService } from '../../../domain/scale/scale';
import { scaleByHand } from '../../../domain/scale/scaleByHand';
import { scaleReason, type ScaleTarget, scaleTarget } from '../../../domain/scale/scaleInputs';
import { scaleFindings, scaleSentences, scalingWords } from '../../../domain/scale/formatScale';
import { REVISION } from '../../../domain/releases/traffic';
import { DEPLOYMENT } from '../../constructs/deployment';
import { entry, ledger } from '../../fixtures/ledger';

const WHO = { by: 'ada', at: '2026-01-03T00:00:00.000Z', reason: 'cost' };
const traffic = [
  { type: REVISION, revision: 'a', percent: 100 },
  { type: REVISION, revision: 'b', percent: 0, tag: 'look' },
];
const LIVE: ScaledService = { scaling: {}, traffic, trafficStatuses: traffic };
const LEDGER = ledger({ releases: [entry('b', { state: 'canary' }), entry('a')] });
const scaled = (instances: number) => overrideScale(LEDGER, LIVE, { ...WHO, instances });
const MANUAL = (manualInstanceCount: number) => ({ scalingMode: 'MANUAL', manualInstanceCount });

describe('scaleFindings', () => {
  test.each<
    [what: string, args: [Parameters<typeof scaleFindings>[1], Parameters<typeof scaleFindings>[2]], string[]]
  >([
    ['nothing of a service that scales by itself', [undefined, {}], []],
    [
      'since when, by whom and why',
      [scaled(0).scale, MANUAL(0)],
      [
        'STOPPED since 2026-01-03 00:00:00Z by ada because: cost; bin/lightonocr scale d restore takes it back',
      ],
    ],
    [
      'that the service is not so',
      [scaled(2).scale, {}],
      [
        expect.stringMatching(/^FIXED at 2 instance/),
        'and the service is NOT as that says; again: bin/lightonocr scale d 2 --reason TEXT',
      ],
    ],
    [
      'that a restore is not finished',
      [restoreScale(scaled(0), LIVE, WHO)!.scale, MANUAL(0)],
      [expect.stringContaining('a restore was begun and is not finished')],
    ],
    ['what was done by hand', [undefined, MANUAL(0)], [expect.stringMatching(/^STOPPED by hand/)]],
    [
      'what was fixed by hand',
      [undefined, { scalingMode: 'MANUAL' }],
      [expect.stringMatching(/^FIXED at an unknown number/)],
    ],
    [
      'a minimum of the service itself, which is in no revision and in no plan',
      [undefined, { scalingMode: 'AUTOMATIC', minInstanceCount: 2 }],
      [
        'AT LEAST 2 instances by hand, paid for with pages and without: the deployment and the ledger do not say so; bin/lightonocr scale d restore takes that minimum away',
      ],
    ],
    [
      'nothing of a minimum that a stop has overruled',
      [scaled(0).scale, { ...MANUAL(0), minInstanceCount: 2 }],
      [expect.stringMatching(/^STOPPED since/)],
    ],
  ])('says %s', (_what, [scale, live], expected) => {
    expect(scaleFindings('d', scale, live)).toEqual(expected);
  });
});

describe('scalingWords', () => {
  test.each([
    [{}, 'automatic'],
    [{ minInstanceCount: 1, maxInstanceCount: 3 }, 'automatic, at least 1, at most 3'],
    [MANUAL(0), 'manual, 0 instances'],
    [{ scalingMode: 'MANUAL' }, 'manual, ? instances'],
  ])('%j', (scaling, words) => {
    expect(scalingWords(scaling)).toBe(words);
  });
});

describe('scaleSentences', () => {
  test('of a stop: scaling, traffic, the release that ends, the tags, what callers see, how long requests last', () => {
    expect(scaleSentences(DEPLOYMENT, LEDGER, scaled(0), LIVE)).toEqual([
      'scaling: automatic -> manual, 0 instances',
      'traffic: a 100 %, tag look on b -> a 100 %',
      'the release of b ends here; its command exits with 4',
      'remembered for the restore: tag look on b',
      expect.stringContaining(`scale ${DEPLOYMENT.name} restore`),
      expect.stringContaining(`${DEPLOYMENT.requestTimeoutSeconds} s`),
    ]);
  });

  test('of a number: what it costs an hour, as often as there are instances', () => {
    const cost = (instances: number) =>
      Number(/([\d.]+) USD/.exec(scaleSentences(DEPLOYMENT, LEDGER, scaled(instances), LIVE).at(-1)!)![1]);
    expect(cost(4)).toBeCloseTo(4 * cost(1), 1);
    expect(cost(1)).toBeGreaterThan(0);
    const elsewhere = { ...DEPLOYMENT, region: 'nowhere' };
    expect(scaleSentences(elsewhere, LEDGER, scaled(1), LIVE).at(-1)).toContain(
      'prices of nowhere are not known',
    );
  });

  test('of a restore: since when it was so, and what comes back', () => {
    const stopped = scaled(0);
    const live = { ...LIVE, scaling: MANUAL(0), traffic: [traffic[0]!], trafficStatuses: [traffic[0]!] };
    expect(scaleSentences(DEPLOYMENT, stopped, restoreScale(stopped, live, WHO)!, live)).toEqual([
      'stopped since 2026-01-03 00:00:00Z by ada (cost)',
      'scaling: manual, 0 instances -> automatic',
      'traffic: a 100 % -> a 100 %, tag look on b',
    ]);
  });
});

describe('scaleByHand', () => {
  test('is two commands each way, and one where there is no tag', () => {
    const of = { service: 's', project: 'p', region: 'r' };
    expect(scaleByHand(of, LIVE)).toEqual({
      stop: [
        'gcloud run services update-traffic s --project=p --region=r --clear-tags',
        'gcloud run services update s --project=p --region=r --scaling=0',
      ],
      restore: [
        'gcloud run services update s --project=p --region=r --scaling=auto',
        'gcloud run services update-traffic s --project=p --region=r --set-tags=look=b',
      ],
    });
    expect(scaleByHand(of, { traffic: [traffic[0]!] }).stop).toHaveLength(1);
  });
});

describe('scaleTarget', () => {
  test.each([
    ['zero', 0],
    ['restore', 'restore'],
    ['2', 2],
    ['0', 0],
    ['-1', undefined],
    ['00', undefined],
    ['none', undefined],
    ['2.5', undefined],
  ])('of %s is %s', (word, target) => {
    expect(scaleTarget(word)).toBe(target);
  });
});

describe('scaleReason', () => {
  test.each<[target: ScaleTarget, given: string | undefined, reason: string]>([
    [0, ' cost ', 'cost'],
    ['restore', undefined, ''],
  ])('of %s takes %j', (target, given, reason) => {
    expect(scaleReason(target, given)).toBe(reason);
  });

  test.each<[what: string, target: ScaleTarget, given: string | undefined, message: RegExp]>([
    ['no reason', 0, undefined, /--reason is missing/],
    ['a reason of blanks', 1, '  ', /--reason is missing/],
    ['a long reason', 'restore', 'x'.repeat(501), /501 characters/],
  ])('rejects %s', (_what, target, given, message) => {
    expect(() => scaleReason(target, given)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', exitCode: 2, message: expect.stringMatching(message) }),
    );
  });
});
