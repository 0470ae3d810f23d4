import type { Bucket } from '../names';

export interface BucketRule {
  /** What cannot be made again: versions are kept, and Terraform refuses to destroy the bucket. */
  readonly precious?: true;
  /** Objects are deleted at this age; never without it. */
  readonly deleteAfterDays?: number;
}

/** States and ledgers exist once. A plan waits for its approval 30 days at most (GitHub's limit); logs answer later questions. */
export const BUCKET_RULES: Readonly<Record<Bucket, BucketRule>> = {
  state: { precious: true },
  ledger: { precious: true },
  plans: { deleteAfterDays: 30 },
  sources: { deleteAfterDays: 30 },
  logs: { deleteAfterDays: 90 },
};
