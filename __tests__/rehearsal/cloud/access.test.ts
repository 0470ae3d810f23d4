import { type Json, LOCATION, type Rig, startRig } from './harness';

const REPOSITORY = `/v1/${LOCATION}/repositories/loan-repo`;
const ACCOUNT = '/v1/projects/p/serviceAccounts/a-b-c-d@p.iam.gserviceaccount.com';

describe('access', () => {
  let rig: Rig;
  const reasonOf = ({ json }: { json: Json }) => json.error?.details?.[0]?.reason;
  beforeAll(async () => {
    rig = await startRig({ buckets: ['bucket-a'] });
    await rig.deploy('a');
    await rig.call('POST', `/v1/${LOCATION}/repositories?repository_id=loan-repo`, {});
    await rig.call('POST', '/v1/projects/p/serviceAccounts', { accountId: 'a-b-c-d', serviceAccount: {} });
  });
  afterAll(() => rig.cloud.stop());
  afterEach(() => rig.cloud.access.restore());

  test.each([
    ['GET', '/v1/projects/p', 'resourcemanager.projects.get'],
    ['POST', '/v1/projects/p:getIamPolicy', 'resourcemanager.projects.getIamPolicy'],
    ['GET', '/v1/projects/p/services?filter=state:ENABLED', 'serviceusage.services.list'],
    ['GET', '/v1/projects/p/services/run.googleapis.com', 'serviceusage.services.get'],
    ['GET', `/v2/${LOCATION}/services/s`, 'run.services.get'],
    ['GET', `/v2/${LOCATION}/services/s:getIamPolicy`, 'run.services.getIamPolicy'],
    ['GET', `/v2/${LOCATION}/services/s/revisions`, 'run.revisions.list'],
    ['PATCH', `/v2/${LOCATION}/services/s?updateMask=traffic`, 'run.services.update'],
    ['GET', REPOSITORY, 'artifactregistry.repositories.get'],
    ['GET', `${REPOSITORY}/packages/lightonocr-gpu/tags/t`, 'artifactregistry.tags.get'],
    ['GET', `${REPOSITORY}/packages/lightonocr-gpu/versions/DIGEST`, 'artifactregistry.versions.get'],
    ['POST', '/v2/entries:list', 'logging.logEntries.list'],
    ['GET', '/v1/projects/p/occurrences', 'containeranalysis.occurrences.list'],
    ['GET', ACCOUNT, 'iam.serviceAccounts.get'],
    ['POST', `${ACCOUNT}:getIamPolicy`, 'iam.serviceAccounts.getIamPolicy'],
    ['GET', '/v3/projects/p/alertPolicies', 'monitoring.alertPolicies.list'],
    [
      'GET',
      '/v1/projects/p/locations/global/services/run.googleapis.com/quotaInfos/CpuAllocPerProjectRegion',
      'cloudquotas.quotas.get',
    ],
  ])('%s %s is a 403 of its own once %s is withheld', async (method, template, permission) => {
    const path = template.replace('DIGEST', rig.digest);
    rig.cloud.access.withhold(permission);
    const refused = await rig.call(method, path, method === 'GET' ? undefined : {});
    expect(refused.status).toBe(403);
    expect(refused.json.error).toMatchObject({
      status: 'PERMISSION_DENIED',
      message: expect.stringContaining(`Permission '${permission}' denied on resource`),
      details: [{ reason: 'IAM_PERMISSION_DENIED', metadata: { permission } }],
    });
    rig.cloud.access.restore(permission);
    if (method === 'GET') expect((await rig.call(method, path)).status).toBe(200);
  });

  test.each([
    ['/storage/v1/b/bucket-a', 'storage.buckets.get'],
    ['/storage/v1/b/bucket-a/iam', 'storage.buckets.getIamPolicy'],
    ['/storage/v1/b/bucket-a/o', 'storage.objects.list'],
    ['/storage/v1/b/bucket-a/o/x?alt=media', 'storage.objects.get'],
  ])('%s needs %s, and the refusal has no details', async (path, permission) => {
    rig.cloud.access.withhold(permission);
    const { status, json } = await rig.call('GET', path);
    expect([status, json.error.details]).toEqual([403, undefined]);
    expect(json.error.message).toContain(permission);
  });

  test.each([
    ['the project', '/v1/projects/p'],
    ['a service', `/v2/${LOCATION}/services/s`],
    ['a repository', REPOSITORY],
    ['an account', ACCOUNT],
  ])('testIamPermissions on %s answers those that one has', async (_where, path) => {
    rig.cloud.access.withhold('x.y.b');
    const ask = (permissions: string[]) => rig.call('POST', `${path}:testIamPermissions`, { permissions });
    expect((await ask(['x.y.a', 'x.y.b'])).json).toEqual({ permissions: ['x.y.a'] });
    expect((await ask(['x.y.b'])).json).toEqual({});
  });

  test('a bucket answers by its own path, with the permissions in the query', async () => {
    rig.cloud.access.withhold('storage.objects.get');
    const path = '/storage/v1/b/bucket-a/iam/testPermissions';
    const query = 'permissions=storage.objects.get&permissions=storage.objects.list';
    expect((await rig.call('GET', `${path}?${query}`)).json.permissions).toEqual(['storage.objects.list']);
    expect((await rig.call('GET', `${path.replace('bucket-a', 'bucket-b')}?${query}`)).status).toBe(404);
  });

  test('asking about what is not there is a 404', async () => {
    const permissions = ['run.services.get'];
    const path = `/v2/${LOCATION}/services/none:testIamPermissions`;
    expect((await rig.call('POST', path, { permissions })).status).toBe(404);
  });

  test('an API that was switched off refuses all of its calls, and no other’s, until it is on again', async () => {
    const api = '/v1/projects/p/services/run.googleapis.com';
    await rig.call('POST', `${api}:enable`, {});
    await rig.call('POST', `${api}:disable`, {});
    expect((await rig.call('GET', api)).json.state).toBe('DISABLED');
    const refused = await rig.call('GET', `/v2/${LOCATION}/services/s`);
    expect([refused.status, reasonOf(refused)]).toEqual([403, 'SERVICE_DISABLED']);
    expect(refused.json.error.details[0].metadata.service).toBe('run.googleapis.com');
    expect((await rig.call('GET', REPOSITORY)).status).toBe(200);
    await rig.call('POST', `${api}:enable`, {});
    expect((await rig.call('GET', `/v2/${LOCATION}/services/s`)).status).toBe(200);
  });
});
