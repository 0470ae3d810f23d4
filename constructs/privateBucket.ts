import { StorageBucket, type StorageBucketLifecycleRule } from '@cdktf/provider-google/lib/storage-bucket';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

export interface PrivateBucketProps {
  /** Global, so it carries the project. */
  readonly name: string;
  readonly region: string;
  /**
   * What cannot be made again: every version is kept for `VERSION_DAYS`, and Terraform refuses to destroy the bucket.
   * Default false.
   */
  readonly precious?: boolean;
  /** Objects are deleted at this age. Default: never. */
  readonly deleteAfterDays?: number;
  /** What must exist first, for example the Cloud Storage API. Default: nothing. */
  readonly dependsOn?: ITerraformDependable[];
}

/** A replaced object is kept so long, and the newest `KEPT_VERSIONS` of it for ever. */
const VERSION_DAYS = 90;
const KEPT_VERSIONS = 20;

/** A bucket that IAM alone opens (no ACL), and to nobody in public. Address: `google_storage_bucket.ID`. */
export class PrivateBucket extends Construct {
  /** Its name as a reference: what uses it is made after it. */
  readonly bucketName: string;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const { precious = false, deleteAfterDays } = props;
    const rules: StorageBucketLifecycleRule[] = [];
    const action = { type: 'Delete' };
    if (precious) {
      const condition = { daysSinceNoncurrentTime: VERSION_DAYS, numNewerVersions: KEPT_VERSIONS };
      rules.push({ action, condition });
    }
    if (deleteAfterDays !== undefined) rules.push({ action, condition: { age: deleteAfterDays } });
    const bucket = new StorageBucket(this, 'Default', {
      name: props.name,
      location: props.region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      // Destroying a bucket that holds something fails, instead of taking it along.
      forceDestroy: false,
      versioning: { enabled: precious },
      lifecycleRule: rules,
      dependsOn: props.dependsOn,
      ...(precious && { lifecycle: { preventDestroy: true } }),
    });
    this.bucketName = bucket.name;
  }
}
