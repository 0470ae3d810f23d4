import type { Construct } from 'constructs';
import { Invokers } from '../constructs/invokers';
import type { Deployment } from '../domain/deployment';
import { BaseStack } from './baseStack';

/** Who may call the service. Apart from the service's own stack, so that a release cannot change who may come in. */
export class AccessStack extends BaseStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'access', deployment);
    new Invokers(this, 'invoker', {
      service: deployment.service,
      region: deployment.region,
      members: deployment.access.invokers,
    });
  }
}
