import type { Allowed } from './allowed';

/** Policies over synthesized Terraform: each takes all stacks of a deployment and names what breaks it. */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Terraform's JSON
export type Resource = Record<string, any>;

/** Of every stack, `type.name` → arguments. */
export type Resources = ReadonlyMap<string, Resource>;

export function resourcesOf(...synthesized: string[]): Map<string, Resource> {
  return new Map(
    synthesized.flatMap((text) => {
      // A stack that makes nothing, such as Access without callers, has none.
      const { resource = {} } = JSON.parse(text) as {
        resource?: Record<string, Record<string, Resource>>;
      };
      return Object.entries(resource).flatMap(([type, named]) =>
        Object.entries(named).map(([name, value]): [string, Resource] => [`${type}.${name}`, value]),
      );
    }),
  );
}

const withType = (resources: Resources, type: RegExp) =>
  [...resources].filter(([address]) => type.test(address.split('.')[0]!));

const addresses = (found: readonly (readonly [string, Resource])[]) => found.map(([address]) => address);

/** Nobody is let in whom IAM does not know, nor everybody of a federation pool. */
export function publicMembers(resources: Resources): string[] {
  const open = /allUsers|allAuthenticatedUsers|"principalSet:\/\/[^"]*\/\*"|"invoker_iam_disabled":true/;
  return addresses([...resources].filter(([, resource]) => open.test(JSON.stringify(resource))));
}

/** Basic roles hold thousands of permissions; an `…admin` or `…editor` role holds setIamPolicy or deletes. */
export function broadRoles(resources: Resources): string[] {
  const broad = /^roles\/(owner|editor|viewer|.*(admin|editor|owner).*)$/i;
  return addresses([...resources].filter(([, { role }]) => broad.test(String(role))));
}

export function keys(resources: Resources): string[] {
  return addresses(withType(resources, /_(service_account_key|hmac_key|pool_provider_key|api_?keys_key)$/));
}

export function openBuckets(resources: Resources): string[] {
  const buckets = withType(resources, /^google_storage_bucket$/).filter(
    ([, bucket]) =>
      bucket.uniform_bucket_level_access !== true || bucket.public_access_prevention !== 'enforced',
  );
  return addresses([...buckets, ...withType(resources, /^google_storage_.*(acl|access_control)$/)]);
}

/** `…_iam_policy` and `…_iam_binding` take away the grants that others made. */
export function authoritativeGrants(resources: Resources): string[] {
  return addresses(withType(resources, /_iam_(policy|binding)$/));
}

/** Roles on the whole project that let somebody be somebody else, whatever account that is. */
export function projectWideImpersonation(resources: Resources): string[] {
  const permissions = /^iam\.(serviceAccounts|serviceAccountKeys|roles)\.(?!(get|getIamPolicy|list)$)/;
  return grants(resources)
    .filter(({ on, may }) => on === 'project' && may.some((permission) => permissions.test(permission)))
    .map(({ address }) => address);
}

/** Accounts that nothing runs as and nobody becomes. @param runs e-mails that a service or a build names. */
export function unusedAccounts(resources: Resources, runs: readonly string[]): string[] {
  const become = [...resources.values()].filter(({ role }) => role === 'roles/iam.workloadIdentityUser');
  return withType(resources, /^google_service_account$/)
    .filter(
      ([address, { account_id: id }]) =>
        !runs.some((email) => email.startsWith(`${String(id)}@`)) &&
        !become.some(({ service_account_id: account }) => String(account).includes(`\${${address}.`)),
    )
    .map(([address]) => address);
}

export interface GrantOf {
  readonly address: string;
  /** Name of the account in its address. */
  readonly who: string;
  /** `project`, or the address of what it is on; its type and name where another state makes it. */
  readonly on: string;
  /** Permissions of the project's own role; a predefined role as it is. */
  readonly may: readonly string[];
  /** Its IAM condition. */
  readonly only?: string;
}

/** Every grant to an account of these stacks, its role resolved to permissions. */
export function grants(resources: Resources): GrantOf[] {
  const accounts = withType(resources, /^google_service_account$/);
  return withType(resources, /_iam_member$/).flatMap(([address, resource]) => {
    const account = accounts.find(
      ([name, { account_id: id }]) =>
        String(resource.member).includes(`\${${name}.`) ||
        String(resource.member).startsWith(`serviceAccount:${String(id)}@`),
    );
    if (account === undefined) return [];
    const role = String(resource.role);
    const [, own] = /^\$\{(google_project_iam_custom_role\.[^.}]+)\.name\}$/.exec(role) ?? [];
    const may = own === undefined ? [role] : (resources.get(own)!.permissions as string[]);
    const place = resource.bucket ?? resource.service_account_id ?? resource.repository ?? resource.name;
    const [, reference] = /^\$\{([^.]+\.[^.}]+)\./.exec(String(place)) ?? [];
    const kind = address.split('.')[0]!.replace(/_iam_member$/, '');
    const on = kind === 'google_project' ? 'project' : (reference ?? `${kind}.${String(place)}`);
    const condition = resource.condition as { expression: string } | undefined;
    return [
      {
        address,
        who: account[0].split('.')[1]!,
        on,
        may,
        ...(condition && { only: condition.expression }),
      },
    ];
  });
}

/** A line for each permission in its place: `run.services.get on project`. */
export const permissionLines = ({ on, may, only }: Omit<Allowed, 'why'>): string[] =>
  may.map((permission) => `${permission} on ${on}${only === undefined ? '' : ` if ${only}`}`);

/** What an account may do beyond what it is allowed, and whatever the runtime account may, as which it may act. */
export function escalations(resources: Resources, who: string, allowed: readonly Allowed[]): string[] {
  const lines = new Set(allowed.flatMap(permissionLines));
  return grants(resources).flatMap((grant) => {
    if (grant.who !== who && grant.who !== 'runtime') return [];
    return permissionLines(grant)
      .filter((line) => grant.who === 'runtime' || !lines.has(line))
      .map((line) => `${grant.address}: ${grant.who} may ${line}`);
  });
}

/**
 * Whatever names somebody from outside that is not a subject becoming its own account: roles granted to a subject itself,
 * or an account that another subject may become. @param subjects the one `sub` of each account.
 */
export function outsiders(resources: Resources, subjects: Readonly<Record<string, string>>): string[] {
  const pool = 'principal://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/subject/';
  const isOwn = ([address, { role, member, service_account_id: account }]: readonly [string, Resource]) =>
    address.startsWith('google_service_account_iam_member.') &&
    role === 'roles/iam.workloadIdentityUser' &&
    Object.entries(subjects).some(
      ([name, subject]) =>
        account === `\${google_service_account.${name}.name}` && member === `${pool}${subject}`,
    );
  const named = [...resources].filter(([, resource]) =>
    /principal(Set)?:\/\//.test(JSON.stringify(resource)),
  );
  return addresses(named.filter((each) => !isOwn(each)));
}
