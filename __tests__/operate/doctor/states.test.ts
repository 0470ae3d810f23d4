import type { Deployment } from '../../../domain/deployment';
import { Failure } from '../../../domain/failure';
import type { CheckId, Finding, FindingState } from '../../../domain/finding';
import { FEDERATION_POOL } from '../../../domain/identity/federation';
import { identities } from '../../../domain/identity/identities';
import { bucketName, imageName, servicePath } from '../../../domain/names';
import { doctor, type DoctorOptions } from '../../../operate/doctor';
import type { ReleaseContext } from '../../../release/ports/context';
import { ApiError } from '../../../release/adapters/google/googleApi';
import { type Engine, openEngine, type Released } from '../../release/engine/engine';
import { applyPlatform, control, type Control, type Values } from './platform';

let engine: Engine;
let send: Control;
let released: { a: Released; b: Released };
let deployment: Deployment;
beforeAll(async () => {
  engine = await openEngine();
  ({ deployment } = engine);
  released = await engine.twoReleases();
  await applyPlatform(engine.run('person'));
  send = control(engine.run('person'));
});
afterAll(() => engine.stop());
afterEach(() => engine.cloud.access.restore());

/** What a check finds that is not `ok`. */
async function found(
  check: CheckId,
  options: DoctorOptions = {},
  change?: (context: ReleaseContext) => Partial<ReleaseContext>,
): Promise<Finding[]> {
  const findings = await doctor(engine.run('person', change), { only: [check], ...options });
  return findings.filter(({ state }) => state !== 'ok');
}
const only = async (findings: Promise<Finding[]>): Promise<Finding> => {
  const all = await findings;
  expect(all).toHaveLength(1);
  return all[0]!;
};

const projectPath = () => `/v1/projects/${deployment.project}`;
const api = (name: string, verb: 'enable' | 'disable') =>
  send('serviceusage', 'POST', `${projectPath()}/services/${name}.googleapis.com:${verb}`, {});
const withDeployment = (change: object) => () => ({ deployment: { ...deployment, ...change } });
const accountPath = (id: string) =>
  `${projectPath()}/serviceAccounts/${id}@${deployment.project}.iam.gserviceaccount.com`;
const poolPath = () => `${projectPath()}/locations/global/workloadIdentityPools/${FEDERATION_POOL}`;
const repositoryPath = () => `${projectPath()}/locations/${deployment.region}/repositories/loan-repo`;
const bucketPath = (bucket: 'state' | 'ledger' | 'logs') => `/storage/v1/b/${bucketName(deployment, bucket)}`;

/** Changes a resource, lets something happen, and puts it back as it was. */
async function changed<T>(path: string, change: object, then: () => Promise<T>, query = ''): Promise<T> {
  const before = await send('iam', 'GET', path);
  await send('iam', 'PATCH', `${path}${query}`, change);
  try {
    return await then();
  } finally {
    await send('iam', 'PATCH', path, { ...before, updateMask: undefined });
  }
}

type Place = 'project' | 'service' | 'runtime' | 'deployer';
/** The same for an IAM policy. */
async function withPolicy<T>(
  on: Place,
  edit: (bindings: Values[]) => Values[],
  then: () => Promise<T>,
): Promise<T> {
  const path = {
    project: projectPath(),
    service: `/v2/${servicePath(deployment)}`,
    runtime: accountPath('lightonocr-gpu'),
    deployer: accountPath('lightonocr-deployer'),
  }[on];
  const read = () =>
    send('iam', on === 'service' ? 'GET' : 'POST', `${path}:getIamPolicy`, on === 'service' ? undefined : {});
  const write = async (bindings: Values[]) =>
    send('iam', 'POST', `${path}:setIamPolicy`, { policy: { ...(await read()), bindings } });
  const before = ((await read()).bindings ?? []) as Values[];
  await write(edit(before));
  try {
    return await then();
  } finally {
    await write(before);
  }
}
const without = (role: string, member: string) => (bindings: Values[]) =>
  bindings.filter((binding) => !(binding.role.endsWith(role) && binding.members[0].includes(member)));

