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

  it('deletes a resource, and knows it no more', async () => {
    await call('POST', `${REPOSITORIES}?repository_id=c`, {});
    expect((await call('DELETE', `${REPOSITORIES}/c`)).json.done).toBe(true);
    expect((await call('GET', `${REPOSITORIES}/c`)).status).toBe(404);
    expect((await call('DELETE', `${REPOSITORIES}/c`)).status).toBe(404);
  });

  it('keeps what Google keeps after a delete, its id with it, until it is brought back', async () => {
    const pools = '/v1/projects/p/locations/global/workloadIdentityPools';
    const pool = `${pools}?workloadIdentityPoolId=github`;
    await call('POST', pool, { displayName: 'GitHub' });
    // The second read of providers 7 and 8: a 404 would mean that the pool is gone.
    expect(await call('GET', `${pools}/github:listAttestationRules`)).toMatchObject({
      status: 200,
      json: {},
    });
    expect((await call('GET', `${pools}/other:listAttestationRules`)).status).toBe(404);
    expect((await call('DELETE', `${pools}/github`)).json.done).toBe(true);
    expect((await call('GET', `${pools}/github`)).json.state).toBe('DELETED');
    expect(rig.cloud.resources()).not.toContain(`${pools.slice(4)}/github`);
    expect((await call('POST', pool, {})).status).toBe(409);
    await call('POST', `${pools}/github:undelete`, {});
    expect((await call('GET', `${pools}/github`)).json.state).toBe('ACTIVE');

    await call('POST', '/v1/projects/p/roles', { roleId: 'r', role: {} });
    await call('DELETE', '/v1/projects/p/roles/r');
    expect((await call('GET', '/v1/projects/p/roles/r')).json.deleted).toBe(true);
  });

  it('disables an account and enables it, and marks a project for its end', async () => {
    await call('POST', '/v1/projects/p/serviceAccounts', { accountId: 'switch', serviceAccount: {} });
    const account = '/v1/projects/p/serviceAccounts/switch@p.iam.gserviceaccount.com';
    await call('POST', `${account}:disable`, {});
    expect((await call('GET', account)).json.disabled).toBe(true);
    await call('POST', `${account}:enable`, {});
    expect((await call('GET', account)).json.disabled).toBe(false);

    await call('DELETE', '/v1/projects/p');
    expect((await call('GET', '/v1/projects/p')).json.lifecycleState).toBe('DELETE_REQUESTED');
    await call('POST', '/v1/projects/p:undelete', {});
    expect((await call('GET', '/v1/projects/p')).json.lifecycleState).toBe('ACTIVE');
  });

  it('has no Compute Engine, which a bucket’s create asks for the project behind a number', async () => {
    expect((await call('GET', '/compute/v1/projects/1')).status).toBe(403);
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
