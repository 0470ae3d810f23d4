import { type Rig, startRig } from './harness';

const REPOSITORIES = '/v1/projects/p/locations/us-central1/repositories';

describe('resourceStore', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ buckets: ['state'] });
  });
  afterAll(() => rig.cloud.stop());
  const call = (method: string, path: string, body?: unknown) => rig.call(method, path, body);

  it('creates under the id in the query, and answers with an operation that has ended', async () => {
    const { json } = await call('POST', `${REPOSITORIES}?repository_id=a`, { format: 'DOCKER' });
    expect(json).toMatchObject({
      done: true,
      response: { name: REPOSITORIES.slice(4) + '/a', format: 'DOCKER' },
    });
    expect((await call('GET', `${REPOSITORIES}/a`)).json).toMatchObject({ format: 'DOCKER' });
    expect((await call('GET', REPOSITORIES)).json.repositories).toHaveLength(1);
    expect((await call('POST', `${REPOSITORIES}?repository_id=a`, {})).status).toBe(409);
    expect(rig.cloud.resources()).toContain(`${REPOSITORIES.slice(4)}/a`);
  });

  it('rejects a create without its id', async () => {
    expect((await call('POST', REPOSITORIES, {})).json.error).toMatchObject({ status: 'INVALID_ARGUMENT' });
  });

  it('names an account by its e-mail, and numbers what names nothing', async () => {
    const account = { accountId: 'runtime', serviceAccount: { displayName: 'x' } };
    const { json } = await call('POST', '/v1/projects/p/serviceAccounts', account);
    expect(json).toMatchObject({
      email: 'runtime@p.iam.gserviceaccount.com',
      displayName: 'x',
      projectId: 'p',
    });
    const names = await Promise.all(
      [1, 2].map(async () => (await call('POST', '/v3/projects/p/alertPolicies', {})).json.name as string),
    );
    expect(new Set(names).size).toBe(2);
  });

  it('patches only what the mask names; what the mask names and is not sent is gone', async () => {
    await call('POST', `${REPOSITORIES}?repository_id=b`, {
      format: 'DOCKER',
      description: 'old',
      labels: { a: 'b' },
    });
    const sent = { format: 'NPM', dockerConfig: { immutableTags: true } };
    const mask = 'description,docker_config.immutable_tags';
    const { json } = await call('PATCH', `${REPOSITORIES}/b?updateMask=${mask}`, sent);
    expect(json.response).toMatchObject({
      format: 'DOCKER',
      labels: { a: 'b' },
      dockerConfig: { immutableTags: true },
    });
    expect(json.response).not.toHaveProperty('description');
  });

  it('deletes a resource with what is inside it, and knows it no more', async () => {
    const pools = '/v1/projects/p/locations/global/workloadIdentityPools';
    await call('POST', `${pools}?workloadIdentityPoolId=github`, {});
    await call('POST', `${pools}/github/providers?workloadIdentityPoolProviderId=github`, {});
    expect((await call('GET', `${pools}/github/providers/github`)).json.state).toBe('ACTIVE');
    expect((await call('DELETE', `${pools}/github`)).json.done).toBe(true);
    expect((await call('GET', `${pools}/github/providers/github`)).status).toBe(404);
    expect((await call('DELETE', `${pools}/github`)).status).toBe(404);
  });

  it.each([
    { of: 'a project', get: 'POST /v1/projects/p:getIamPolicy', set: 'POST /v1/projects/p:setIamPolicy' },
    { of: 'a bucket', get: 'GET /storage/v1/b/state/iam', set: 'PUT /storage/v1/b/state/iam' },
  ])('keeps the policy of $of: the second of two that read the same one is refused', async ({ get, set }) => {
    const ask = (request: string, body?: unknown) =>
      call(request.split(' ')[0]!, request.split(' ')[1]!, body);
    const { etag } = (await ask(get)).json;
    const policy = { etag, bindings: [{ role: 'roles/viewer', members: ['user:a@b.c'] }] };
    const body = set.startsWith('PUT') ? policy : { policy };
    expect((await ask(set, body)).status).toBe(200);
    expect((await ask(set, body)).status).toBe(409);
    expect((await ask(get)).json.bindings).toHaveLength(1);
  });

  it('enables APIs together and lists what is enabled', async () => {
    const serviceIds = ['run.googleapis.com', 'iam.googleapis.com'];
    expect((await call('GET', '/v1/projects/q/services?filter=state:ENABLED')).json.services).toEqual([]);
    await call('POST', '/v1/projects/q/services:batchEnable', { serviceIds });
    const { json } = await call('GET', '/v1/projects/q/services?filter=state:ENABLED');
    expect(json.services.map(({ config }: { config: { name: string } }) => config.name)).toEqual(serviceIds);
    expect((await call('GET', '/v1/projects/q/services/storage.googleapis.com')).json.state).toBe('DISABLED');
  });

  it('changes, lists and deletes buckets; one that holds objects stays', async () => {
    await call('POST', '/storage/v1/b', {
      name: 'plans',
      location: 'us-central1',
      lifecycle: { rule: [{}] },
    });
    const patch = { versioning: { enabled: true }, lifecycle: null };
    const { json } = await call('PATCH', '/storage/v1/b/plans', patch);
    expect(json).toMatchObject({
      location: 'US-CENTRAL1',
      versioning: { enabled: true },
      metageneration: '2',
    });
    expect(json).not.toHaveProperty('lifecycle');
    await call('POST', '/upload/storage/v1/b/plans/o?uploadType=media&name=a/b', 'x');
    expect((await call('DELETE', '/storage/v1/b/plans')).status).toBe(409);
    expect((await call('GET', '/storage/v1/b/plans/o?delimiter=/')).json).toEqual({
      prefixes: ['a/'],
      items: [],
    });
    await call('DELETE', `/storage/v1/b/plans/o/${encodeURIComponent('a/b')}`);
    expect((await call('GET', '/storage/v1/b/plans/anywhereCaches/')).json).toEqual({ items: [] });
    expect((await call('DELETE', '/storage/v1/b/plans')).status).toBe(200);
    expect((await call('GET', '/storage/v1/b')).json.items).toHaveLength(1);
  });

  it('leaves what it does not know a 404 that says so', async () => {
    for (const path of ['/v1/projects/p/topics/t', '/v9/x', '/nobucket/a/b']) {
      const { status, json } = await call('GET', path);
      expect([status, json.error.message]).toEqual([404, `The local cloud has no method GET ${path}.`]);
    }
  });
});