describe('a check that is refused is no pass: it says which permission or API is missing', () => {
  test.each<[check: CheckId, permission: string, count: number]>([
    ['project', 'resourcemanager.projects.get', 1],
    ['apis', 'serviceusage.services.list', 1],
    ['quota', 'cloudquotas.quotas.get', 3],
    ['buckets', 'storage.buckets.get', 5],
    ['images', 'artifactregistry.repositories.get', 1],
    ['images', 'artifactregistry.versions.get', 1],
    ['identities', 'iam.serviceAccounts.get', 7],
    ['identities', 'iam.roles.get', 1],
    ['federation', 'iam.workloadIdentityPoolProviders.get', 1],
    ['federation', 'iam.workloadIdentityPoolProviders.list', 1],
    ['service', 'run.services.get', 1],
    ['service', 'run.services.getIamPolicy', 1],
    ['traffic', 'storage.objects.get', 1],
    ['alerts', 'monitoring.alertPolicies.list', 1],
  ])('%s without %s', async (check, permission, count) => {
    engine.cloud.access.withhold(permission);
    const findings = await found(check);
    expect(findings.map(({ state }) => state)).toEqual(Array<FindingState>(count).fill('cannot tell'));
    for (const { saw, mend } of findings) {
      expect(saw).toContain(permission);
      expect(mend).toMatch(/\S/);
    }
  });

  test.each<[check: CheckId, api: string]>([
    ['project', 'cloudresourcemanager'],
    ['caller', 'cloudresourcemanager'],
    ['images', 'artifactregistry'],
    ['federation', 'iam'],
    ['service', 'run'],
    ['alerts', 'monitoring'],
  ])('%s with %s off', async (check, name) => {
    await api(name, 'disable');
    const findings = await found(check);
    await api(name, 'enable');
    const told = findings.filter(({ saw }) => saw.includes(`${name}.googleapis.com is off`));
    expect(told.length).toBeGreaterThan(0);
    for (const { state, mend } of told)
      expect([state, mend]).toEqual([
        'cannot tell',
        `gcloud services enable ${name}.googleapis.com --project ${deployment.project}`,
      ]);
  });

  test('a policy that one may not read leaves its grants untold, and nothing else', async () => {
    engine.cloud.access.withhold('resourcemanager.projects.getIamPolicy');
    const findings = await found('identities');
    expect(new Set(findings.map(({ state }) => state))).toEqual(new Set(['cannot tell']));
    expect(
      findings.every(({ subject }) => subject.includes('on project') || subject.includes('on the project')),
    ).toBe(true);
  });
});

describe('project, apis', () => {
  test('a project that is being deleted', async () => {
    await send('cloudresourcemanager', 'DELETE', projectPath());
    const finding = await only(found('project'));
    await send('cloudresourcemanager', 'POST', `${projectPath()}:undelete`, {});
    expect(finding).toMatchObject({ state: 'wrong', mend: `gcloud projects undelete ${deployment.project}` });
  });

  test('an API that is off, by name', async () => {
    await api('sts', 'disable');
    const finding = await only(found('apis'));
    await api('sts', 'enable');
    expect(finding).toMatchObject({
      state: 'wrong',
      saw: 'off: sts.googleapis.com',
      mend: `gcloud services enable sts.googleapis.com --project ${deployment.project}`,
    });
  });
});

