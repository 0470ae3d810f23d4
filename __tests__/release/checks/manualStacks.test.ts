import { Failure } from '../../../domain/failure';
import { type Ledger, EMPTY_LEDGER } from '../../../domain/releases/ledger';
import type { StackKind } from '../../../domain/names';
import { PLACEHOLDER_DIGEST } from '../../../domain/plan/placeholder';
import type { TerraformPlan } from '../../../domain/plan/plan';
import { planReview } from '../../../domain/plan/review';
import type { ReleaseIdentity } from '../../../domain/template';
import { REVISION, type TrafficTarget } from '../../../domain/releases/traffic';
import type { ReleaseContext } from '../../../release/ports/context';
import { drift } from '../../../release/verbs/drift';
import { planManualStacks, assertNoManualStackChanges } from '../../../release/checks/manualStacks';
import { plan } from '../../../release/verbs/plan';
import { preview, refuseDestroys } from '../../../release/verbs/preview';
import type { PlanOptions } from '../../../release/adapters/terraform/terraform';
import { DEPLOYMENT } from '../../constructs/deployment';
import { fakeClock } from '../../fixtures/clock';
import { entry, ledger } from '../../fixtures/ledger';
import { resourceChange } from '../../fixtures/plan';

const CLEAN: TerraformPlan = { terraform_version: '1.11.4', resource_changes: [] };
const CHANGED: TerraformPlan = {
  ...CLEAN,
  resource_changes: [
    resourceChange('google_x.y', { actions: ['update'], before: { a: 1 }, after: { a: 2 } }),
  ],
};
const to = (revision: string): TrafficTarget[] => [{ type: REVISION, revision, percent: 100 }];

const unknownSha = new Failure({ code: 'UNKNOWN_SHA', message: 'm', where: 'w', remedy: 'r', exitCode: 2 });

/** A context whose stacks have these plans; Terraform and Cloud Run note what was asked of them. */
function scene(change: {
  /** Against the cloud. */
  plans?: Partial<Record<StackKind, TerraformPlan>>;
  /** Against the state alone; default: the same. */
  stale?: Partial<Record<StackKind, TerraformPlan>>;
  ledger?: Ledger;
  traffic?: TrafficTarget[];
  revisions?: Record<string, { labels: Record<string, string> }>;
  /** Files of the stacks' code, by commit; a commit that is not there is unknown. Default: all have the same. */
  code?: Readonly<Record<string, readonly string[]>>;
  /** Nobody has applied a stack yet. */
  neverApplied?: boolean;
}) {
  const planned: [string, PlanOptions | undefined][] = [];
  const synthesized: ReleaseIdentity[] = [];
  let refresh = true;
  const context = {
    deployment: DEPLOYMENT,
    clock: fakeClock(),
    progress: () => undefined,
    workspace: {
      stack: (kind: string) => kind,
      file: (name: string) => name,
      synth: async (identity: ReleaseIdentity) => void synthesized.push(identity),
    },
    terraform: {
      init: async () => undefined,
      plan: async (directory: string, _file: string, options?: PlanOptions) => {
        planned.push([directory, options]);
        refresh = options?.refresh !== false;
        return { changes: true };
      },
      show: async (directory: string) =>
        (refresh ? change.plans : (change.stale ?? change.plans))?.[directory as StackKind] ?? CLEAN,
      providers: async () => ({}),
    },
    git: {
      resolve: async (commit: string) => {
        if (change.code && !(commit in change.code)) throw unknownSha;
        return commit;
      },
      files: async (commit: string) => change.code?.[commit] ?? [],
    },
    ledger: { read: async () => change.ledger },
    storage: {
      read: async () =>
        change.neverApplied ? undefined : { content: Buffer.from('{"resources":[{}]}'), generation: '1' },
    },
    cloudRun: {
      revision: async (name: string) => (change.revisions ?? {})[name],
      service: async () => ({ traffic: change.traffic ?? [], trafficStatuses: change.traffic ?? [] }),
    },
  } as unknown as ReleaseContext;
  return { context, planned, synthesized };
}

jest.mock('node:fs/promises', () => ({
  ...jest.requireActual<object>('node:fs/promises'),
  readFile: async () => Buffer.from('plan'),
}));

describe('planManualStacks', () => {
  test('plans every stack but the service and the workstation, without a lock, and knows which change', async () => {
    const { context, planned } = scene({ plans: { access: CHANGED, service: CHANGED } });
    const plans = await planManualStacks(context, { refresh: false });
    expect(plans.map(({ stack, changes }) => [stack, changes])).toEqual([
      ['foundation', false],
      ['access', true],
      ['observability', false],
    ]);
    expect(new Set(planned.map(([, options]) => JSON.stringify(options)))).toEqual(
      new Set(['{"lock":false,"refresh":false}']),
    );
  });
});

