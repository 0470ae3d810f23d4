import fc from 'fast-check';
import type { Failure } from '../../../domain/failure';
import {
  describeTraffic,
  followsLatest,
  LATEST,
  REVISION,
  sameTraffic,
  servingRevision,
  sharesOf,
  trafficFor,
  type TrafficTarget,
} from '../../../domain/releases/traffic';

const to = (revision: string, percent?: number, tag?: string): TrafficTarget => ({
  type: REVISION,
  revision,
  ...(percent !== undefined && { percent }),
  ...(tag && { tag }),
});

/** Tag-only entries first, as Cloud Run may list them. */
const TAGS_FIRST = [to('old', undefined, 'c-old'), to('older', 0, 'team'), to('stable', 100)];

describe('sharesOf', () => {
  test.each<[string, TrafficTarget[], [string, number][]]>([
    ['leaves tag-only entries out, even first', TAGS_FIRST, [['stable', 100]]],
    [
      'adds up the entries of one revision',
      [to('a', 60), to('b', 10), to('a', 30, 'x')],
      [
        ['a', 90],
        ['b', 10],
      ],
    ],
    [
      'takes LATEST by the revision that it reached',
      [{ type: LATEST, revision: 'a', percent: 100 }],
      [['a', 100]],
    ],
    ['knows no revision behind a wanted LATEST', [{ type: LATEST, percent: 100 }], []],
    ['of nothing', [], []],
  ])('%s', (_what, traffic, shares) => {
    expect([...sharesOf(traffic)]).toEqual(shares);
  });
});

describe('followsLatest', () => {
  test.each<[string, TrafficTarget[], boolean]>([
    ['nothing asked for: Cloud Run gives all to the latest', [], true],
    ['all on LATEST', [{ type: LATEST, percent: 100 }], true],
    ['a part on LATEST', [to('a', 90), { type: LATEST, percent: 10 }], true],
    ['a tag on LATEST without a share', [to('a', 100), { type: LATEST, tag: 'dev' }], false],
    ['named revisions', TAGS_FIRST, false],
  ])('%s', (_what, traffic, follows) => {
    expect(followsLatest(traffic)).toBe(follows);
  });
});

describe('servingRevision', () => {
  const two = [to('a', 90), to('b', 10)];
  test.each<[string, TrafficTarget[], string | undefined, string | undefined]>([
    ['is found by percent, never by position', TAGS_FIRST, undefined, 'stable'],
    ['is the one that serves, whatever the intent', TAGS_FIRST, 'old', 'stable'],
    ['of two is the one that the intent names', two, 'b', 'b'],
    ['is none where nothing serves', [to('a', 0, 'c-a')], 'a', undefined],
  ])('%s', (_what, traffic, intended, serving) => {
    expect(servingRevision('svc', traffic, intended)).toBe(serving);
  });

  test.each([undefined, 'c'])('rejects two when the intent is %s', (intended) => {
    expect(() => servingRevision('svc', two, intended)).toThrow(
      expect.objectContaining<Partial<Failure>>({
        code: 'SERVING_UNCLEAR',
        exitCode: 3,
        where: 'service svc',
        got: `a 90 %, b 10 %; the ledger's intent is ${intended ?? 'empty'}`,
        remedy: expect.stringContaining('rollback DEPLOYMENT --to') as string,
      }) as Error,
    );
  });
});