describe('caller', () => {
  test.each<[as: 'person' | 'deployer' | 'rollback', permission: string, where: string, mend: RegExp]>([
    ['person', 'run.services.update', 'person on project', /roles\/owner/],
    ['person', 'run.routes.invoke', 'person on service', /access\.invokers/],
    ['deployer', 'run.services.create', 'deployer on project', /bootstrap rehearsal --run foundation/],
    ['deployer', 'run.routes.invoke', 'deployer on service', /bootstrap rehearsal --run access/],
    ['rollback', 'iam.serviceAccounts.actAs', 'rollback on account runtime', /--run foundation/],
    ['deployer', 'artifactregistry.tags.get', 'deployer on repository loan-repo', /--run foundation/],
    ['deployer', 'storage.objects.delete', 'deployer on bucket ledger', /--run foundation/],
  ])('%s without %s', async (as, permission, subject, mend) => {
    engine.cloud.access.withhold(permission);
    const wrong = (await found('caller', { as })).find((finding) => finding.subject === subject);
    expect(wrong).toMatchObject({
      state: 'wrong',
      saw: `missing: ${permission}`,
      mend: expect.stringMatching(mend),
    });
  });

  test('a grant under a condition cannot be asked for', async () => {
    const finding = await only(found('caller', { as: 'deployer' }));
    expect(finding).toMatchObject({
      state: 'cannot tell',
      subject: 'deployer on bucket state, only service-stack',
    });
  });

  test('a role that needs less is asked for less', async () => {
    engine.cloud.access.withhold('run.services.create');
    expect(await found('caller', { as: 'rollback' })).toEqual([]);
  });

  test.each([
    ['logging.logEntries.list', 'roles/logging.viewer'],
    ['containeranalysis.occurrences.list', 'roles/containeranalysis.occurrences.viewer'],
    ['cloudquotas.quotas.update', 'roles/cloudquotas.admin'],
  ])(
    'whoever releases and is on call without %s is told of %s, not of an owner’s role',
    async (permission, role) => {
      engine.cloud.access.withhold(permission);
      expect(await only(found('caller'))).toMatchObject({
        subject: 'person on project, to be on call',
        state: 'wrong',
        saw: `missing: ${permission}`,
        mend: `as an owner: gcloud projects add-iam-policy-binding ${deployment.project} --member="user:$(gcloud config get-value account)" --role=${role}`,
      });
    },
  );

  test('credentials without an identity token', async () => {
    const refusal = {
      code: 'NO_IDENTITY_TOKEN',
      message: 'none',
      where: 'x',
      remedy: 'export it',
      exitCode: 2,
    } as const;
    const identityToken = async () => Promise.reject(new Failure(refusal));
    const finding = await only(found('caller', {}, () => ({ identityToken })));
    expect(finding).toMatchObject({ subject: 'identity token', state: 'wrong', mend: 'export it' });
  });
});

describe('region, quota', () => {
  test.each<[region: string, state: FindingState]>([
    ['asia-south1', 'cannot tell'],
    ['europe-north1', 'wrong'],
  ])('%s', async (region, state) => {
    expect(await only(found('region', {}, withDeployment({ region })))).toMatchObject({ state });
  });

  test.each<[instances: number, state: FindingState]>([
    [2, 'cannot tell'], // 32 of 40 GiB, and a candidate beside it 64
    [3, 'wrong'],
  ])('%d instances', async (maxInstances, state) => {
    const scaling = { ...deployment.scaling, maxInstances };
    const findings = await found('quota', {}, withDeployment({ scaling }));
    expect(findings.find(({ subject }) => subject.includes('MemAlloc'))).toMatchObject({
      state,
      mend: 'bin/lightonocr quota rehearsal --request --email "$(gcloud config get-value account)"',
    });
  });
});

describe('quota, with no L4 in the region', () => {
  const call = (context: ReleaseContext, service: () => Promise<never> | undefined): ReleaseContext['call'] =>
    (async (api: 'cloudquotas', request: { path: string }) => {
      if (request.path.endsWith('/NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion'))
        return { data: { dimensionsInfos: [{ applicableLocations: [deployment.region] }] } };
      return (request.path.endsWith(servicePath(deployment)) && service()) || context.call(api, request);
    }) as never;
  const missing = () =>
    Promise.reject(new ApiError(404, 'not found', { where: 'the service', remedy: 'none' }));

  test.each<[what: string, service: () => Promise<never> | undefined, state: FindingState]>([
    ['before the first deploy: it may bring some', missing, 'cannot tell'],
    ['with the service there', () => undefined, 'wrong'],
  ])('%s', async (_what, service, state) => {
    const findings = await found('quota', {}, (context) => ({ call: call(context, service) }));
    expect(findings.find(({ subject }) => subject.includes('NvidiaL4'))).toMatchObject({
      state,
      mend: 'bin/lightonocr quota rehearsal --request --email "$(gcloud config get-value account)"',
    });
  });
});

