import { posix } from 'node:path';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { GcsBackend, LocalBackend } from 'cdktf';
import type { Construct } from 'constructs';
import { LiteralStack } from '../constructs/literalStack';
import type { Deployment } from '../domain/deployment';
import { bucketName, stackName, type StackKind } from '../domain/names';

/** Provider and state of one stack of a deployment. One stack is one Terraform state, applied by one identity. */
export class BaseStack extends LiteralStack {
  constructor(scope: Construct, kind: StackKind, deployment: Deployment) {
    const name = stackName(deployment, kind);
    super(scope, name);
    new GoogleProvider(this, 'google', { project: deployment.project, region: deployment.region });
    // The binding asks for `~> 6.0`: a newer minor would change behaviour between a plan and its apply. A range of the
    // deployment's own may; then the fingerprint, which has the locked version, tells one plan from the other.
    this.addOverride('terraform.required_providers.google.version', deployment.terraform.google);
    if (deployment.state.backend === 'gcs') {
      new GcsBackend(this, { bucket: bucketName(deployment, 'state'), prefix: name });
    } else {
      new LocalBackend(this, { path: posix.join(deployment.state.path, `${name}.tfstate`) });
    }
  }
}