describe('trafficFor', () => {
  const current = [...TAGS_FIRST, to('new', 0, 'c-new'), { type: LATEST, percent: 0, tag: 'c-latest' }];

  test('at an end names revisions, keeps tags of other people and drops tags of releases', () => {
    expect(trafficFor(current, [{ revision: 'stable', percent: 100 }])).toEqual([
      to('stable', 100),
      to('older', 0, 'team'),
    ]);
  });

  test('at a step keeps the tag of a rollback that warms up as well', () => {
    expect(
      trafficFor(current, [
        { revision: 'stable', percent: 90 },
        { revision: 'new', percent: 10, tag: 'c-new' },
      ]),
    ).toEqual([to('stable', 90), to('new', 10, 'c-new'), to('old', 0, 'c-old'), to('older', 0, 'team')]);
  });

  test('takes a foreign tag off the share of its revision and keeps it', () => {
    expect(trafficFor([to('a', 100, 'team')], [{ revision: 'b', percent: 100 }])).toEqual([
      to('b', 100),
      to('a', 0, 'team'),
    ]);
  });

  test.each([
    ['too few', [99]],
    ['too many', [60, 41]],
    ['none', []],
    ['fractions', [99.5, 0.5]],
    ['a negative one', [110, -10]],
    ['not a number', [Number.NaN, 100]],
  ])('rejects shares that do not add up: %s', (_what, percents) => {
    const shares = percents.map((percent, at) => ({ revision: `r${at}`, percent }));
    expect(() => trafficFor([], shares)).toThrow(RangeError);
  });

  const anyTraffic = fc.array(
    fc.record(
      {
        type: fc.constantFrom(LATEST, REVISION),
        revision: fc.constantFrom('a', 'b', 'c', 'd'),
        percent: fc.integer({ min: 0, max: 100 }),
        tag: fc.constantFrom('c-a', 'c-b', 'team', 'x-c-'),
      },
      { requiredKeys: ['type'] },
    ),
  );
  const anyShares = fc.integer({ min: 0, max: 100 }).map((percent) => [
    { revision: 'a', percent: 100 - percent },
    { revision: 'b', percent, tag: 'c-b' },
  ]);

  test('serves exactly the shares, never LATEST, and loses no foreign tag', () => {
    fc.assert(
      fc.property(anyTraffic, anyShares, (current, shares) => {
        const written = trafficFor(current, shares);
        const wanted = shares
          .filter(({ percent }) => percent > 0)
          .map(({ revision, percent }) => [revision, percent]);
        expect([...sharesOf(written)]).toEqual(wanted);
        expect(written.every(({ type, revision }) => type === REVISION && revision !== undefined)).toBe(true);
        const tags = (traffic: readonly TrafficTarget[]) =>
          traffic
            .filter(({ tag, revision }) => tag && revision && !tag.startsWith('c-'))
            .map(({ tag, revision }) => [tag, revision]);
        expect(tags(written)).toEqual([...new Map(tags(current) as [string, string][])]);
      }),
    );
  });

  test('written again over itself changes nothing', () => {
    fc.assert(
      fc.property(anyTraffic, anyShares, (current, shares) => {
        const written = trafficFor(current, shares);
        expect(sameTraffic(trafficFor(written, shares), written)).toBe(true);
      }),
    );
  });
});

describe('sameTraffic', () => {
  test.each<[string, TrafficTarget[], TrafficTarget[], boolean]>([
    ['order', [to('a', 90), to('b', 10)], [to('b', 10), to('a', 90)], true],
    [
      'URIs and absent zeroes',
      [to('a', 0, 't'), to('b', 100)],
      [{ ...to('a', undefined, 't'), uri: 'https://t' }, to('b', 100)],
      true,
    ],
    ['a tag beside its share or apart', [to('a', 100, 't')], [to('a', 0, 't'), to('a', 100)], true],
    ['another share', [to('a', 90), to('b', 10)], [to('a', 80), to('b', 20)], false],
    ['another revision', [to('a', 100)], [to('b', 100)], false],
    ['a tag more', [to('a', 100)], [to('a', 100), to('b', 0, 't')], false],
    ['a tag elsewhere', [to('a', 100, 't')], [to('a', 100), to('b', 0, 't')], false],
    ['LATEST in place of a revision', [to('a', 100)], [{ type: LATEST, percent: 100 }], false],
  ])('%s', (_what, a, b, same) => {
    expect(sameTraffic(a, b)).toBe(same);
    expect(sameTraffic(b, a)).toBe(same);
  });
});

describe('describeTraffic', () => {
  test.each<[TrafficTarget[], string]>([
    [[to('b', 10, 'c-b'), to('a', 90)], 'a 90 %, b 10 %, tag c-b on b'],
    [[to('a', 10), to('b', 90)], 'b 90 %, a 10 %'],
    [[to('b', 50), to('a', 50)], 'a 50 %, b 50 %'],
    [[{ type: LATEST, percent: 100 }], 'LATEST 100 %'],
    [[], 'nothing'],
  ])('%j', (traffic, text) => {
    expect(describeTraffic(traffic)).toBe(text);
  });
});
