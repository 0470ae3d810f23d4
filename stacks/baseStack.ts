import { posix } from 'node:path';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { GcsBackend, LocalBackend } from 'cdktf';
import type { Construct } from 'constructs';
import { LiteralStack } from '../constructs/literalStack';
import type { Deployment } from '../domain/deployment';
import { bucketName, stackName, type StackKind } from '../domain/names';

/** The provider that @cdktf/provider-google 16.12.1 was generated from, and that the release protocol was measured with. */
const GOOGLE_PROVIDER_VERSION = '6.50.0';

/** Provider and state of one stack of a deployment. One stack is one Terraform state, applied by one identity. */
export class BaseStack extends LiteralStack {
  constructor(scope: Construct, kind: StackKind, deployment: Deployment) {
    const name = stackName(deployment, kind);
    super(scope, name);
    new GoogleProvider(this, 'google', { project: deployment.project, region: deployment.region });
    // The binding asks for `~> 6.0`: a newer minor would change behaviour between a plan and its apply.
    this.addOverride('terraform.required_providers.google.version', GOOGLE_PROVIDER_VERSION);
    if (deployment.state.backend === 'gcs') {
      new GcsBackend(this, { bucket: bucketName(deployment, 'state'), prefix: name });
    } else {
      new LocalBackend(this, { path: posix.join(deployment.state.path, `${name}.tfstate`) });
    }
  }
}
