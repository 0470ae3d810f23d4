import { readFileSync } from 'node:fs';
import { Testing } from 'cdktf';
import { federationCondition } from '../../../domain/identity/identities';
import type { Change, ResourceChange, TerraformPlan } from '../../../domain/plan/plan';
import { planReview } from '../../../domain/plan/review';
import { REVIEW_ALARMS } from '../../../domain/plan/reviewAlarms';
import { reviewMarkdown } from '../../../domain/plan/reviewMarkdown';
import { type SynthesizedStack, synthDifference } from '../../../domain/plan/synthDifference';
import { AccessStack } from '../../../stacks/accessStack';
import { FoundationStack } from '../../../stacks/foundationStack';
import { ObservabilityStack } from '../../../stacks/observabilityStack';
import { OcrServiceStack } from '../../../stacks/ocrServiceStack';
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

const review = (plan: TerraformPlan) => planReview({ deployment: PLANNED, plan });
const ringing = (plan: TerraformPlan) => review(plan).alarms.map(({ words }) => words);
const planOf = (...changes: ResourceChange[]): TerraformPlan => ({
  terraform_version: '1.11.4',
  resource_changes: changes,
});

const synthesized = (text: string) => JSON.parse(text) as SynthesizedStack;
const STACKS = {
  foundation: synthesized(Testing.synth(new FoundationStack(Testing.app(), PLANNED))),
  service: synthesized(Testing.synth(new OcrServiceStack(Testing.app(), PLANNED, RELEASE))),
  access: synthesized(Testing.synth(new AccessStack(Testing.app(), PLANNED))),
  observability: synthesized(Testing.synth(new ObservabilityStack(Testing.app(), PLANNED))),
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
const invoked = (member: string) => ({ role: 'roles/run.invoker', member });

describe('reviewAlarms', () => {
  const cases: [words: string, how: string, plan: TerraformPlan][] = [
    ['open to everyone', 'a grant to everybody', recordedPlan('access')],
    [
      'open to everyone',
      'IAM off',
      withService('update', ({ after }) => (after.invoker_iam_disabled = true)),
    ],
    [
      'open to everyone',
      'all logins of a pool',
      made('google_cloud_run_v2_service_iam_member.x', invoked('principalSet://iam.googleapis.com/p/*')),
    ],
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
    ],
    [
      'somebody else may become an account',
      'a login that only the apply knows, and an account that is there',
      made(
        'google_service_account_iam_member.x',
        { role: 'roles/iam.workloadIdentityUser', service_account_id: DEPLOYER },
        { after_unknown: { member: true } },
      ),
    ],
    [
      'somebody else may become an account',
      'tokens of every account',
      made('google_project_iam_member.x', { role: 'roles/iam.serviceAccountTokenCreator', member: 'user:x' }),
    ],
    [
      'grants a basic or admin role',
      'owner',
      made('google_project_iam_member.x', { role: 'roles/owner', member: 'user:x' }),
    ],
    [
      'grants a basic or admin role',
      'inside a policy',
      made('google_project_iam_policy.x', {
        policy_data: '{"bindings":[{"members":["user:x"],"role":"roles/editor"}]}',
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
    ['makes a key', 'of an account', made('google_service_account_key.x', { service_account_id: DEPLOYER })],
  ];

  test.each(cases)('%s: %s, and nothing else', (words, _how, plan) => {
    expect(ringing(plan)).toEqual([words]);
  });

  test('are each provoked above, and named in the security model', () => {
    const words = REVIEW_ALARMS.map((alarm) => alarm.words);
    expect([...new Set(cases.map(([provoked]) => provoked))]).toEqual(words);
    const page = readFileSync('docs/security-model.md', 'utf8');
    expect(words.filter((one) => !page.includes(`| ${one} |`))).toEqual([]);
  });

  test.each(Object.entries(STACKS))('are silent for the first create of the %s stack', (_name, stack) => {
    expect(ringing(firstCreate(stack))).toEqual([]);
    // A fork's review has the references themselves.
    expect(ringing(synthDifference({}, stack))).toEqual([]);
  });

  test.each(['create', 'update', 'no-change', 'replace', 'destroy', 'drift', 'many', 'awkward', 'sensitive'])(
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
    const lines = reviewMarkdown(review(plan)).split('\n');
    expect(lines[1]).toBe(
      '### Plan for `example service`: **grants a basic or admin role**; 1 to create; no destroys',
    );
    expect(lines.slice(3, 5)).toEqual([
      '- **grants a basic or admin role**: `google_project_iam_member.x`',
      '- IAM: `create google_project_iam_member.x: roles/owner for user:x`',
    ]);
  });

  test('what they ring for is in the list: permissions, and the condition in full', () => {
    const condition = federationCondition({ repository: 'example/ocr', ownerId: 4711 });
    const text = (plan: TerraformPlan) => reviewMarkdown(review(plan));
    expect(
      text(foundation(PROVIDER, (after) => (after.attribute_condition = `${condition} || true`))),
    ).toContain(`attribute_condition ${condition} || true\`, was \`${condition}\``);
    const role = foundation(ROLE, (after) => {
      after.permissions.shift();
      after.permissions.push('run.services.delete');
    });
    expect(text(role)).toContain(
      `- role: \`update ${ROLE}: gains run.services.delete; loses monitoring.timeSeries.list\``,
    );
  });
});
