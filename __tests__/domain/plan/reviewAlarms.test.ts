import { readFileSync } from 'node:fs';
import { Testing } from 'cdktf';
import { federationCondition, identities } from '../../../domain/identity/identities';
import { accountEmail, STACK_KINDS, type StackKind } from '../../../domain/names';
import { type Change, type ResourceChange, type TerraformPlan } from '../../../domain/plan/plan';
import { planReview } from '../../../domain/plan/review';
import { REVIEW_ALARMS } from '../../../domain/plan/reviewAlarms';

import { reviewMarkdown } from '../../../domain/plan/reviewMarkdown';
import { STACK_TYPES } from '../../../domain/plan/stackTypes';
import { type SynthesizedStack, synthDifference } from '../../../domain/plan/synthDifference';
import { AccessStack } from '../../../stacks/accessStack';
import { BatchStack } from '../../../stacks/batchStack';
import { FoundationStack } from '../../../stacks/foundationStack';
import { ObservabilityStack } from '../../../stacks/observabilityStack';
import { OcrServiceStack } from '../../../stacks/ocrServiceStack';
import { WorkstationStack } from '../../../stacks/workstationStack';
import { RELEASE } from '../../constructs/deployment';
import { resourceChange } from '../../fixtures/plan';
import {
  containerOf,
  type Json,
  PLANNED,
  recordedPlan,
  templateOf,
  withService,
} from '../../fixtures/recordedPlan';

/** The stack that makes what the plan changes; Foundation for what none makes. */
const stackOf = ({ resource_changes: changes = [] }: TerraformPlan) =>
  STACK_KINDS.find((kind) => changes.some(({ type }) => STACK_TYPES[kind].includes(type)));
const review = (plan: TerraformPlan, stack: StackKind = stackOf(plan) ?? 'foundation') =>
  planReview({ deployment: PLANNED, plan, stack });
const ringing = (plan: TerraformPlan, stack?: StackKind) =>
  review(plan, stack).alarms.map(({ words }) => words);
const planOf = (...changes: ResourceChange[]): TerraformPlan => ({
  terraform_version: '1.11.4',
  resource_changes: changes,
});

const WITH_BATCH = {
  ...PLANNED,
  batch: {
    inputBuckets: ['in'],
    outputBuckets: ['out'],
    image: `sha256:${'1'.repeat(64)}`,
    otherCallers: 0.2,
  },
};
const synthesized = (text: string) => JSON.parse(text) as SynthesizedStack;
const STACKS: Record<StackKind, SynthesizedStack> = {
  foundation: synthesized(Testing.synth(new FoundationStack(Testing.app(), PLANNED))),
  service: synthesized(Testing.synth(new OcrServiceStack(Testing.app(), PLANNED, RELEASE))),
  access: synthesized(Testing.synth(new AccessStack(Testing.app(), PLANNED))),
  observability: synthesized(Testing.synth(new ObservabilityStack(Testing.app(), PLANNED))),
  batch: synthesized(Testing.synth(new BatchStack(Testing.app(), WITH_BATCH))),
  workstation: synthesized(Testing.synth(new WorkstationStack(Testing.app(), PLANNED, RELEASE))),
};

/** A first create as Terraform plans it: what refers to another resource is not known yet. */
function firstCreate(stack: SynthesizedStack): TerraformPlan {
  const unknownOf = (value: unknown): unknown => {
    if (typeof value === 'string') return value.includes('${');
    if (value === null || typeof value !== 'object') return false;
    if (Array.isArray(value)) return value.map(unknownOf);
    return Object.fromEntries(Object.entries(value).map(([key, nested]) => [key, unknownOf(nested)]));
  };
  const known = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => (unknownOf(item) === true ? null : known(item)));
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, nested]) => unknownOf(nested) !== true)
        .map(([key, nested]) => [key, known(nested)]),
    );
  };
  const { resource_changes: changes = [] } = synthDifference({}, stack);
  return planOf(
    ...changes.map(({ change, ...rest }) => ({
      ...rest,
      change: { ...change, after: known(change.after), after_unknown: unknownOf(change.after) },
    })),
  );
}

