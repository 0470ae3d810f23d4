import type { Construct } from 'constructs';
import { Invokers } from '../constructs/invokers';
import type { Deployment } from '../domain/deployment';
import { identities } from '../domain/identity/identities';
import { accountEmail } from '../domain/names';
import { BaseStack } from './baseStack';

/**
 * Who may call the service: the backend, and the accounts that send it golden pages. Apart from the service's own stack, so
 * that a release cannot change who may come in. The guide gives `roles/run.invoker` on the whole project to the account that
 * the service runs *as*: that lets the service call every service there is, and lets nobody call this one.
 */
export class AccessStack extends BaseStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'access', deployment);
    const { service, region, project, access } = deployment;
    new Invokers(this, 'invoker', { service, region, members: access.invokers });
    const callers = identities(deployment).filter(({ grants }) => grants.some(({ on }) => on === 'service'));
    new Invokers(this, 'release', {
      service,
      region,
      members: callers.map(({ accountId }) => `serviceAccount:${accountEmail(project, accountId)}`),
    });
  }
}
