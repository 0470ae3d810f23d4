import type { Construct } from 'constructs';
import type { Deployment } from '../domain/deployment';
import type { ReleaseIdentity } from '../domain/template';
import { AccessStack } from './accessStack';
import { FoundationStack } from './foundationStack';
import { OcrServiceStack } from './ocrServiceStack';

/** The stacks of a deployment, in the order in which they are first applied. They share names, never references. */
export function deploymentStacks(scope: Construct, deployment: Deployment, release: ReleaseIdentity): void {
  new FoundationStack(scope, deployment);
  new OcrServiceStack(scope, deployment, release);
  new AccessStack(scope, deployment);
}
