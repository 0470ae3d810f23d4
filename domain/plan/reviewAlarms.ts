import type { Deployment } from '../deployment';
import type { StackKind } from '../names';
import {
  isFederation,
  isGrant,
  isRole,
  opensToEveryone,
  permissionChange,
  permissionsOf,
  rolesOf,
} from './accessMatters';
import { losesDefence } from './bucketDefences';
import type { ReviewAlarm } from './reviewAlarm';
import { isOurGrant, isOurLogin, isOurProvider } from './ourLogins';
import { afterwards, attributeChanges, type ResourceChange } from './plan';
import { SERVICE_ALARMS } from './serviceAlarms';
import { STACK_TYPES } from './stackTypes';
import { block } from './values';

/** An alarm that rings, and what it rings for. */
export interface RungAlarm {
  readonly words: string;
  readonly addresses: readonly string[];
}

/** All alarms, in the order in which a review says them. `docs/security-model.md` has the same list. */
export const REVIEW_ALARMS: readonly ReviewAlarm[] = [
  { words: 'open to everyone', holds: ({ change }) => opensToEveryone(change.after) },
  ...SERVICE_ALARMS,
  {
    words: 'who may log in changes',
    holds: ({ type, change }, deployment) => {
      if (!isFederation(type) || change.after === null) return false;
      if (change.actions.join() === 'update')
        return attributeChanges(change).some(({ path }) => !/^(display_name|description)$/.test(path));
      return type.endsWith('_provider') && !isOurProvider(block(afterwards(change)), deployment);
    },
  },
  {
    words: 'somebody else may become an account',
    holds: ({ type, change }, deployment) => {
      const after = block(afterwards(change));
      return (
        isGrant(type) &&
        rolesOf(after).some((role) => IMPERSONATION.test(role)) &&
        !isOurLogin(after, deployment)
      );
    },
  },
  {
    words: 'grants a basic or admin role',
    holds: ({ type, change }) => isGrant(type) && rolesOf(change.after).some((role) => BROAD_ROLE.test(role)),
  },
  {
    words: 'grants to somebody else',
    holds: ({ type, change }, deployment) => {
      const after = block(afterwards(change));
      return isGrant(type) && !isOurGrant(type, after, deployment) && !isOurLogin(after, deployment);
    },
  },
  {
    words: 'a role gains permissions',
    holds: ({ type, change }) =>
      isRole(type) && change.actions.join() === 'update' && permissionChange(change).gained.length > 0,
  },
  {
    words: 'a role may give itself more',
    holds: ({ type, change }) =>
      isRole(type) && permissionsOf(change.after).some((permission) => ESCALATION.test(permission)),
  },
  {
    words: 'makes a key',
    holds: ({ type, change }) => KEY.test(type) && change.actions.includes('create'),
  },
  {
    words: 'a bucket loses a defence',
    holds: ({ type, change }) => type === 'google_storage_bucket' && losesDefence(change),
  },
  {
    words: 'Terraform forgets a resource, which stays in the cloud',
    holds: ({ change }) => change.actions.includes('forget'),
  },
  {
    words: 'a kind of resource that the stack does not make',
    holds: ({ type, change }, _deployment, stack) =>
      Boolean(change.after) && !STACK_TYPES[stack].includes(type),
  },
];

/** Those that ring for a plan of a stack, each once. @param acting the resources that it changes. */
export function reviewAlarms(
  acting: readonly ResourceChange[],
  deployment: Deployment,
  stack: StackKind,
): RungAlarm[] {
  return REVIEW_ALARMS.flatMap(({ words, holds }) => {
    const addresses = acting.filter((found) => holds(found, deployment, stack)).map(({ address }) => address);
    return addresses.length === 0 ? [] : [{ words, addresses }];
  });
}

/** Basic roles hold thousands of permissions; an admin's or editor's holds setIamPolicy or deletes. */
const BROAD_ROLE = /^roles\/(owner|editor|viewer|.*(admin|editor|owner).*)$/i;
/** https://cloud.google.com/iam/docs/service-account-permissions */
const IMPERSONATION =
  /^roles\/iam\.(workloadIdentityUser|serviceAccount(User|TokenCreator|OpenIdTokenCreator|KeyAdmin))$/;
/** Permissions with which somebody gets all others: of policies, roles and keys, and tokens of any account. */
const ESCALATION =
  /setIamPolicy$|^iam\.(roles|serviceAccountKeys|workloadIdentityPool\w*)\.(?!get|list)|^iam\.serviceAccounts\.(getAccessToken|implicitDelegation|sign\w+)$|^deploymentmanager\.deployments\.create$/;
const KEY = /_(service_account_key|hmac_key|pool_provider_key|apikeys_key)$/;
