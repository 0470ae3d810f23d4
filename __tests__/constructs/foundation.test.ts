import 'cdktf/lib/testing/adapters/jest';
import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Testing } from 'cdktf';
import { IdentityGrants } from '../../constructs/identityGrants';
import { ImageRegistry } from '../../constructs/imageRegistry';
import { PrivateBucket, type PrivateBucketProps } from '../../constructs/privateBucket';
import { ProjectApis } from '../../constructs/projectApis';
import { ProjectRoles } from '../../constructs/projectRoles';
import { ServiceIdentity } from '../../constructs/serviceIdentity';
import { addressesOf, resourceOf } from './terraformJson';

Testing.setupJest();

describe('ProjectApis', () => {
  test('switches an API on and never off', () => {
    const synthesized = Testing.synthScope((scope) => void new ProjectApis(scope, 'api', { apis: ['run'] }));
    expect(synthesized).toHaveResourceWithProperties(ProjectService, {
      service: 'run.googleapis.com',
      disable_on_destroy: false,
    });
  });
});

describe('ImageRegistry', () => {
  test('is a Docker repository that no plan may destroy, made after its API', () => {
    const synthesized = Testing.synthScope((scope) => {
      const { services } = new ProjectApis(scope, 'api', { apis: ['artifactregistry'] });
      new ImageRegistry(scope, 'images', {
        repository: 'loan-repo',
        region: 'us-central1',
        keepVersions: 100,
        dependsOn: services,
      });
    });
    expect(synthesized).toHaveResourceWithProperties(ArtifactRegistryRepository, {
      repository_id: 'loan-repo',
      location: 'us-central1',
      format: 'DOCKER',
      depends_on: ['google_project_service.api_artifactregistry'],
      lifecycle: { prevent_destroy: true },
      vulnerability_scanning_config: { enablement_config: 'INHERITED' },
    });
  });

  test('deletes nothing that has a tag, and keeps the newest versions with or without one', () => {
    const synthesized = Testing.synthScope(
      (scope) =>
        void new ImageRegistry(scope, 'images', {
          repository: 'loan-repo',
          region: 'us-central1',
          keepVersions: 100,
        }),
    );
    const { cleanup_policies: policies } = resourceOf(
      synthesized,
      'google_artifact_registry_repository.images',
    );
    expect(policies.filter(({ action }: { action: string }) => action === 'DELETE')).toEqual([
      {
        id: 'delete-untagged',
        action: 'DELETE',
        condition: { tag_state: 'UNTAGGED', older_than: '2592000s' },
      },
    ]);
    expect(policies).toContainEqual({
      id: 'keep-newest',
      action: 'KEEP',
      most_recent_versions: { keep_count: 100 },
    });
  });
});

describe('PrivateBucket', () => {
  const bucket = (props: Partial<PrivateBucketProps>) =>
    resourceOf(
      Testing.synthScope(
        (scope) => void new PrivateBucket(scope, 'it', { name: 'p-it', region: 'us-central1', ...props }),
      ),
      'google_storage_bucket.it',
    );

  test('is closed to the public, and opened by IAM alone', () => {
    expect(bucket({})).toMatchObject({
      uniform_bucket_level_access: true,
      public_access_prevention: 'enforced',
      force_destroy: false,
      versioning: { enabled: false },
    });
  });

  test('keeps what is precious: every version, and the bucket itself', () => {
    const { versioning, lifecycle, lifecycle_rule: rules } = bucket({ precious: true });
    expect(versioning).toEqual({ enabled: true });
    expect(lifecycle).toEqual({ prevent_destroy: true });
    // Both must hold, and neither is ever true of a live object.
    expect(rules).toEqual([
      { action: { type: 'Delete' }, condition: { days_since_noncurrent_time: 90, num_newer_versions: 20 } },
    ]);
  });

  test('forgets the rest at an age', () => {
    expect(bucket({ deleteAfterDays: 30 }).lifecycle_rule).toEqual([
      { action: { type: 'Delete' }, condition: { age: 30 } },
    ]);
  });
});

describe('IdentityGrants', () => {
  test('rejects a grant on something that its stack does not make', () => {
    const act = () =>
      Testing.synthScope((scope) => {
        const roles = new ProjectRoles(scope, 'role', { roles: ['objectReader'] });
        const images = new ImageRegistry(scope, 'images', {
          repository: 'r',
          region: 'us-central1',
          keepVersions: 1,
        });
        new IdentityGrants(scope, 'it_may', {
          member: 'serviceAccount:it@p.iam.gserviceaccount.com',
          grants: [{ on: { bucket: 'plans' }, role: 'objectReader', why: 'a test' }],
          roles,
          places: { project: 'p', images, buckets: new Map(), accounts: new Map() },
        });
      });
    expect(act).toThrow('a grant is on plans');
  });
});

describe('ServiceIdentity', () => {
  test('is an account without any grant', () => {
    const synthesized = Testing.synthScope(
      (scope) =>
        void new ServiceIdentity(scope, 'runtime', { accountId: 'lightonocr-gpu', displayName: 'OCR' }),
    );
    expect(synthesized).toHaveResourceWithProperties(ServiceAccount, { account_id: 'lightonocr-gpu' });
    expect(addressesOf(synthesized)).toEqual(['google_service_account.runtime']);
  });
});
