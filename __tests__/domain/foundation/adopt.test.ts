import { Testing } from 'cdktf';
import { loadDeployment } from '../../../deployments/load';
import { adoptables, importBlocks, type SynthesizedStack } from '../../../domain/foundation/adopt';
import { FEDERATION_POOL } from '../../../domain/identity/federation';
import { FoundationStack } from '../../../stacks/foundationStack';

describe('adoptables', () => {
  const deployment = loadDeployment('production');
  const of = (type: string, values: object) =>
    adoptables({ resource: { [type]: { x: { ...values } } } }, deployment);
  const IN = 'projects/my-project/locations';

  it.each([
    ['google_cloud_run_v2_service', { name: 's', location: 'l' }, `${IN}/l/services/s`, '/v2/'],
    [
      'google_artifact_registry_repository',
      { repository_id: 'r', location: 'l' },
      `${IN}/l/repositories/r`,
      '/v1/',
    ],
    [
      'google_service_account',
      { account_id: 'a' },
      'projects/my-project/serviceAccounts/a@my-project.iam.gserviceaccount.com',
      '/v1/',
    ],
    ['google_storage_bucket', { name: 'b' }, 'b', '/storage/v1/b/'],
    ['google_project_iam_custom_role', { role_id: 'r' }, 'projects/my-project/roles/r', '/v1/'],
  ])('%s is looked up, and imported, by its full name', (type, values, id, root) => {
    expect(of(type, values)).toMatchObject([{ address: `${type}.x`, id, path: root + id }]);
  });

  // The stack as it is: how a resource names another one is the construct's choice.
  it('looks up every resource of the Foundation that has a name of its own: pool and provider too', () => {
    const github = { repository: 'o/r', ownerId: 1 };
    const app = Testing.app();
    const foundation = new FoundationStack(app, { ...deployment, github });
    const stack = JSON.parse(Testing.synth(foundation)) as Required<SynthesizedStack>;
    const found = adoptables(stack, deployment);
    const pool = `${IN}/global/workloadIdentityPools/${FEDERATION_POOL}`;
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ address: 'google_iam_workload_identity_pool.github', id: pool }),
        expect.objectContaining({
          address: 'google_iam_workload_identity_pool_provider.github',
          id: `${pool}/providers/${FEDERATION_POOL}`,
          path: `/v1/${pool}/providers/${FEDERATION_POOL}`,
        }),
      ]),
    );
    const taken = /_(member|service)$/; // by a create, as they are
    const named = Object.entries(stack.resource).filter(([type]) => !taken.test(type));
    expect(found).toHaveLength(named.flatMap(([, byName]) => Object.keys(byName)).length);
  });

  it.each([
    ['whose name Google makes', 'google_monitoring_dashboard', { name: 'd' }],
    ['that a create takes as it is', 'google_project_service', { service: 'run.googleapis.com' }],
    [
      'whose name refers to what Google gives another resource',
      'google_storage_bucket',
      { name: '${google_x.y.name}' },
    ],
  ])('leaves out what has no name to look up: one %s', (_, type, values) => {
    expect(of(type, values)).toEqual([]);
  });

  it('takes a stack without resources', () => {
    expect(adoptables({}, deployment)).toEqual([]);
  });
});

describe('importBlocks', () => {
  it('is what Terraform reads: a block for each', () => {
    expect(importBlocks([{ address: 'a.b', id: 'i' }])).toEqual({ import: [{ to: 'a.b', id: 'i' }] });
  });
});