describe('buckets', () => {
  test.each<[what: string, change: object, saw: string, flag: string]>([
    ['versions', { versioning: { enabled: false } }, 'keeps no old versions', '--versioning'],
    [
      'ACLs',
      { iamConfiguration: { uniformBucketLevelAccess: { enabled: false } } },
      'has ACLs beside IAM',
      '--uniform-bucket-level-access',
    ],
    [
      'the public',
      { iamConfiguration: { publicAccessPrevention: 'inherited' } },
      'may be opened to the public',
      '--public-access-prevention',
    ],
  ])('%s', async (_what, change, saw, flag) => {
    const path = bucketPath('ledger');
    const { versioning, iamConfiguration } = await send('storage', 'GET', path);
    await send('storage', 'PATCH', path, change);
    const finding = await only(found('buckets'));
    await send('storage', 'PATCH', path, { versioning, iamConfiguration });
    const name = bucketName(deployment, 'ledger');
    expect(finding).toMatchObject({
      subject: 'bucket ledger',
      state: 'wrong',
      saw: `gs://${name} ${saw}`,
      mend: `gcloud storage buckets update gs://${name} ${flag}`,
    });
  });

  test('logs need no versions', async () => {
    await send('storage', 'PATCH', bucketPath('logs'), { versioning: { enabled: false } });
    expect(await found('buckets')).toEqual([]);
  });

  test('one that is gone after a release', async () => {
    const path = bucketPath('state');
    const before = await send('storage', 'GET', path);
    const { bindings } = await send('storage', 'GET', `${path}/iam`);
    await send('storage', 'DELETE', path);
    const finding = await only(found('buckets'));
    await send('storage', 'POST', '/storage/v1/b', before);
    await send('storage', 'PUT', `${path}/iam`, { bindings }); // grants go with their bucket
    expect(finding).toMatchObject({
      state: 'wrong',
      mend: 'bin/lightonocr bootstrap rehearsal --run foundation',
    });
  });
});

describe('images', () => {
  test('a commit that was not built', async () => {
    const sha = 'f'.repeat(40);
    expect(await only(found('images', { sha }))).toMatchObject({
      state: 'not yet',
      subject: 'image of fffffff',
      mend: `bin/lightonocr build rehearsal --sha ${sha}`,
    });
  });

  test('a commit that was', async () => {
    expect(await found('images', { sha: released.a.sha })).toEqual([]);
  });

  test('the image that serves is gone', async () => {
    const [serving] = engine.cloud.run.revisions(deployment.service).slice(-1) as Values[];
    const reference = serving!.containers[0].image as string;
    const image = engine.cloud.registry.find(reference)!;
    await send(
      'artifactregistry',
      'DELETE',
      `${repositoryPath()}/packages/lightonocr-gpu/versions/${image.digest}?force=true`,
    );
    const finding = await only(found('images'));
    engine.cloud.registry.push({ ...image, name: imageName(deployment), tags: [] });
    expect(finding).toMatchObject({
      state: 'wrong',
      saw: expect.stringContaining(`${image.digest} is gone`),
    });
  });

  test('a repository of another format', async () => {
    const finding = await changed(repositoryPath(), { format: 'NPM' }, () => only(found('images')));
    expect(finding).toMatchObject({ state: 'wrong', saw: 'holds NPM, not DOCKER' });
  });
});