describe('assertNoManualStackChanges', () => {
  test('passes when only the service changes', async () => {
    await assertNoManualStackChanges(scene({ plans: { service: CHANGED } }).context, 'a'.repeat(40));
  });

  test('rejects a change of a stack that a person applies, with the commands of that person', async () => {
    const { context } = scene({ plans: { foundation: CHANGED, access: CHANGED } });
    await expect(assertNoManualStackChanges(context, 'a'.repeat(40))).rejects.toMatchObject({
      code: 'PERSON_STACK_CHANGED',
      exitCode: 3,
      where: 'example-foundation, example-access',
      remedy: expect.stringMatching(
        /^where a newer commit's stacks were applied already, deploy that one.* git checkout aaaaaaa .*stacks\/example-foundation apply && .*stacks\/example-access apply$/,
      ),
    });
  });
});

jest.mock('../../../release/verbs/plan');

describe('preview', () => {
  test('reviews the service as a pull request has it, then every other stack, with nothing locked', async () => {
    const reviewed = planReview({ deployment: DEPLOYMENT, plan: CHANGED });
    jest.mocked(plan).mockResolvedValue({ reviewed } as never);
    const { context, planned } = scene({ plans: { access: CHANGED } });
    const reviews = await preview(context, { sha: 'abc' });
    expect(jest.mocked(plan).mock.calls).toEqual([[context, { sha: 'abc', pullRequest: true }]]);
    expect(reviews.map(({ stack, changes }) => [stack, changes])).toEqual([
      ['service', true],
      ['foundation', false],
      ['access', true],
      ['observability', false],
    ]);
    expect(reviews[2]!.notes).toEqual([expect.stringContaining('A person applies this stack')]);
    expect(new Set(planned.map(([, options]) => JSON.stringify(options)))).toEqual(
      new Set(['{"lock":false,"refresh":true}']),
    );
  });
});

describe('a deployment whose stacks nobody has applied', () => {
  test.each<[string, (context: ReleaseContext) => Promise<unknown>]>([
    ['preview', (context) => preview(context, { sha: 'abc' })],
    ['drift', drift],
  ])('%s rejects it before anything is planned', async (_verb, look) => {
    jest.mocked(plan).mockClear();
    const { context, planned, synthesized } = scene({ neverApplied: true });
    await expect(look(context)).rejects.toMatchObject({ code: 'STACK_NEVER_APPLIED', exitCode: 3 });
    expect([planned, synthesized, jest.mocked(plan).mock.calls]).toEqual([[], [], []]);
  });
});

describe('refuseDestroys', () => {
  const review = (...actions: ('create' | 'update' | 'delete')[]) =>
    planReview({
      deployment: DEPLOYMENT,
      stack: 'access',
      plan: { ...CLEAN, resource_changes: [resourceChange('google_x.y', { actions })] },
    });
  test('passes creates and updates', () => refuseDestroys([review('create'), review('update')]));
  test.each([[['delete' as const]], [['create' as const, 'delete' as const]]])('rejects %j', (actions) => {
    expect(() => refuseDestroys([review('update'), review(...actions)])).toThrow(
      expect.objectContaining({
        code: 'PLAN_DESTROYS',
        exitCode: 3,
        got: expect.stringContaining('google_x.y (access)'),
      }),
    );
  });
});

