import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IMPORT_FILE } from '../../domain/foundation/adopt';
import { adopt } from '../../operate/adopt';
import { otherProviders } from '../../operate/federationPool';
import { openProject, type Project } from './project';

describe('adopt', () => {
  const POOLS = '/v1/projects/local-rehearsal/locations/global/workloadIdentityPools';
  let project: Project;
  const send = (method: 'POST' | 'DELETE', path: string) =>
    project.person().call('iam', { method, path, ...(method === 'POST' && { body: {} }) });
  const provider = (id: string) => `${POOLS}/lightonocr/providers?workloadIdentityPoolProviderId=${id}`;
  const importFile = () => join(project.person().workspace.stack('foundation'), IMPORT_FILE);

  beforeAll(async () => {
    project = await openProject();
  });
  afterAll(() => project.stop());
  afterEach(() => rm(importFile(), { force: true }));

  it('leaves a pool alone that only has the name which most projects use', async () => {
    await send('POST', `${POOLS}?workloadIdentityPoolId=github`);
    expect((await adopt(project.person())).flatMap(({ found }) => found)).toEqual([]);
  });

  it('takes over a pool of ours', async () => {
    await send('POST', `${POOLS}?workloadIdentityPoolId=lightonocr`);
    await send('POST', provider('lightonocr'));
    const found = (await adopt(project.person())).flatMap(({ found: all }) => all);
    expect(found.map(({ id }) => `/v1/${id}`)).toContain(`${POOLS}/lightonocr`);
  });

  it('rejects one with a provider that is not ours, and writes no import block', async () => {
    await send('POST', provider('other-repo'));
    await expect(adopt(project.person())).rejects.toMatchObject({
      code: 'POOL_IS_SHARED',
      exitCode: 3,
      got: 'other-repo',
      remedy: expect.stringContaining('providers delete other-repo --workload-identity-pool lightonocr'),
    });
    expect(existsSync(importFile())).toBe(false);
    await send('DELETE', `${POOLS}/lightonocr/providers/other-repo`);
    await expect(adopt(project.person())).resolves.toHaveLength(4);
  });
});

describe('otherProviders', () => {
  const deployment = { project: 'p' } as Parameters<typeof otherProviders>[0]['deployment'];
  const named = (id: string) => ({
    name: `projects/1/locations/global/workloadIdentityPools/lightonocr/providers/${id}`,
  });

  it('reads every page', async () => {
    const pages: Record<string, object> = {
      '': { workloadIdentityPoolProviders: [named('lightonocr')], nextPageToken: 'n' },
      n: { workloadIdentityPoolProviders: [named('x')] },
    };
    const call = async (_api: string, { query }: { query?: { pageToken?: string } }) => ({
      data: pages[query?.pageToken ?? ''],
    });
    expect(await otherProviders({ call: call as never, deployment })).toEqual(['x']);
  });
});
