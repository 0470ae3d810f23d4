import type { Construct } from 'constructs';
import { ImageRegistry } from '../constructs/imageRegistry';
import { ProjectApis } from '../constructs/projectApis';
import { ServiceIdentity } from '../constructs/serviceIdentity';
import type { Deployment } from '../domain/deployment';
import { REPOSITORY, RUNTIME_ACCOUNT } from '../domain/names';
import { BaseStack } from './baseStack';

const APIS = [
  'artifactregistry',
  'cloudbuild',
  'cloudquotas',
  'cloudresourcemanager',
  'iam',
  'iamcredentials',
  'logging',
  'monitoring',
  'run',
  'serviceusage',
  'storage',
  'sts',
];

/** What a project needs once, before any release; a person applies it. */
export class FoundationStack extends BaseStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'foundation', deployment);
    const dependsOn = new ProjectApis(this, 'api', { apis: APIS }).services;
    new ImageRegistry(this, 'images', { repository: REPOSITORY, region: deployment.region, dependsOn });
    new ServiceIdentity(this, 'runtime', {
      accountId: RUNTIME_ACCOUNT,
      displayName: 'The OCR service itself; may do nothing on the project',
      dependsOn,
    });
  }
}
