import { type ITerraformDependable, TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { GithubFederation } from '../constructs/githubFederation';
import { IdentityGrants, type Places } from '../constructs/identityGrants';
import { ImageRegistry } from '../constructs/imageRegistry';
import { PrivateBucket } from '../constructs/privateBucket';
import { ProjectApis } from '../constructs/projectApis';
import { ProjectRoles } from '../constructs/projectRoles';
import { ServiceIdentity } from '../constructs/serviceIdentity';
import { projectApis } from '../domain/foundation/apis';
import { BUCKET_RULES } from '../domain/foundation/bucketRules';
import type { Deployment } from '../domain/deployment';
import { FEDERATION_POOL } from '../domain/identity/federation';
import {
  federatedRepository,
  federationCondition,
  identities,
  type Identity,
} from '../domain/identity/identities';
import { RING_LENGTH } from '../domain/releases/ledger';
import { bucketName, BUCKETS, REPOSITORY } from '../domain/names';
import { isProjectRole } from '../domain/identity/permissions';
import { BaseStack } from './baseStack';

/**
 * Twice as many as the ledger remembers. Each release is one version; failed builds and cache layers are the other half.
 * It is the second net: no policy deletes a version with a tag.
 */
const KEPT_IMAGES = 2 * RING_LENGTH;

/** What a project needs once, before any release; a person applies it. */
export class FoundationStack extends BaseStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'foundation', deployment);
    const { project, region } = deployment;
    const dependsOn = new ProjectApis(this, 'api', { apis: projectApis(deployment) }).services;
    const images = new ImageRegistry(this, 'images', {
      repository: REPOSITORY,
      region,
      keepVersions: KEPT_IMAGES,
      dependsOn,
    });
    const buckets = new Map(
      BUCKETS.map((bucket) => {
        const props = { name: bucketName(deployment, bucket), region, dependsOn, ...BUCKET_RULES[bucket] };
        return [bucket, new PrivateBucket(this, bucket, props)];
      }),
    );
    const people = identities(deployment);
    const accounts = new Map(
      people.map(({ name, accountId, who }) => [
        name,
        new ServiceIdentity(this, name, { accountId, displayName: who, dependsOn }),
      ]),
    );
    this.grantAll(people, { project, images, buckets, accounts }, dependsOn);
    this.federate(deployment, people, accounts, dependsOn);
  }

  private grantAll(people: readonly Identity[], places: Places, dependsOn: ITerraformDependable[]): void {
    const used = people.flatMap(({ grants }) => grants.map(({ role }) => role)).filter(isProjectRole);
    const roles = new ProjectRoles(this, 'role', { roles: [...new Set(used)].sort(), dependsOn });
    for (const { name, grants } of people) {
      const { member } = places.accounts.get(name)!;
      new IdentityGrants(this, `${name}_may`, { member, grants, roles, places });
    }
  }

  private federate(
    deployment: Deployment,
    people: readonly Identity[],
    accounts: Places['accounts'],
    dependsOn: ITerraformDependable[],
  ): void {
    const repository = federatedRepository(deployment);
    if (repository === undefined) return;
    const condition = federationCondition(repository);
    const federation = new GithubFederation(this, 'github', {
      poolId: FEDERATION_POOL,
      condition,
      dependsOn,
    });
    for (const { name, subject } of people) {
      if (subject !== undefined) federation.bind(name, accounts.get(name)!, subject);
    }
    new TerraformOutput(this, 'workload_identity_provider', { value: federation.providerName });
  }
}