describe('drift', () => {
  const released = ledger({
    releases: [entry('b', { state: 'applying' }), entry('gone', { state: 'failed' }), entry('a')],
    intent: { revision: 'a', by: 'ci', at: '', epoch: 1, reason: '' },
  });
  const revisions = { a: { labels: { 'commit-sha': 'sha-of-the-revision' } }, b: { labels: {} } };

  /** The stacks that a person applies are of this code. */
  const driftScene = (change: Parameters<typeof scene>[0]) => scene({ stale: {}, ...change });

  test('finds nothing when all is as applied and traffic is as intended', async () => {
    const { context } = driftScene({ ledger: released, revisions, traffic: to('a') });
    expect(await drift(context)).toEqual({ findings: [], reviews: [] });
  });

  test('plans with the name, digest and commit label that the service has, not with those of a failed apply', async () => {
    const { context, synthesized, planned } = driftScene({ ledger: released, revisions, traffic: to('a') });
    await drift(context);
    expect(synthesized).toEqual([{ sha: 'sha-of-the-revision', digest: 'digest-a', revision: 'a' }]);
    const persons = ['foundation', 'access', 'observability'];
    expect(planned.map(([stack]) => stack)).toEqual(['service', ...persons, ...persons]);
    expect(planned.every(([, options]) => options?.lock === false)).toBe(true);
  });

  test('finds a stack that differs and traffic that is not as intended', async () => {
    const { context } = driftScene({
      ledger: released,
      revisions,
      traffic: to('b'),
      plans: { service: CHANGED, access: CHANGED },
    });
    const { findings, reviews } = await drift(context);
    expect(findings).toEqual([
      'service: update google_x.y',
      'access: update google_x.y',
      'traffic: b 100 %, and the ledger means a to serve',
    ]);
    expect(reviews.map(({ stack }) => stack)).toEqual(['service', 'access']);
  });

  test.each([
    [
      'is other code than what was applied',
      { HEAD: ['stacks of main'], 'sha-a': ['stacks'] },
      'git checkout sha-a, then again',
    ],
    ['has no history', { HEAD: ['stacks'] }, 'git fetch --unshallow origin, then again'],
  ])('plans nothing where the copy %s: it would find what was merged since', async (_what, code, skipped) => {
    const { context, planned } = driftScene({
      ledger: released,
      revisions,
      traffic: to('b'),
      plans: { service: CHANGED, access: CHANGED },
      code,
    });
    expect(await drift(context)).toEqual({
      findings: ['traffic: b 100 %, and the ledger means a to serve'],
      reviews: [],
      skipped: expect.stringContaining(skipped),
    });
    expect(planned).toEqual([]);
  });

  test('finds nothing in a stack of which a person has applied other code, and says so', async () => {
    const { context } = driftScene({
      ledger: released,
      revisions,
      traffic: to('a'),
      plans: { foundation: CHANGED, access: CHANGED },
      stale: { access: CHANGED },
    });
    expect(await drift(context)).toMatchObject({
      findings: ['foundation: update google_x.y'],
      skipped: 'access: not this code was applied last by a person',
    });
  });

  test('looks where only what makes no stack has changed since', async () => {
    const code = { HEAD: ['stacks'], 'sha-a': ['stacks'] };
    const { context } = driftScene({
      ledger: released,
      revisions,
      traffic: to('a'),
      plans: { service: CHANGED },
      code,
    });
    expect(await drift(context)).toMatchObject({ findings: ['service: update google_x.y'] });
  });

  test('looks at nothing of the service while a release is at work', async () => {
    const lease = { holder: 'run-1', epoch: 1, expiresAt: '2026-01-01T00:10:00.000Z' };
    const { context, planned } = driftScene({
      ledger: { ...released, lease },
      revisions,
      traffic: to('b'),
      plans: { service: CHANGED },
    });
    expect(await drift(context)).toMatchObject({ findings: [], skipped: expect.stringContaining('run-1') });
    expect(planned.map(([stack]) => stack)).not.toContain('service');
  });

  test.each<[string, Partial<Ledger>, string]>([
    [
      'release',
      { epoch: 2, lease: { holder: 'run-2', epoch: 2, expiresAt: '2026-01-01T00:10:00.000Z' } },
      'run-2 is at work until 2026-01-01T00:10:00.000Z',
    ],
    ['rollback that is done', { epoch: 2 }, 'a release or a rollback came in between'],
  ])('tells nothing of the service where a %s came in while it looked', async (_what, change, skipped) => {
    const { context } = driftScene({
      ledger: { ...released, epoch: 1 },
      revisions,
      traffic: to('b'),
      plans: { service: CHANGED, access: CHANGED },
    });
    const reads = [
      { ...released, epoch: 1 },
      { ...released, epoch: 1, ...change },
    ];
    const ledger = { ...context.ledger, read: async () => reads.shift() };
    expect(await drift({ ...context, ledger })).toMatchObject({
      findings: ['access: update google_x.y'],
      skipped,
    });
  });

  test('does not take a lease that has expired for a release', async () => {
    const lease = { holder: 'run-1', epoch: 1, expiresAt: '2025-12-31T00:00:00.000Z' };
    const { context } = driftScene({ ledger: { ...released, lease }, revisions, traffic: to('b') });
    expect((await drift(context)).findings).toHaveLength(1);
  });

  test('before the first release it looks at the other stacks, with the placeholder', async () => {
    const { context, synthesized } = driftScene({ ledger: EMPTY_LEDGER, plans: { access: CHANGED } });
    expect(await drift(context)).toMatchObject({
      findings: ['access: update google_x.y'],
      skipped: 'nothing has been applied yet',
    });
    expect(synthesized[0]!.digest).toBe(PLACEHOLDER_DIGEST);
  });
});
