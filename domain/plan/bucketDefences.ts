import { afterwards, attributeChanges, type Change } from './plan';
import { block } from './values';

/** What deletes a bucket's objects, or keeps them from it. */
const KEEPING = /^(lifecycle_rule|retention_policy|soft_delete_policy)(\.|$)/;

/**
 * True where a bucket will be open to ACLs or to the public, may be destroyed with what it holds, keeps no versions any more,
 * or where an update changes what deletes its objects.
 */
export function losesDefence(change: Change): boolean {
  if (!change.after) return false;
  const after = block(afterwards(change));
  const isVersioned = (bucket: unknown) => block(block(bucket).versioning).enabled === true;
  return (
    after.public_access_prevention !== 'enforced' ||
    after.uniform_bucket_level_access !== true ||
    after.force_destroy === true ||
    (isVersioned(change.before) && !isVersioned(after)) ||
    (change.actions.join() === 'update' && attributeChanges(change).some(({ path }) => KEEPING.test(path)))
  );
}