describe('identities', () => {
  const foundation = 'bin/lightonocr bootstrap rehearsal --run foundation';

  test('a grant that is gone, with the permissions that go with it', async () => {
    const edit = without('lightonocrServiceDeployer', 'lightonocr-deployer');
    expect(await withPolicy('project', edit, () => only(found('identities')))).toMatchObject({
      subject: 'account lightonocr-deployer, serviceDeployer on project',
      state: 'wrong',
      saw: expect.stringContaining('run.services.update'),
      mend: foundation,
    });
  });

  test('a grant whose condition is another', async () => {
    const edit = (bindings: Values[]) =>
      bindings.map((binding) =>
        binding.condition ? { ...binding, condition: { expression: 'true' } } : binding,
      );
    expect(await withPolicy('project', edit, () => only(found('identities')))).toMatchObject({
      subject: 'account lightonocr-builder, objectReader on project, only gcloud-sources',
      state: 'wrong',
    });
  });

  test('the call of the service, which the access stack grants', async () => {
    const edit = without('run.invoker', 'lightonocr-rollback');
    expect(await withPolicy('service', edit, () => only(found('identities')))).toMatchObject({
      state: 'wrong',
      mend: 'bin/lightonocr bootstrap rehearsal --run access',
    });
  });

  test('a role that the guide gives the runtime account on the whole project', async () => {
    const member = `serviceAccount:lightonocr-gpu@${deployment.project}.iam.gserviceaccount.com`;
    const edit = (bindings: Values[]) => [...bindings, { role: 'roles/run.invoker', members: [member] }];
    expect(await withPolicy('project', edit, () => only(found('identities')))).toMatchObject({
      state: 'wrong',
      saw: 'has more than it needs: roles/run.invoker',
      mend: `gcloud projects remove-iam-policy-binding ${deployment.project} --member=${member} --role=roles/run.invoker --all`,
    });
  });

  test('nobody, and somebody else, may become an account', async () => {
    const none = await withPolicy('deployer', without('workloadIdentityUser', 'subject'), () =>
      only(found('identities')),
    );
    expect(none).toMatchObject({ state: 'wrong', saw: expect.stringMatching(/^no workflow with repo:/) });
    const elsewhere = `//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/${FEDERATION_POOL}`;
    const subject = identities(deployment).find(({ name }) => name === 'deployer')!.subject;
    // All of a pool; and the very subject, in a pool of the same name in somebody else's project.
    for (const member of [`principalSet:${elsewhere}/*`, `principal:${elsewhere}/subject/${subject}`]) {
      const more = (bindings: Values[]) => [
        ...bindings,
        { role: 'roles/iam.workloadIdentityUser', members: [member] },
      ];
      expect(await withPolicy('deployer', more, () => only(found('identities')))).toMatchObject({
        state: 'wrong',
        saw: `others may become it too: ${member}`,
      });
    }
  });

  test('an account that is disabled', async () => {
    await send('iam', 'POST', `${accountPath('lightonocr-rollback')}:disable`, {});
    const finding = await only(found('identities'));
    await send('iam', 'POST', `${accountPath('lightonocr-rollback')}:enable`, {});
    expect(finding).toMatchObject({
      state: 'wrong',
      mend: expect.stringMatching(/^gcloud iam service-accounts enable /),
    });
  });

  test('a role that lacks a permission, and one that is deleted', async () => {
    const role = `${projectPath()}/roles/lightonocrActAs`;
    const lacks = await changed(role, { includedPermissions: [] }, () => only(found('identities')));
    expect(lacks).toMatchObject({
      state: 'wrong',
      saw: 'actAs lacks iam.serviceAccounts.actAs',
      mend: foundation,
    });
    await send('iam', 'DELETE', role);
    const deleted = await only(found('identities'));
    await send('iam', 'POST', `${role}:undelete`, {});
    expect(deleted).toMatchObject({ state: 'wrong', saw: 'actAs is deleted' });
  });
});