/** A resource of the Foundation as it is, and changed. */
function foundation(
  address: string,
  change: (after: Json) => void,
  parts: Partial<Change> = {},
): TerraformPlan {
  const [type, id] = address.split('.') as [string, string];
  const before = STACKS.foundation.resource![type]![id]!;
  const after = structuredClone(before) as Json;
  change(after);
  return planOf(resourceChange(address, { actions: ['update'], before, after, ...parts }));
}
const made = (address: string, after: Json, parts: Partial<Change> = {}) =>
  planOf(resourceChange(address, { actions: ['create'], before: null, after, ...parts }));
const MADE: Partial<Change> = { actions: ['create'], before: null };
const PROVIDER = 'google_iam_workload_identity_pool_provider.github';
const ROLE = 'google_project_iam_custom_role.role_serviceDeployer';
const DEPLOYER = 'projects/my-project/serviceAccounts/lightonocr-deployer@my-project.iam.gserviceaccount.com';
const login = (member: string, account = DEPLOYER) => ({
  role: 'roles/iam.workloadIdentityUser',
  member,
  service_account_id: account,
});
const POOL = 'principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject';
/** The grant of a login of a pool that the same plan makes, to an account that is there. */
const unknownLogin = (accountId: string) =>
  made(
    'google_service_account_iam_member.x',
    {
      role: 'roles/iam.workloadIdentityUser',
      service_account_id: `projects/my-project/serviceAccounts/${accountEmail('my-project', accountId)}`,
    },
    { after_unknown: { member: true } },
  );
const invoked = (member: string) => ({ role: 'roles/run.invoker', member });
const MALLORY = 'user:mallory@evil.example';
const STRANGER = 'grants to somebody else';
const KIND = 'a kind of resource that the stack does not make';
const TO_DEPLOYER = { role: 'roles/run.developer', member: `serviceAccount:${DEPLOYER.split('/').at(-1)}` };

