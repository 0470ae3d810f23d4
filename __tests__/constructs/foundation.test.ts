import 'cdktf/lib/testing/adapters/jest';
import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Testing } from 'cdktf';
import { ImageRegistry } from '../../constructs/imageRegistry';
import { ProjectApis } from '../../constructs/projectApis';
import { ServiceIdentity } from '../../constructs/serviceIdentity';
import { addressesOf } from './terraformJson';

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
        dependsOn: services,
      });
    });
    expect(synthesized).toHaveResourceWithProperties(ArtifactRegistryRepository, {
      repository_id: 'loan-repo',
      location: 'us-central1',
      format: 'DOCKER',
      depends_on: ['google_project_service.api_artifactregistry'],
      lifecycle: { prevent_destroy: true },
    });
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