describe('federation', () => {
  const OURS = `/providers/${FEDERATION_POOL}`;
  test.each<[what: string, part: string, change: object, saw: RegExp]>([
    ['a pool that is disabled', '', { disabled: true }, /is disabled/],
    ['a provider that is disabled', OURS, { disabled: true }, /is disabled/],
    [
      'another condition',
      OURS,
      { attributeCondition: "assertion.repository == 'other/one'" },
      /lets in assertion\.repository == 'other\/one' instead of /,
    ],
    ['another mapping', OURS, { attributeMapping: { 'google.subject': 'assertion.actor' } }, /maps /],
    ['another issuer', OURS, { oidc: { issuerUri: 'https://x' } }, /believes https:\/\/x instead/],
  ])('%s', async (_what, part, change, saw) => {
    const after = { disabled: false };
    const finding = await changed(`${poolPath()}${part}`, change, () => only(found('federation')));
    await send('iam', 'PATCH', `${poolPath()}${part}`, after);
    expect(finding).toMatchObject({ state: 'wrong', saw: expect.stringMatching(saw) });
  });

  test.each(['', OURS])('what is deleted can be brought back: %s', async (part) => {
    await send('iam', 'DELETE', `${poolPath()}${part}`);
    const finding = await only(found('federation'));
    await send('iam', 'POST', `${poolPath()}${part}:undelete`, {});
    expect(finding).toMatchObject({
      state: 'wrong',
      mend: expect.stringContaining(`undelete ${FEDERATION_POOL}`),
    });
    expect(await found('federation')).toEqual([]);
  });

  test('another provider of the pool, which may let in the subject that the deployer is bound to; one that is deleted lets nobody in', async () => {
    const providers = `${poolPath()}/providers`;
    await send('iam', 'POST', `${providers}?workloadIdentityPoolProviderId=other-repo`, {
      attributeMapping: { 'google.subject': 'assertion.sub' },
      oidc: { issuerUri: 'https://token.actions.githubusercontent.com' },
    });
    const finding = await only(found('federation'));
    await send('iam', 'DELETE', `${providers}/other-repo`);
    expect(finding).toMatchObject({
      state: 'wrong',
      subject: 'federation, provider other-repo',
      mend: `gcloud iam workload-identity-pools providers delete other-repo --workload-identity-pool ${FEDERATION_POOL} --location global --project ${deployment.project}`,
    });
    expect(await found('federation')).toEqual([]);
  });

  test('is nothing to look at without a repository', async () => {
    const findings = await doctor(engine.run('person', withDeployment({ github: {} })), {
      only: ['federation'],
    });
    expect(findings).toEqual([]);
  });
});

describe('alerts', () => {
  const policies = async () =>
    (await send('monitoring', 'GET', `/v3/projects/${deployment.project}/alertPolicies`))
      .alertPolicies as Values[];

  test.each<[what: string, change: object, saw: RegExp]>([
    ['one that is switched off', { enabled: false }, /^switched off: lightonocr-gpu \(rehearsal\): /],
    ['one that reaches nobody', { notificationChannels: [] }, /^reach nobody: /],
    ['one that is gone', { displayName: 'another' }, /^missing: lightonocr-gpu \(rehearsal\): /],
  ])('%s', async (_what, change, saw) => {
    const [policy] = await policies();
    const finding = await changed(`/v3/${policy!.name}`, change, () => only(found('alerts')));
    expect(finding).toMatchObject({
      state: 'wrong',
      saw: expect.stringMatching(saw),
      mend: 'bin/lightonocr bootstrap rehearsal --run observability',
    });
  });

  test('none at all: the last step has not been done', async () => {
    const before = await policies();
    for (const { name } of before) await send('monitoring', 'DELETE', `/v3/${name}`);
    const finding = await only(found('alerts'));
    for (const policy of before)
      await send('monitoring', 'POST', `/v3/projects/${deployment.project}/alertPolicies`, policy);
    expect(finding).toMatchObject({ state: 'not yet', saw: 'none of 7 are there' });
  });

  test('says that nobody is told where nobody is named', async () => {
    const notifications = { emails: [], webhooks: [] };
    const findings = await doctor(engine.run('person', withDeployment({ notifications })), {
      only: ['alerts'],
    });
    expect(findings).toMatchObject([{ state: 'ok', saw: '7 of 7; seen in the console alone' }]);
  });
});
