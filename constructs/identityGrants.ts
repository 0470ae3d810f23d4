import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import type { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import type { Grant, Scope } from '../domain/identity/identities';
import type { Bucket, IdentityName } from '../domain/names';
import { isProjectRole, PREDEFINED_ROLES } from '../domain/identity/permissions';
import type { ImageRegistry } from './imageRegistry';
import type { PrivateBucket } from './privateBucket';
import type { ProjectRoles } from './projectRoles';
import type { ServiceIdentity } from './serviceIdentity';

/** What grants can be on. */
export interface Places {
  readonly project: string;
  readonly images: ImageRegistry;
  readonly buckets: ReadonlyMap<Bucket, PrivateBucket>;
  readonly accounts: ReadonlyMap<IdentityName, ServiceIdentity>;
}

export interface IdentityGrantsProps {
  readonly member: string;
  /** Those on the service are left to whoever makes the service. */
  readonly grants: readonly Grant[];
  readonly roles: ProjectRoles;
  readonly places: Places;
}

/** One grant a line of the identity's table, each a single member: nobody else's grants are touched. Addresses: `….ID_PLACE_ROLE`. */
export class IdentityGrants extends Construct {
  constructor(scope: Construct, id: string, props: IdentityGrantsProps) {
    super(scope, id);
    for (const grant of props.grants) {
      if (grant.on === 'service') continue;
      const role = isProjectRole(grant.role) ? props.roles.nameOf(grant.role) : PREDEFINED_ROLES[grant.role];
      const name = `${placeId(grant.on)}_${grant.role}`;
      const binding = { role, member: props.member, ...(grant.only && { condition: { ...grant.only } }) };
      this.grant(name, grant.on, binding, props.places).overrideLogicalId(`${id}_${name}`);
    }
  }

  private grant(
    name: string,
    on: Exclude<Scope, 'service'>,
    binding: { role: string; member: string; condition?: { title: string; expression: string } },
    places: Places,
  ): TerraformResource {
    if (on === 'project') return new ProjectIamMember(this, name, { project: places.project, ...binding });
    if (on === 'images') {
      const { repositoryId, location } = places.images;
      return new ArtifactRegistryRepositoryIamMember(this, name, {
        repository: repositoryId,
        location,
        ...binding,
      });
    }
    if ('secret' in on)
      return new SecretManagerSecretIamMember(this, name, { secretId: on.secret, ...binding });
    if ('bucket' in on) {
      const { bucketName } = there(places.buckets.get(on.bucket), on.bucket);
      return new StorageBucketIamMember(this, name, { bucket: bucketName, ...binding });
    }
    const { resourceName } = there(places.accounts.get(on.account), on.account);
    return new ServiceAccountIamMember(this, name, { serviceAccountId: resourceName, ...binding });
  }
}

function placeId(on: Exclude<Scope, 'service'>): string {
  if (typeof on === 'string') return on;
  if ('secret' in on) return `secret_${on.secret}`;
  return 'bucket' in on ? on.bucket : on.account;
}

function there<T>(place: T | undefined, name: string): T {
  if (place === undefined) throw new Error(`a grant is on ${name}, which this stack does not make`);
  return place;
}
