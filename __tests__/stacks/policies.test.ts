import { Testing } from 'cdktf';
import { readdirSync, readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { loadDeployment } from '../../deployments/load';
import type { Deployment } from '../../domain/deployment';
import { identities } from '../../domain/identity/identities';
import { AccessStack } from '../../stacks/accessStack';
import { FoundationStack } from '../../stacks/foundationStack';
import { ObservabilityStack } from '../../stacks/observabilityStack';
import { OcrServiceStack } from '../../stacks/ocrServiceStack';
import { DEPLOYMENT, RELEASE } from '../constructs/deployment';
import { allowed, subjects } from './allowed';
import {
  authoritativeGrants,
  broadRoles,
  escalations,
  grants,
  keys,
  openBuckets,
  outsiders,
  permissionLines,
  projectWideImpersonation,
  publicMembers,
  type Resource,
  type Resources,
  resourcesOf,
  unusedAccounts,
} from './policies';

const synth = (deployment: Deployment) =>
  resourcesOf(
    Testing.synth(new FoundationStack(Testing.app(), deployment)),
    Testing.synth(new OcrServiceStack(Testing.app(), deployment, RELEASE)),
    Testing.synth(new AccessStack(Testing.app(), deployment)),
    Testing.synth(new ObservabilityStack(Testing.app(), deployment)),
  );
const ALL = synth(DEPLOYMENT);

/** The build file's account, and the service's. */
function runs(resources: Resources): string[] {
  const { serviceAccount } = parseYaml(readFileSync('cloudbuild/gpu-cloudbuild.yaml', 'utf8')) as {
    serviceAccount?: string;
  };
  const service = resources.get('google_cloud_run_v2_service.ocr')!;
  return [String(service.template.service_account), serviceAccount?.split('/').at(-1) ?? ''];
}

/** All resources, one of them changed or added. */
function changed(address: string, change: Resource): Resources {
  return new Map([...ALL, [address, { ...ALL.get(address), ...change }]]);
}
function without(address: string): Resources {
  expect(ALL.has(address)).toBe(true);
  return new Map([...ALL].filter(([name]) => name !== address));
}
const permissions = (role: string, ...added: string[]) => {
  const address = `google_project_iam_custom_role.role_${role}`;
  return changed(address, { permissions: [...(ALL.get(address)!.permissions as string[]), ...added] });
};
/** A further grant to an account. */
const granted = (type: string, member: string, grant: Resource) =>
  changed(`${type}.extra`, { member: `\${google_service_account.${member}.member}`, ...grant });

const POLICIES: Record<string, (resources: Resources, deployment?: Deployment) => string[]> = {
  'nobody is let in whom IAM does not know': publicMembers,
  'no basic, admin or editor role': broadRoles,
  'no keys': keys,
  'no public bucket': openBuckets,
  'no grant that takes away those of others': authoritativeGrants,
  'no impersonation on the whole project': projectWideImpersonation,
  'every account is used': (resources) => unusedAccounts(resources, runs(resources)),
  'the deployer cannot escalate': (resources, deployment = DEPLOYMENT) =>
    escalations(resources, 'deployer', allowed(deployment).deployer),
  'rollback cannot escalate': (resources, deployment = DEPLOYMENT) =>
    escalations(resources, 'rollback', allowed(deployment).rollback),
  'nobody from outside has a role but to become his own account': (resources, deployment = DEPLOYMENT) =>
    outsiders(resources, subjects(deployment)),
};

describe.each(Object.keys(POLICIES))('%s', (policy) => {
  test('in a deployment with every key', () => {
    expect(POLICIES[policy]!(ALL)).toEqual([]);
  });

  test('in the shipped production deployment, with a repository whose sub has numbers in it', () => {
    const github = { repository: 'acme/ocr', ownerId: 1, repositoryId: 2 };
    const production = { ...loadDeployment('production'), github };
    expect(POLICIES[policy]!(synth(production), production)).toEqual([]);
  });
});

const member = 'google_cloud_run_v2_service_iam_member';
const onProject = 'google_project_iam_member';
const onAccount = 'google_service_account_iam_member';
const own = (role: string) => `\${google_project_iam_custom_role.role_${role}.name}`;
const accountName = (name: string) => `\${google_service_account.${name}.name}`;

const POOL = 'principal://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/subject/';
const subject = (name: string) => `${POOL}${subjects(DEPLOYMENT)[name]}`;
/** Ways to more that no pattern of dangerous names would have. */
const FURTHER = [
  'artifactregistry.repositories.uploadArtifacts',
  'cloudfunctions.functions.create',
  'compute.instances.create',
  'run.jobs.create',
  'run.jobs.run',
  'secretmanager.versions.access',
  'serviceusage.services.enable',
  'storage.hmacKeys.create',
];

/** Each policy, and what it must notice: negative controls. */
const CONTROLS: [policy: keyof typeof POLICIES, what: string, resources: () => Resources, found: RegExp][] = [
  [
    'nobody is let in whom IAM does not know',
    'allUsers',
    () => changed(`${member}.x`, { role: 'roles/run.invoker', member: 'allUsers' }),
    /^google_cloud_run_v2_service_iam_member\.x$/,
  ],
  [
    'nobody is let in whom IAM does not know',
    'a whole federation pool',
    () => changed(`${onAccount}.github_deployer`, { member: 'principalSet://iam.googleapis.com/p/*' }),
    /github_deployer/,
  ],
  [
    'nobody is let in whom IAM does not know',
    'a service that does not ask who calls',
    () => changed('google_cloud_run_v2_service.ocr', { invoker_iam_disabled: true }),
    /\.ocr$/,
  ],
  [
    'no basic, admin or editor role',
    'editor',
    () => changed(`${onProject}.x`, { role: 'roles/editor', member: 'user:a@example.com' }),
    /\.x$/,
  ],
  [
    'no basic, admin or editor role',
    'storage.objectAdmin',
    () => changed(`${onProject}.x`, { role: 'roles/storage.objectAdmin', member: 'user:a@example.com' }),
    /\.x$/,
  ],
  ['no keys', 'a key', () => changed('google_service_account_key.x', {}), /\.x$/],
  [
    'no public bucket',
    'a bucket that may be opened',
    () => changed('google_storage_bucket.ledger', { public_access_prevention: 'inherited' }),
    /\.ledger$/,
  ],
  [
    'no public bucket',
    'a bucket with object ACLs',
    () => changed('google_storage_bucket.state', { uniform_bucket_level_access: false }),
    /\.state$/,
  ],
  ['no public bucket', 'an ACL', () => changed('google_storage_bucket_acl.x', {}), /\.x$/],
  [
    'no grant that takes away those of others',
    'a binding',
    () => changed('google_project_iam_binding.x', {}),
    /\.x$/,
  ],
  [
    'no impersonation on the whole project',
    'act as anybody',
    () => granted(onProject, 'submitter', { role: own('actAs') }),
    /\.extra$/,
  ],
  [
    'every account is used',
    'an account that no workflow becomes',
    () => without(`${onAccount}.github_rollback`),
    /^google_service_account\.rollback$/,
  ],
  [
    'every account is used',
    'an account that nothing names',
    () => changed('google_service_account.x', { account_id: 'lightonocr-x' }),
    /\.x$/,
  ],
  ...(
    [
      ['sets policies', () => permissions('serviceDeployer', 'run.services.setIamPolicy'), /setIamPolicy/],
      ['makes keys', () => permissions('serviceDeployer', 'iam.serviceAccountKeys.create'), /Keys/],
      [
        'makes tokens of others',
        () => permissions('actAs', 'iam.serviceAccounts.getAccessToken'),
        /AccessToken/,
      ],
      ['changes roles', () => permissions('objectLister', 'iam.roles.update'), /iam\.roles/],
      ['deletes services', () => permissions('serviceDeployer', 'run.services.delete'), /services\.delete/],
      ['builds', () => granted(onProject, 'deployer', { role: own('buildSubmitter') }), /cloudbuild/],
      [
        'acts as the builder',
        () =>
          granted(onAccount, 'deployer', {
            role: own('actAs'),
            service_account_id: accountName('builder'),
          }),
        /actAs on google_service_account\.builder/,
      ],
      [
        'mints tokens of rollback',
        () =>
          granted(onAccount, 'deployer', {
            role: own('identityTokenMinter'),
            service_account_id: accountName('rollback'),
          }),
        /getOpenIdToken on google_service_account\.rollback/,
      ],
      [
        "writes another stack's state",
        () =>
          changed('google_storage_bucket_iam_member.deployer_may_state_objectWriter', {
            condition: undefined,
          }),
        /on google_storage_bucket\.state/,
      ],
      [
        'replaces the plan that was approved',
        () =>
          granted('google_storage_bucket_iam_member', 'deployer', {
            role: own('objectWriter'),
            bucket: '${google_storage_bucket.plans.name}',
          }),
        /on google_storage_bucket\.plans/,
      ],
      [
        'has a predefined role',
        () => granted(onProject, 'deployer', { role: 'roles/run.developer' }),
        /run\.developer/,
      ],
      [
        'gets more through the runtime account',
        () => granted(onProject, 'runtime', { role: 'roles/storage.objectViewer' }),
        /runtime may roles\/storage\.objectViewer on project/,
      ],
      [
        'calls every service of the project',
        () => granted(onProject, 'deployer', { role: 'roles/run.invoker' }),
        /run\.invoker on project/,
      ],
      [
        'is named by its e-mail',
        () =>
          changed(`${onProject}.extra`, {
            member: 'serviceAccount:${google_service_account.deployer.email}',
            role: 'roles/run.developer',
          }),
        /run\.developer on project/,
      ],
      ...FURTHER.map((permission): [string, () => Resources, RegExp] => [
        `may ${permission}`,
        () => permissions('serviceDeployer', permission),
        new RegExp(`deployer may ${permission} on project$`),
      ]),
    ] as [string, () => Resources, RegExp][]
  ).map(([what, resources, found]): [string, string, () => Resources, RegExp] => [
    'the deployer cannot escalate',
    `a deployer that ${what}`,
    resources,
    found,
  ]),
  [
    'rollback cannot escalate',
    'a rollback that writes state',
    () =>
      granted('google_storage_bucket_iam_member', 'rollback', {
        role: own('objectWriter'),
        bucket: '${google_storage_bucket.state.name}',
      }),
    /on google_storage_bucket\.state/,
  ],
  [
    'rollback cannot escalate',
    'a rollback that makes a service',
    () => permissions('trafficMover', 'run.services.create'),
    /rollback may run\.services\.create on project$/,
  ],
  ...(
    [
      [
        'a role for a subject itself',
        () => changed(`${onProject}.x`, { role: 'roles/run.developer', member: subject('deployer') }),
        /^google_project_iam_member\.x$/,
      ],
      [
        'tokens of the builder for a subject',
        () =>
          changed(`${onAccount}.x`, {
            role: 'roles/iam.serviceAccountTokenCreator',
            service_account_id: accountName('builder'),
            member: subject('deployer'),
          }),
        /^google_service_account_iam_member\.x$/,
      ],
      [
        'tokens of his own account for a subject, by another role',
        () => changed(`${onAccount}.github_deployer`, { role: 'roles/iam.serviceAccountTokenCreator' }),
        /github_deployer$/,
      ],
      [
        'a pull request that becomes the deployer',
        () => changed(`${onAccount}.github_deployer`, { member: subject('pr-planner') }),
        /github_deployer$/,
      ],
      [
        'every job of the repository',
        () =>
          changed(`${onAccount}.github_deployer`, {
            member: subject('deployer').replace(
              /^principal:(.*)\/subject\/.*/,
              'principalSet:$1/attribute.repository/example/ocr',
            ),
          }),
        /github_deployer$/,
      ],
    ] as [string, () => Resources, RegExp][]
  ).map(([what, resources, found]): [string, string, () => Resources, RegExp] => [
    'nobody from outside has a role but to become his own account',
    what,
    resources,
    found,
  ]),
];

describe('negative controls', () => {
  test.each(CONTROLS)('%s: rejects %s', (policy, _what, resources, found) => {
    expect(POLICIES[policy]!(resources())).toContainEqual(expect.stringMatching(found));
  });

  test('every policy has one', () => {
    expect([...new Set(CONTROLS.map(([policy]) => policy))].sort()).toEqual(Object.keys(POLICIES).sort());
  });
});

describe('grants', () => {
  test('are seen for every account but the runtime’s, whatever form the member has', () => {
    const who = new Set(grants(ALL).map((grant) => grant.who));
    expect([...who].sort()).toEqual([
      'builder',
      'deployer',
      'main-planner',
      'pr-planner',
      'rollback',
      'submitter',
    ]);
    expect(
      grants(ALL)
        .filter(({ on }) => on === 'google_cloud_run_v2_service.lightonocr-gpu')
        .map(({ who }) => who),
    ).toEqual(['deployer', 'rollback']);
  });

  test.each(['deployer', 'rollback'] as const)('what %s is allowed, it has: the list is no wish', (who) => {
    const has = grants(ALL).filter((grant) => grant.who === who);
    expect(allowed(DEPLOYMENT)[who].flatMap(permissionLines).sort()).toEqual(
      has.flatMap(permissionLines).sort(),
    );
  });
});

describe('the federation', () => {
  test('lets each account be reached by its own subject, exactly', () => {
    const bound = [...ALL].filter(([, { role }]) => role === 'roles/iam.workloadIdentityUser');
    expect(
      Object.fromEntries(bound.map(([address, { member: is }]) => [address.split('_').at(-1), is])),
    ).toEqual(Object.fromEntries(Object.keys(subjects(DEPLOYMENT)).map((name) => [name, subject(name)])));
  });

  test('makes neither pool nor accounts for workflows where no repository is named', () => {
    const none = [...synth({ ...DEPLOYMENT, github: {} }).keys()];
    expect(none.filter((address) => /workload|deployer|submitter|planner|rollback/.test(address))).toEqual(
      [],
    );
    expect(none).toContain('google_service_account.runtime');
    expect(none).toContain('google_service_account.builder');
  });
});

interface Job {
  readonly environment?: string;
  readonly steps?: readonly { readonly uses?: string; readonly with?: { readonly account?: string } }[];
}

/** Every job of the workflows that becomes an account, and the `sub` that GitHub gives it. */
function jobsWithAccounts(): { where: string; account: string; subject: string; events: string[] }[] {
  return readdirSync('.github/workflows').flatMap((file) => {
    const { on, jobs } = parseYaml(readFileSync(`.github/workflows/${file}`, 'utf8')) as {
      on: object;
      jobs: Record<string, Job>;
    };
    return Object.entries(jobs).flatMap(([name, { environment, steps = [] }]) => {
      const place = environment?.replace(/\$\{\{ (inputs|matrix)\.deployment \}\}/, DEPLOYMENT.name);
      const event = 'pull_request' in on ? 'pull_request' : 'ref:refs/heads/main';
      const subject = `repo:example/ocr:${place === undefined ? event : `environment:${place}`}`;
      return steps
        .filter(({ uses }) => uses === './.github/actions/cloud')
        .map((step) => ({
          where: `${file}: ${name}`,
          account: step.with!.account!,
          subject,
          // A called workflow has the event of its caller, which calls with accounts of its own or is in this list.
          events: Object.keys(on).filter((event) => event !== 'workflow_call'),
        }));
    });
  });
}

describe('jobsWithAccounts', () => {
  const all = identities(DEPLOYMENT);

  test.each(jobsWithAccounts())('$where becomes $account, which its sub is bound to', (job) => {
    const identity = all.find(({ accountId }) => accountId === `lightonocr-${job.account}`)!;
    expect(identity.subject).toBe(job.subject);
    expect(identity.usedBy.split('; ')).toContain(job.where);
  });

  test('are let in by the events that start them', () => {
    const { attribute_condition: condition } = ALL.get('google_iam_workload_identity_pool_provider.github')!;
    const started = new Set(jobsWithAccounts().flatMap(({ events }) => events));
    expect([...started].sort()).toEqual(['pull_request', 'schedule', 'workflow_dispatch']);
    for (const event of [...started, 'push']) expect(condition).toContain(`event_name == '${event}'`);
  });

  test('there is one for every account that a workflow may become, and for nothing else that it is said to be for', () => {
    const said = all.filter(({ subject }) => subject).flatMap(({ usedBy }) => usedBy.split('; '));
    expect(said.sort()).toEqual(
      jobsWithAccounts()
        .map(({ where }) => where)
        .sort(),
    );
  });
});
