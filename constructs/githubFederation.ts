import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { FEDERATION_MAPPING, GITHUB_ISSUER, IMPERSONATE } from '../domain/identity/federation';
import type { ServiceIdentity } from './serviceIdentity';

export interface GithubFederationProps {
  /** Id of pool and provider; one that was deleted is not free for 30 days. */
  readonly poolId: string;
  /** What the claims of a token must satisfy to be let in at all, in CEL. */
  readonly condition: string;
  /** What must exist first, for example the Security Token Service API. Default: nothing. */
  readonly dependsOn?: ITerraformDependable[];
}

/** Lets the jobs of one GitHub repository become accounts here, each by its own `sub`: no key is made, none can leak. */
export class GithubFederation extends Construct {
  /** What a workflow calls `workload_identity_provider`. */
  readonly providerName: string;
  private readonly poolName: string;

  constructor(scope: Construct, id: string, props: GithubFederationProps) {
    super(scope, id);
    const pool = new IamWorkloadIdentityPool(this, 'pool', {
      workloadIdentityPoolId: props.poolId,
      displayName: 'GitHub Actions',
      dependsOn: props.dependsOn,
    });
    // Before anything refers to it: a reference fixes the address.
    pool.overrideLogicalId(id);
    const provider = new IamWorkloadIdentityPoolProvider(this, 'provider', {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: props.poolId,
      displayName: 'GitHub Actions',
      attributeMapping: { ...FEDERATION_MAPPING },
      attributeCondition: props.condition,
      oidc: { issuerUri: GITHUB_ISSUER },
    });
    provider.overrideLogicalId(id);
    this.poolName = pool.name;
    this.providerName = provider.name;
  }

  /** Lets the jobs with exactly this `sub` become the account. Address: `google_service_account_iam_member.ID_NAME`. */
  bind(name: string, identity: ServiceIdentity, subject: string): void {
    new ServiceAccountIamMember(this, name, {
      serviceAccountId: identity.resourceName,
      role: IMPERSONATE,
      member: `principal://iam.googleapis.com/${this.poolName}/subject/${subject}`,
    }).overrideLogicalId(`${this.node.id}_${name}`);
  }
}
