import {
  isScaleOverridden,
  isStopped,
  overrideScale,
  rememberTags,
  restoreScale,
  scalesAs,
  type ScaledService,
  type ServiceScaling,
  settleScale,
  wantedScale,
} from '../../../domain/scale/scale';
import { LATEST, REVISION } from '../../../domain/releases/traffic';
import { entry, ledger } from '../../fixtures/ledger';

const AT = '2026-01-03T00:00:00.000Z';
const NOW = new Date(AT);
const WHO = { by: 'ada', at: AT, reason: 'cost' };
const share = (revision: string, percent: number, tag?: string) => ({
  ...{ type: REVISION, revision, percent },
  ...(tag && { tag }),
});
const service = (change: Partial<ScaledService> = {}): ScaledService => {
  const traffic = change.traffic ?? [share('a', 100)];
  return { scaling: {}, traffic, trafficStatuses: traffic, ...change };
};
const intent = { revision: 'a', by: 'ci', at: AT, epoch: 1, reason: 'release', settledAt: AT };
const LEDGER = ledger({ epoch: 4, intent, releases: [entry('a')] });
const stop = (found = LEDGER, live = service()) => overrideScale(found, live, { ...WHO, instances: 0 });

describe('overrideScale', () => {
  test('remembers what was there, in a new epoch of the ledger and of its own, as version 2', () => {
    const live = service({
      scaling: { minInstanceCount: 1 },
      traffic: [share('a', 100), share('b', 0, 'look'), { type: LATEST, tag: 'newest' }],
    });
    expect(stop(LEDGER, live)).toMatchObject({
      ...{ version: 2, epoch: 5, intent },
      scale: {
        ...{ ...WHO, instances: 0, epoch: 5 },
        before: {
          scaling: { minInstanceCount: 1 },
          tags: [{ tag: 'look', revision: 'b' }, { tag: 'newest' }],
        },
      },
    });
  });

  test('of what somebody stopped by hand remembers automatic: a restore to a stop would be none', () => {
    const byHand = service({ scaling: { scalingMode: 'MANUAL', manualInstanceCount: 0 } });
    expect(stop(LEDGER, byHand).scale!.before.scaling).toEqual({ scalingMode: 'AUTOMATIC' });
    const fixed = { scalingMode: 'MANUAL', manualInstanceCount: 2 };
    expect(stop(LEDGER, service({ scaling: fixed })).scale!.before.scaling).toEqual(fixed);
  });

  test('again keeps what was there first, adds tags made since, and is no restore any more', () => {
    const first = stop(LEDGER, service({ traffic: [share('a', 100), share('b', 0, 'look')] }));
    const restoring = restoreScale(first, service(), WHO)!;
    const live = service({
      scaling: { scalingMode: 'MANUAL', manualInstanceCount: 0 },
      traffic: [share('a', 100, 'new'), share('c', 0, 'look')],
    });
    const { scale } = stop(restoring, live);
    expect(scale!.before).toEqual({
      scaling: {},
      tags: [
        { tag: 'look', revision: 'c' },
        { tag: 'new', revision: 'a' },
      ],
    });
    expect([scale!.restoring, scale!.settledAt]).toEqual([undefined, undefined]);
  });

  test('the same again keeps who, when and why it began; another number, and a stop of a begun restore, are new', () => {
    const later = { by: 'bob', at: '2026-01-04T00:00:00.000Z', reason: 'again' };
    const decide = (found: ReturnType<typeof stop>, instances: number) =>
      overrideScale(found, service(), { ...later, instances }).scale;
    const first = stop();
    expect(decide(first, 0)).toMatchObject({ ...WHO, epoch: 6 });
    expect(decide(first, 2)).toMatchObject(later);
    expect(decide(restoreScale(first, service(), WHO)!, 0)).toMatchObject(later);
  });

  test('does not remember the tags of releases, which end with theirs', () => {
    expect(
      stop(LEDGER, service({ traffic: [share('a', 100), share('b', 0, 'c-b')] })).scale!.before.tags,
    ).toEqual([]);
  });

  test.each([
    ['smoke', 'superseded'],
    ['canary', 'superseded'],
    ['applying', 'applying'], // what Terraform did has to be looked at
    ['applied', 'applied'],
  ] as const)('leaves a release in %s as %s', (state, expected) => {
    const found = ledger({ ...LEDGER, releases: [entry('b', { state }), entry('a')] });
    expect(stop(found).releases[0]).toMatchObject({ state: expected });
  });

  test('with a number from 1 ends no release and remembers no tag', () => {
    const found = ledger({ ...LEDGER, releases: [entry('b', { state: 'canary' }), entry('a')] });
    const live = service({ traffic: [share('a', 100), share('b', 0, 'look')] });
    const decided = overrideScale(found, live, { ...WHO, instances: 2 });
    expect(decided.releases[0]).toMatchObject({ state: 'canary' });
    expect(rememberTags(decided, live).scale!.before.tags).toEqual([]);
  });
});