describe('reviewAlarms', () => {
  const cases: [words: string, how: string, plan: TerraformPlan, also?: string[]][] = [
    ['open to everyone', 'a grant to everybody', recordedPlan('access'), [STRANGER, KIND]],
    [
      'open to everyone',
      'IAM off',
      withService('update', ({ after }) => (after.invoker_iam_disabled = true)),
    ],
    [
      'open to everyone',
      'all logins of a pool',
      made('google_cloud_run_v2_service_iam_member.x', invoked('principalSet://iam.googleapis.com/p/*')),
      [STRANGER],
    ],
    ['the service goes', 'destroyed', recordedPlan('destroy')],
    ['the service goes', 'replaced', recordedPlan('replace')],
    [
      'moves traffic',
      'another revision',
      withService('update', ({ after }) => (after.traffic = [{ revision: 'x', percent: 100 }])),
    ],
    [
      'runs as another account',
      'one with more rights',
      withService(
        'update',
        ({ after }) => (templateOf(after).service_account = 'admin@my-project.iam.gserviceaccount.com'),
      ),
    ],
    [
      'runs as another account',
      'the default one, from the first create on',
      withService('create', ({ after }) => (templateOf(after).service_account = null)),
    ],
    [
      'runs as another account',
      'one that only the apply knows',
      withService('update', ({ after, unknown }) => {
        delete templateOf(after).service_account;
        unknown.template = [{ service_account: true }];
      }),
    ],
    [
      'image of another repository',
      'a stranger’s',
      withService(
        'update',
        ({ after }) => (containerOf(after).image = `docker.io/evil/x@sha256:${'a'.repeat(64)}`),
      ),
    ],
    [
      'image of another repository',
      'a name that begins like ours',
      withService(
        'create',
        ({ after }) => (containerOf(after).image = containerOf(after).image.replace('@', '-x@')),
      ),
    ],
    [
      'starts another command',
      'a shell',
      withService('update', ({ after }) => (containerOf(after).command = ['/bin/sh', '-c', 'curl evil'])),
    ],
    [
      'more than one container',
      'a copy of ours',
      withService('update', ({ after }) => templateOf(after).containers.push(containerOf(after))),
    ],
    [
      'no deletion protection',
      'switched off',
      withService('update', ({ after }) => (after.deletion_protection = false)),
    ],
    [
      'fetches images from any URL',
      'the flag goes',
      withService(
        'update',
        ({ after }) =>
          (containerOf(after).args = containerOf(after).args.filter((word: string) => !/media/.test(word))),
      ),
    ],
    [
      'fetches images from any URL',
      'the flag stays with an empty value',
      withService('update', ({ after }) => (containerOf(after).args[12] = '')),
    ],
    [
      'fetches images from any URL',
      'the flag stays without a value',
      withService('update', ({ after }) => containerOf(after).args.splice(12, 1)),
    ],
    [
      'runs code that comes with the model',
      'the flag',
      withService('update', ({ after }) => containerOf(after).args.push('--trust-remote-code')),
    ],
    [
      'runs code that comes with the model',
      'the flag’s beginning, from the first create on',
      withService('create', ({ after }) => containerOf(after).args.push('--trust_remote')),
    ],
    [
      'mounts a volume',
      'a bucket over the programs',
      withService('update', ({ after }) => {
        templateOf(after).volumes = [{ name: 'x', gcs: [{ bucket: 'evil' }] }];
        containerOf(after).volume_mounts = [{ name: 'x', mount_path: '/usr/bin' }];
      }),
    ],
    [
      'mounts a volume',
      'what only the apply knows',
      withService('update', ({ after, unknown }) => {
        delete templateOf(after).volumes;
        unknown.template = [{ volumes: true }];
      }),
    ],
    [
      'who may log in changes',
      'the condition lets everybody in',
      foundation(PROVIDER, (after) => (after.attribute_condition = 'true')),
    ],
    [
      'who may log in changes',
      'a second provider',
      made('google_iam_workload_identity_pool_provider.other', {
        oidc: [{ issuer_uri: 'https://token.actions.githubusercontent.com' }],
      }),
    ],
    [
      'who may log in changes',
      'our condition, and another issuer',
      foundation(PROVIDER, (after) => (after.oidc.issuer_uri = 'https://evil.example'), MADE),
    ],
    [
      'who may log in changes',
      'a provider is made without our condition',
      foundation(PROVIDER, (after) => (after.attribute_condition = 'true'), MADE),
    ],
    [
      'who may log in changes',
      'a provider is made with keys of its own',
      foundation(PROVIDER, (after) => (after.oidc.jwks_json = '{"keys":[]}'), MADE),
    ],
    [
      'who may log in changes',
      'the pool is switched on again',
      foundation('google_iam_workload_identity_pool.github', (after) => (after.disabled = false)),
    ],
    [
      'somebody else may become an account',
      'a pull request becomes the deployer',
      made('google_service_account_iam_member.x', login(`${POOL}/repo:example/ocr:pull_request`)),
      [STRANGER],
    ],
    [
      'somebody else may become an account',
      'a login that only the apply knows, and an account that no job becomes',
      unknownLogin('lightonocr-gpu'),
    ],
    [
      'somebody else may become an account',
      'tokens of every account',
      made('google_project_iam_member.x', { role: 'roles/iam.serviceAccountTokenCreator', member: 'user:x' }),
      [STRANGER],
    ],
    [
      'grants a basic or admin role',
      'owner, to an account of ours',
      made('google_project_iam_member.x', { ...TO_DEPLOYER, role: 'roles/owner' }),
    ],
    [
      'grants a basic or admin role',
      'inside a policy',
      made('google_project_iam_policy.x', {
        policy_data: '{"bindings":[{"members":["user:x"],"role":"roles/editor"}]}',
      }),
      [STRANGER, KIND],
    ],
    ...[
      'projects/my-project/roles/lightonocrServiceDeployer',
      'roles/run.developer',
      'roles/cloudbuild.builds.builder',
    ].map((role): [string, string, TerraformPlan] => [
      STRANGER,
      role,
      made('google_project_iam_member.x', { role, member: MALLORY }),
    ]),
    [
      STRANGER,
      'the state',
      made('google_storage_bucket_iam_member.x', { role: 'roles/storage.objectUser', member: MALLORY }),
    ],
    [
      STRANGER,
      'an account of ours in another project',
      made('google_project_iam_member.x', {
        role: 'roles/run.developer',
        member: 'serviceAccount:lightonocr-deployer@other-project.iam.gserviceaccount.com',
      }),
    ],
    [
      STRANGER,
      'a caller whom the deployment does not name',
      made('google_cloud_run_v2_service_iam_member.x', invoked(MALLORY)),
    ],
    [
      STRANGER,
      'more than to call, to a caller whom the deployment names',
      made('google_cloud_run_v2_service_iam_member.x', {
        role: 'roles/run.developer',
        member: PLANNED.access.invokers[0],
      }),
    ],
    [
      'a role gains permissions',
      'one more',
      foundation(ROLE, (after) => after.permissions.push('run.services.delete')),
    ],
    [
      'a role may give itself more',
      'a new one',
      made('google_project_iam_custom_role.x', { permissions: ['iam.serviceAccounts.getAccessToken'] }),
    ],
    [
      'makes a key',
      'of an account',
      made('google_service_account_key.x', { service_account_id: DEPLOYER }),
      [KIND],
    ],
    ...(
      [
        ['the public may be let in', (after) => (after.public_access_prevention = 'inherited')],
        ['objects have ACLs', (after) => (after.uniform_bucket_level_access = false)],
        ['versions are not kept', (after) => (after.versioning.enabled = false)],
        ['a destroy takes what it holds along', (after) => (after.force_destroy = true)],
        [
          'objects are deleted sooner',
          (after) => after.lifecycle_rule.push({ action: [{ type: 'Delete' }], condition: [{ age: 1 }] }),
        ],
      ] as [string, (after: Json) => void][]
    ).map(([how, change]): [string, string, TerraformPlan] => [
      'a bucket loses a defence',
      how,
      foundation('google_storage_bucket.state', change),
    ]),
    [
      'a bucket loses a defence',
      'it is made without',
      foundation('google_storage_bucket.state', (after) => delete after.public_access_prevention, MADE),
    ],
    [
      'Terraform forgets a resource, which stays in the cloud',
      'an account',
      planOf(resourceChange('google_service_account.x', { actions: ['forget'], before: {}, after: null })),
    ],
    [
      KIND,
      'where a command of the machine that applies would stand',
      made('terraform_data.x', { input: 'x' }),
    ],
    [
      KIND,
      'a job that runs as the deployer',
      made('google_cloud_run_v2_job.x', {
        template: [{ template: [{ service_account: DEPLOYER, containers: [{ image: 'docker.io/evil' }] }] }],
      }),
    ],
    [
      KIND,
      'a bucket’s ACL',
      made('google_storage_bucket_access_control.x', { bucket: 'x', entity: 'allUsers', role: 'READER' }),
    ],
    [KIND, 'less is audited', made('google_project_iam_audit_config.x', { service: 'allServices' })],
  ];

  test.each(cases)('%s: %s, and nothing else', (words, _how, plan, also = []) => {
    expect(ringing(plan).sort()).toEqual([words, ...also].sort());
  });

  test.each(STACK_KINDS)('a kind of resource that another stack makes rings in the %s stack', (stack) => {
    const others = Object.values(STACK_TYPES)
      .flat()
      .filter((type) => !STACK_TYPES[stack].includes(type));
    expect(others.filter((type) => !ringing(made(`${type}.x`, {}), stack).includes(KIND))).toEqual([]);
  });

  test('are each provoked above, and named in the security model', () => {
    const words = REVIEW_ALARMS.map((alarm) => alarm.words);
    expect([...new Set(cases.map(([provoked]) => provoked))]).toEqual(words);
    const page = readFileSync('docs/security-model.md', 'utf8');
    expect(words.filter((one) => !page.includes(`| ${one} |`))).toEqual([]);
  });

  const stacks = Object.entries(STACKS) as [StackKind, SynthesizedStack][];
  test.each(stacks)('are silent for the first create of the %s stack', (kind, stack) => {
    expect(ringing(firstCreate(stack), kind)).toEqual([]);
    // A fork's review has the references themselves.
    expect(ringing(synthDifference({}, stack), kind)).toEqual([]);
  });

  test.each(stacks)('know each kind of resource of the %s stack, and no more', (kind, stack) => {
    expect([...STACK_TYPES[kind]].sort()).toEqual(Object.keys(stack.resource!).sort());
  });

  test('are silent for our own logins from a new pool, to accounts that are there', () => {
    const accounts = identities(PLANNED).filter(({ subject }) => subject !== undefined);
    const plans = accounts.map(({ accountId }) => unknownLogin(accountId));
    expect(plans).toHaveLength(5);
    expect(plans.flatMap((plan) => ringing(plan))).toEqual([]);
  });

  test.each(['create', 'update', 'no-change', 'drift', 'awkward'])(
    'are silent for the recorded plan "%s"',
    (name) => {
      expect(ringing(recordedPlan(name))).toEqual([]);
    },
  );

  test.each<[string, TerraformPlan]>([
    [
      'a login that is meant',
      made('google_service_account_iam_member.x', login(`${POOL}/repo:example/ocr:environment:example`)),
    ],
    ['a grant to an account of ours', made('google_project_iam_member.x', TO_DEPLOYER)],
    [
      'a caller whom the deployment names',
      made('google_cloud_run_v2_service_iam_member.x', invoked(PLANNED.access.invokers[0]!)),
    ],
    [
      'code of the model that is refused',
      withService('update', ({ after }) => containerOf(after).args.push('--no-trust-remote-code')),
    ],
    ['words before any flag', withService('update', ({ after }) => containerOf(after).args.unshift('serve'))],
    [
      'a bucket’s label',
      foundation('google_storage_bucket.state', (after) => (after.labels = { team: 'ocr' })),
    ],
    [
      'a kind of resource that goes',
      planOf(resourceChange('terraform_data.x', { actions: ['delete'], before: {}, after: null })),
    ],
    ['a role that loses permissions', foundation(ROLE, (after) => after.permissions.pop())],
    ['another title of the login', foundation(PROVIDER, (after) => (after.display_name = 'x'))],
    [
      'a grant that is taken back',
      planOf(
        resourceChange('google_project_iam_member.x', {
          actions: ['delete'],
          before: { role: 'roles/owner', member: 'allUsers' },
          after: null,
        }),
      ),
    ],
    [
      'other domains to fetch from',
      withService('update', ({ after }) => (containerOf(after).args[12] = 'images.example')),
    ],
  ])('are silent for %s', (_what, plan) => {
    expect(ringing(plan)).toEqual([]);
  });

  test('a role that gains power rings for both', () => {
    const plan = foundation(ROLE, (after) => after.permissions.push('iam.serviceAccounts.getAccessToken'));
    expect(ringing(plan)).toEqual(['a role gains permissions', 'a role may give itself more']);
  });

  test('stand in the first line, and with their resources at the head of the list', () => {
    const plan = made('google_project_iam_member.x', { role: 'roles/owner', member: 'user:x' });
    const both = '**grants a basic or admin role**; **grants to somebody else**';
    const lines = reviewMarkdown([review(plan)]).split('\n');
    expect(lines[1]).toBe(`### \`example foundation\`: ${both}; 1 to create; no destroys`);
    expect(lines.slice(2, 9)).toEqual([
      '> [!CAUTION]',
      '> - **grants a basic or admin role**: `google_project_iam_member.x` (foundation)',
      '> - **grants to somebody else**: `google_project_iam_member.x` (foundation)',
      '',
      '| setting | before | after |',
      '| --- | --- | --- |',
      '| IAM |  | `create google_project_iam_member.x: roles/owner for user:x` |',
    ]);
  });

  test('an audit config is no grant, made or deleted', () => {
    const plans = ['create', 'delete'].map((action) =>
      planOf(
        resourceChange('google_project_iam_audit_config.x', {
          actions: [action as 'create' | 'delete'],
          before: action === 'delete' ? { service: 'allServices' } : null,
          after: action === 'delete' ? null : { service: 'allServices' },
        }),
      ),
    );
    expect(plans.flatMap((plan) => review(plan).matters)).toEqual([]);
  });

  test('what they ring for is in the list: permissions, and the condition in full', () => {
    const condition = federationCondition({ repository: 'example/ocr', ownerId: 4711 });
    const text = (plan: TerraformPlan) => reviewMarkdown([review(plan)]);
    const piped = (text: string) => text.replaceAll('|', '\\|');
    expect(
      text(foundation(PROVIDER, (after) => (after.attribute_condition = `${condition} || true`))),
    ).toContain(
      `| \`${piped(condition)}\` | \`update ${PROVIDER}: attribute_condition ${piped(`${condition} || true`)}\` |`,
    );
    const role = foundation(ROLE, (after) => {
      after.permissions.shift();
      after.permissions.push('run.services.delete');
    });
    expect(text(role)).toContain(
      `| role |  | \`update ${ROLE}: gains run.services.delete; loses monitoring.timeSeries.list\` |`,
    );
  });
});
