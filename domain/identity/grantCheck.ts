import type { Deployment } from '../deployment';
import type { Grant } from './identities';
import { isProjectRole, PREDEFINED_ROLES, projectRoleId, type RoleName } from './permissions';

/** An IAM policy as every Google API has it. */
export interface Policy {
  readonly bindings?: readonly {
    readonly role: string;
    readonly members?: readonly string[];
    readonly condition?: { readonly expression?: string };
  }[];
}

/** A role's full name: `projects/P/roles/lightonocrObjectReader`, `roles/run.invoker`. */
export function roleName({ project }: Pick<Deployment, 'project'>, role: RoleName): string {
  return isProjectRole(role) ? `projects/${project}/roles/${projectRoleId(role)}` : PREDEFINED_ROLES[role];
}

/** True where the policy gives this role to the member under exactly this condition. */
export function holds(policy: Policy, role: string, member: string, expression?: string): boolean {
  return (policy.bindings ?? []).some(
    (binding) =>
      binding.role === role &&
      binding.members?.includes(member) === true &&
      binding.condition?.expression === expression,
  );
}

/** True where the policy has the grant. */
export const hasGrant = (deployment: Deployment, policy: Policy, member: string, grant: Grant): boolean =>
  holds(policy, roleName(deployment, grant.role), member, grant.only?.expression);

/** Roles that a member has here. */
export function rolesOf(policy: Policy, member: string): string[] {
  const own = (policy.bindings ?? []).filter(({ members }) => members?.includes(member));
  return [...new Set(own.map(({ role }) => role))];
}

/** IAM's two names for everybody. */
export const EVERYBODY = ['allUsers', 'allAuthenticatedUsers'];
