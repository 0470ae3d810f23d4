import { applyDrift, planDrift, priorService, type ServiceState } from '../../../domain/plan/guard';
import { REVISION } from '../../../domain/releases/traffic';
import { servicePlan, serviceValues } from '../../fixtures/plan';

const state = (change: Partial<ServiceState> = {}): ServiceState => ({
  etag: '"e1"',
  generation: '7',
  traffic: [{ type: REVISION, revision: 'svc-a', percent: 100 }],
  ...change,
});

describe('priorService', () => {
  test("reads the service of the plan's prior state, which writes absent strings as empty ones", () => {
    const traffic = [
      { type: 'REVISION', revision: 'svc-a', percent: 100, tag: '' },
      { type: '', revision: '', percent: null, tag: 't' },
    ];
    expect(priorService(servicePlan({ ...serviceValues, traffic }, serviceValues))).toEqual({
      etag: '"e1"',
      generation: '7',
      traffic: [
        { type: 'REVISION', revision: 'svc-a', percent: 100 },
        { tag: 't', percent: 0 },
      ],
    });
  });

  test.each([
    ['no prior state', undefined],
    [
      'a prior state without the service',
      { values: { root_module: { resources: [{ address: 'x.y', type: 'x', values: {} }] } } },
    ],
    ['an empty prior state', {}],
  ])('is none with %s', (_what, prior_state) => {
    expect(priorService({ terraform_version: '1.11.4', prior_state })).toBeUndefined();
  });

  test('agrees with the live service that nobody touched', () => {
    expect(planDrift(priorService(servicePlan(serviceValues, serviceValues)), state())).toEqual([]);
  });
});

describe('planDrift', () => {
  test.each<[what: string, prior: ServiceState | undefined, live: ServiceState | undefined, drift: string[]]>(
    [
      ['nothing', state(), state(), []],
      ['nothing when there was and is no service', undefined, undefined, []],
      [
        'a service that appeared',
        undefined,
        state(),
        ['the service exists now and did not when the plan was made'],
      ],
      [
        'a service that is gone',
        state(),
        undefined,
        ['the service is gone and was there when the plan was made'],
      ],
      [
        'a rollback since',
        state(),
        state({ traffic: [{ type: REVISION, revision: 'svc-b', percent: 100 }] }),
        ['traffic: svc-a 100 % then, svc-b 100 % now'],
      ],
      [
        'a tag since',
        state(),
        state({
          traffic: [...state().traffic, { type: REVISION, revision: 'svc-b', percent: 0, tag: 'c-b' }],
        }),
        ['traffic: svc-a 100 % then, svc-a 100 %, tag c-b on svc-b now'],
      ],
      [
        'a write since, whatever it wrote',
        state(),
        state({ generation: '8' }),
        ['generation: 7 then, 8 now'],
      ],
      ['another etag', state(), state({ etag: '"e2"' }), ['etag: "e1" then, "e2" now']],
      [
        'all of them',
        state(),
        state({ traffic: [], generation: '9', etag: '"e3"' }),
        [
          expect.stringMatching(/^traffic/),
          expect.stringMatching(/^generation/),
          expect.stringMatching(/^etag/),
        ] as string[],
      ],
    ],
  )('finds %s', (_what, prior, live, drift) => {
    expect(planDrift(prior, live)).toEqual(drift);
  });

  test('does not mind the order of the traffic', () => {
    const traffic = [...state().traffic, { type: REVISION, revision: 'svc-b', tag: 'team' }];
    expect(planDrift(state({ traffic }), state({ traffic: [...traffic].reverse() }))).toEqual([]);
  });
});

describe('applyDrift', () => {
  const served = (live: ServiceState) => ({ ...live, trafficStatuses: live.traffic });
  const serving = (revision: string, generation: string) =>
    state({ generation, traffic: [{ type: REVISION, revision, percent: 100 }] });
  const split = state({
    generation: '8',
    traffic: [
      { type: REVISION, revision: 'svc-a', percent: 90 },
      { type: REVISION, revision: 'svc-b', percent: 10 },
    ],
  });

  test.each<[what: string, live: ServiceState, intended: string, wrote: boolean, findings: string[]]>([
    ['nothing after one write', serving('svc-a', '8'), 'svc-a', true, []],
    ['nothing where nothing was written', serving('svc-a', '7'), 'svc-a', false, []],
    ['nothing where the write changed nothing', serving('svc-a', '7'), 'svc-a', true, []],
    [
      'a rollback that the apply undid',
      serving('svc-a', '8'),
      'svc-b',
      true,
      ['traffic is svc-a 100 %, the desired revision is svc-b'],
    ],
    [
      'traffic that is only in part as intended',
      split,
      'svc-a',
      true,
      ['traffic is svc-a 90 %, svc-b 10 %, the desired revision is svc-a'],
    ],
    [
      'nothing after two writes that left all as desired: a warm-up tag, or a retry of Terraform',
      serving('svc-a', '9'),
      'svc-a',
      true,
      [],
    ],
    [
      'a writer when the plan was empty, who moved traffic',
      serving('svc-b', '8'),
      'svc-a',
      false,
      [
        'traffic is svc-b 100 %, the desired revision is svc-a',
        'the service was written 1 times, this apply writes nothing',
      ],
    ],
  ])('finds %s', (_what, live, intended, wrote, findings) => {
    expect(applyDrift({ before: state(), live: served(live), intended, wrote })).toEqual(findings);
  });

  test('finds traffic that was asked for and is not served', () => {
    const live = { ...serving('svc-a', '8'), trafficStatuses: serving('svc-b', '8').traffic };
    expect(applyDrift({ before: state(), live, intended: 'svc-a', wrote: true })).toEqual([
      'traffic is svc-b 100 %, the desired revision is svc-a',
    ]);
  });

  test('compares generations as numbers', () => {
    const before = state({ generation: '9' });
    const live = served(state({ generation: '10' }));
    expect(applyDrift({ before, live, intended: 'svc-a', wrote: true })).toEqual([]);
  });
});