describe('wantedScale', () => {
  test.each<[what: string, live: ScaledService, traffic: object[]]>([
    [
      'the shares without tags',
      service({ traffic: [share('a', 100, 'x'), share('b', 0, 'y')] }),
      [share('a', 100)],
    ],
    [
      'all to the intended one, of what a canary has',
      service({ traffic: [share('a', 90), share('b', 10, 'c-b')] }),
      [share('a', 100)],
    ],
    [
      'a split that no release made as it is',
      service({ traffic: [share('a', 50), share('x', 50)] }),
      [share('a', 50), share('x', 50)],
    ],
    [
      'a share of the newest as one',
      service({ traffic: [{ type: LATEST, percent: 100 }] }),
      [{ type: LATEST, percent: 100 }],
    ],
    [
      'what nothing says as a share of the newest',
      service({ traffic: [] }),
      [{ type: LATEST, percent: 100 }],
    ],
  ])('of a stop is %s', (_what, live, traffic) => {
    const decided = stop({ ...LEDGER, releases: [entry('b', { state: 'canary' }), entry('a')] }, live);
    expect(wantedScale(decided, live)).toEqual({
      scaling: { scalingMode: 'MANUAL', manualInstanceCount: 0 },
      traffic,
    });
  });

  test('of a number leaves traffic and tags alone', () => {
    const live = service({ traffic: [share('a', 100), share('b', 0, 'look')] });
    const decided = overrideScale(LEDGER, live, { ...WHO, instances: 2 });
    expect(wantedScale(decided, live).traffic).toEqual(live.traffic);
  });

  test('of a restore has the tags back, but for one that is taken and one whose revision is gone', () => {
    const tags = [share('a', 100), share('b', 0, 'look'), share('c', 0, 'gone'), share('b', 0, 'taken')];
    const stopped = stop(LEDGER, service({ scaling: { minInstanceCount: 1 }, traffic: tags }));
    const live = service({ traffic: [share('z', 100, 'taken')] });
    expect(wantedScale(restoreScale(stopped, live, WHO)!, live, (revision) => revision !== 'c')).toEqual({
      scaling: { scalingMode: 'AUTOMATIC', minInstanceCount: 1 },
      traffic: [share('z', 100, 'taken'), share('b', 0, 'look')],
    });
  });
});

describe('restoreScale', () => {
  test('has nothing to do where nobody set anything', () => {
    expect(restoreScale(LEDGER, service(), WHO)).toBeUndefined();
  });

  test('makes automatic what was set by hand without the ledger', () => {
    const live = service({ scaling: { scalingMode: 'MANUAL', manualInstanceCount: 3 } });
    expect(wantedScale(restoreScale(LEDGER, live, WHO)!, live).scaling).toEqual({ scalingMode: 'AUTOMATIC' });
  });

  test('takes a minimum away that was set by hand, and leaves the maximum; on its way it is no stop', () => {
    const live = service({ scaling: { minInstanceCount: 2, maxInstanceCount: 3 } });
    const restoring = restoreScale(LEDGER, live, WHO)!;
    const { scaling } = wantedScale(restoring, live);
    expect(scaling).toEqual({ scalingMode: 'AUTOMATIC', maxInstanceCount: 3 });
    expect(scalesAs(live.scaling, scaling)).toBe(false);
    expect(isStopped(restoring.scale, live.scaling)).toBe(false);
  });
});

describe('settleScale', () => {
  test('marks a stop as reached, and forgets it after a restore: an older engine reads the ledger again', () => {
    const settled = settleScale(stop(), NOW);
    expect(settled.scale).toMatchObject({ settledAt: AT });
    const restored = settleScale(restoreScale(settled, service(), WHO)!, NOW);
    expect(restored).toMatchObject({ version: 1, epoch: 6 });
    expect('scale' in restored).toBe(false);
    expect(settleScale(LEDGER, NOW)).toBe(LEDGER);
  });
});

describe('scalesAs', () => {
  const manual = (manualInstanceCount?: number): ServiceScaling => ({
    scalingMode: 'MANUAL',
    ...(manualInstanceCount !== undefined && { manualInstanceCount }),
  });
  test.each<[what: string, live: ServiceScaling, wanted: ServiceScaling, expected: boolean]>([
    ['the same count', manual(0), manual(0), true],
    ['another count', manual(1), manual(0), false],
    ['no count where 0 was asked for: a zero that was left out', manual(), manual(0), false],
    ['automatic where manual was asked for', {}, manual(0), false],
    ['manual where automatic was asked for', manual(0), {}, false],
    ['automatic, said or not', {}, { scalingMode: 'AUTOMATIC' }, true],
    ['a minimum that was not there', { minInstanceCount: 1 }, {}, false],
    ['a minimum that was there', { minInstanceCount: 1 }, { minInstanceCount: 1 }, true],
    ['another maximum', { maxInstanceCount: 2 }, { maxInstanceCount: 1 }, false],
    ['a maximum of Cloud Run’s own, where none was asked for', { maxInstanceCount: 100 }, {}, true],
  ])('%s', (_what, live, wanted, expected) => {
    expect(scalesAs(live, wanted)).toBe(expected);
  });
});

describe('isStopped and isScaleOverridden', () => {
  const { scale } = stop();
  test.each<[what: string, Parameters<typeof isStopped>, stopped: boolean, byHand: boolean]>([
    ['neither', [undefined, {}], false, false],
    ['no service', [undefined, undefined], false, false],
    ['the ledger says so', [scale, {}], true, true],
    ['a number in the ledger', [{ ...scale!, instances: 2 }, {}], false, true],
    ['0 on the service alone', [undefined, { scalingMode: 'MANUAL', manualInstanceCount: 0 }], true, true],
    ['a minimum alone', [undefined, { minInstanceCount: 2 }], false, false],
    ['manual without a count', [undefined, { scalingMode: 'MANUAL' }], true, true],
    ['2 on the service alone', [undefined, { scalingMode: 'MANUAL', manualInstanceCount: 2 }], false, true],
  ])('%s', (_what, args, stopped, byHand) => {
    expect([isStopped(...args), isScaleOverridden(...args)]).toEqual([stopped, byHand]);
  });
});
