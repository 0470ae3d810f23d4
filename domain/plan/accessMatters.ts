import { actionOf, afterwards, attributeChanges, type Change, type ResourceChange, UNKNOWN } from './plan';
import type { Matter } from './reviewMatters';
import { block, text, type Values } from './values';

const EVERYONE = /^(allUsers|allAuthenticatedUsers|principalSet:\/\/.*\/\*)$/;

/** True for values that let anybody in: a grant to everyone, or a service that does not ask. */
export function opensToEveryone(values: unknown): boolean {
  const { invoker_iam_disabled: asksNobody } = block(values);
  return asksNobody === true || membersOf(values).some((member) => EVERYONE.test(member));
}

/** Whom an IAM resource names; empty where it is not known before the apply. */
export function membersOf(values: unknown): string[] {
  const { member, members, policy_data: policy } = block(values);
  const several: unknown[] = Array.isArray(members) ? members : [];
  return strings([member, ...several, ...quoted(policy, /^(all(Authenticated)?Users$|\w+:)/)]);
}

/** Which roles it grants. */
export function rolesOf(values: unknown): string[] {
  const { role, policy_data: policy } = block(values);
  return strings([role, ...quoted(policy, /(^|\/)roles\//)]);
}

export const isGrant = (type: string) => /_iam_(member|binding|policy)$/.test(type);
export const isRole = (type: string) => /^google_(project|organization)_iam_custom_role$/.test(type);
/** A pool of logins from outside, or what lets them into it. */
export const isFederation = (type: string) => /^google_iam_workload_identity_pool(_provider)?$/.test(type);

/** Permissions that a role gains and loses; all of a role that is made are gained. */
export function permissionChange({ before, after }: Change): { gained: string[]; lost: string[] } {
  const [was, is] = [permissionsOf(before), permissionsOf(after)];
  return {
    gained: is.filter((permission) => !was.includes(permission)),
    lost: was.filter((permission) => !is.includes(permission)),
  };
}

export function permissionsOf(values: unknown): string[] {
  const { permissions } = block(values);
  return Array.isArray(permissions) ? strings(permissions) : [];
}

/** Who may do what, and who may log in: of every such resource that changes. */
export function accessMatters(acting: readonly ResourceChange[]): Matter[] {
  return acting.flatMap(({ address, type, change }): Matter[] => {
    const what = `${actionOf(change.actions)} ${address}`;
    if (isGrant(type))
      return [{ topic: 'IAM', now: `${what}: ${grantWords(block(afterwards(change) ?? change.before))}` }];
    if (isRole(type)) {
      const { gained, lost } = permissionChange(change);
      const words = [
        ...(gained.length > 0 ? [`gains ${gained.join(', ')}`] : []),
        ...(lost.length > 0 ? [`loses ${lost.join(', ')}`] : []),
      ];
      return words.length === 0 ? [] : [{ topic: 'role', now: `${what}: ${words.join('; ')}` }];
    }
    if (isFederation(type) && change.actions.includes('update'))
      return attributeChanges(change).map(({ path, before, after }) => ({
        topic: 'login',
        now: `${what}: ${path} ${shown(after)}`,
        was: shown(before),
      }));
    return [];
  });
}

function grantWords(values: Values): string {
  const who = membersOf(values).join(', ') || UNKNOWN;
  const { expression } = block(values.condition);
  const only = typeof expression === 'string' ? `, only if ${expression}` : '';
  const role = values.role === UNKNOWN ? 'a role that this plan makes' : text(values.role);
  return `${role ?? 'roles of a policy'} for ${who}${only}`;
}

const shown = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set'));

/** Quoted words of a policy's JSON, or of the expression that makes it. */
function quoted(policy: unknown, pattern: RegExp): string[] {
  const words = typeof policy === 'string' ? [...policy.matchAll(/"([^"]*)"/g)].map(([, word]) => word!) : [];
  return words.filter((word) => pattern.test(word));
}

const strings = (list: readonly unknown[]) => list.filter((one): one is string => typeof one === 'string');
