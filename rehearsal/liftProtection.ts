type Block = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** A file of this name beside `cdk.tf.json` is merged into it by Terraform. */
export const LIFT_FILE = 'lift_override.tf.json';

/** What Terraform or the API refuses to destroy, and the setting that lifts it (docs/bootstrap.md, "Taking it down"). */
const LIFTED: Readonly<Record<string, Block>> = {
  google_cloud_run_v2_service: { deletion_protection: false },
  google_storage_bucket: { force_destroy: true },
};

/** The override for a stack's `cdk.tf.json`: every protection of its resources lifted, nothing else said. */
export function liftProtection({ resource = {} }: { readonly resource?: Resources }): {
  resource: Resources;
} {
  const lifted = Object.entries(resource).flatMap(([type, named]) => {
    const blocks = Object.entries(named).flatMap(([name, { lifecycle }]) => {
      const prevented = (lifecycle as Block | undefined)?.prevent_destroy === true;
      const block = { ...LIFTED[type], ...(prevented && { lifecycle: { prevent_destroy: false } }) };
      return Object.keys(block).length > 0 ? [[name, block] as const] : [];
    });
    return blocks.length > 0 ? [[type, Object.fromEntries(blocks)] as const] : [];
  });
  return { resource: Object.fromEntries(lifted) };
}
