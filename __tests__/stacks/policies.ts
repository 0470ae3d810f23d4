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
  /** `project`, or the address or the name of what it is on. */
  readonly on: string;
  /** Permissions of the project's own role; a predefined role as it is. */
  readonly may: readonly string[];
  readonly condition?: string;
}

/** Every grant to an account of these stacks, its role resolved to permissions. */
export function grants(resources: Resources): GrantOf[] {
  const accounts = withType(resources, /^google_service_account$/);
  return withType(resources, /_iam_member$/).flatMap(([address, resource]) => {
    const account = accounts.find(
      ([name, { account_id: id }]) =>
        String(resource.member).includes(`\${${name}.member}`) ||
        String(resource.member).startsWith(`serviceAccount:${String(id)}@`),
    );
    if (account === undefined) return [];
    const role = String(resource.role);
    const [, own] = /^\$\{(google_project_iam_custom_role\.[^.}]+)\.name\}$/.exec(role) ?? [];
    const may = own === undefined ? [role] : (resources.get(own)!.permissions as string[]);
    const place = resource.bucket ?? resource.service_account_id ?? resource.repository ?? resource.name;
    const [, reference] = /^\$\{([^.]+\.[^.}]+)\./.exec(String(place)) ?? [];
    const on = address.startsWith('google_project_iam_member') ? 'project' : (reference ?? String(place));
    const condition = resource.condition as { expression: string } | undefined;
    return [
      {
        address,
        who: account[0].split('.')[1]!,
        on,
        may,
        ...(condition && { condition: condition.expression }),
      },
    ];
  });
}

/** What would let the deployer become more than it is. @param stateFolder the one part of the state bucket that it may write. */
export function escalations(resources: Resources, who: string, stateFolder: string): string[] {
  const found: string[] = [];
  const refuse = ({ address }: GrantOf, why: string) => found.push(`${address}: ${why}`);
  const itself = `google_service_account.${who}`;
  const runtime = 'google_service_account.runtime';
  for (const grant of grants(resources)) {
    if (grant.who === 'runtime') refuse(grant, 'whoever acts as the runtime account may this too');
    if (grant.who !== who) continue;
    for (const permission of grant.may) {
      if (
        /setIamPolicy$|^iam\.(roles|serviceAccountKeys|workloadIdentity)|^resourcemanager\./.test(permission)
      )
        refuse(grant, permission);
      else if (/\.delete$/.test(permission) && !permission.startsWith('storage.objects.'))
        refuse(grant, permission);
      else if (/^(cloudbuild|storage\.buckets)\./.test(permission)) refuse(grant, permission);
      else if (permission === 'iam.serviceAccounts.actAs') {
        if (grant.on !== runtime) refuse(grant, `acts as ${grant.on}`);
      } else if (permission === 'iam.serviceAccounts.getOpenIdToken') {
        if (grant.on !== itself) refuse(grant, `tokens of ${grant.on}`);
      } else if (permission.startsWith('iam.')) refuse(grant, permission);
      else if (permission.startsWith('roles/') && permission !== 'roles/run.invoker')
        refuse(grant, `${permission}, whose permissions are Google's to change`);
      else if (/^storage\.objects\.(create|update|delete)$/.test(permission)) {
        const isLedger = grant.on === 'google_storage_bucket.ledger';
        const isOwnState =
          grant.on === 'google_storage_bucket.state' &&
          grant.condition === `resource.name.startsWith("${stateFolder}")`;
        if (!isLedger && !isOwnState) refuse(grant, `${permission} on ${grant.on}`);
      }
    }
  }
  return found;
}
