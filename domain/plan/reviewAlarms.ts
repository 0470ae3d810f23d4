import type { Deployment } from '../deployment';
import { accountEmail, imageName, RUNTIME_ACCOUNT } from '../names';
import { flagsOf } from '../service/liveTemplate';
import {
  isFederation,
  isGrant,
  isRole,
  opensToEveryone,
  permissionChange,
  permissionsOf,
  rolesOf,
} from './accessMatters';
import { isOurLogin, isOurProvider } from './ourLogins';
import { afterwards, attributeChanges, type ResourceChange, SERVICE_TYPE } from './plan';
import { movesTraffic } from './reviewMatters';
import { block, blocks, text, type Values } from './values';

/** A change that a reviewer must not miss: it opens something, gives power away, or takes a defence out. */
export interface ReviewAlarm {
  /** As the first line of the review and the list below it say it. */
  readonly words: string;
  /**
   * True where one resource's change is such a one. Most look at what will be, and so hold for a create too, since nothing that
   * the stacks make is like that; those that compare with what was are silent for a create.
   */
  readonly holds: (change: ResourceChange, deployment: Deployment) => boolean;
}

/** An alarm that rings, and what it rings for. */
export interface RungAlarm {
  readonly words: string;
  readonly addresses: readonly string[];
}

/** All alarms, in the order in which a review says them. `docs/security-model.md` has the same list. */
export const REVIEW_ALARMS: readonly ReviewAlarm[] = [
  { words: 'open to everyone', holds: ({ change }) => opensToEveryone(change.after) },
  { words: 'moves traffic', holds: ({ type, change }) => type === SERVICE_TYPE && movesTraffic(change) },
  {
    words: 'runs as another account',
    holds: ofService(
      ({ template }, { project }) =>
        block(template).service_account !== accountEmail(project, RUNTIME_ACCOUNT),
    ),
  },
  {
    words: 'image of another repository',
    holds: ofService(({ template }, deployment) =>
      containersOf(template).some(({ image }) => !text(image)?.startsWith(`${imageName(deployment)}@`)),
    ),
  },
  {
    words: 'starts another command',
    holds: ofService(({ template }) =>
      containersOf(template).some(({ command }) =>
        Array.isArray(command) ? command.length > 0 : Boolean(command),
      ),
    ),
  },
  { words: 'more than one container', holds: ofService(({ template }) => containersOf(template).length > 1) },
  {
    words: 'no deletion protection',
    // Absent is the provider's default, true.
    holds: ofService(({ deletion_protection: on }) => on !== true && on !== null && on !== undefined),
  },
  {
    words: 'fetches images from any URL',
    holds: ({ type, change }) =>
      type === SERVICE_TYPE &&
      hasMediaDomains(change.before) &&
      !hasMediaDomains(change.after ?? change.before),
  },
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
];

/** Those that ring for a plan, each once. @param acting the resources that it changes. */
export function reviewAlarms(acting: readonly ResourceChange[], deployment: Deployment): RungAlarm[] {
  return REVIEW_ALARMS.flatMap(({ words, holds }) => {
    const addresses = acting.filter((found) => holds(found, deployment)).map(({ address }) => address);
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

/** An alarm on what the service will be; what is known only after the apply is no value that is right. */
function ofService(holds: (after: Values, deployment: Deployment) => boolean): ReviewAlarm['holds'] {
  return ({ type, change }, deployment) =>
    type === SERVICE_TYPE && Boolean(change.after) && holds(block(afterwards(change)), deployment);
}

const containersOf = (template: unknown): Values[] => blocks(block(template).containers);

function hasMediaDomains(service: unknown): boolean {
  return containersOf(block(service).template).some(
    ({ args }) =>
      Array.isArray(args) && flagsOf(args.map((word) => text(word) ?? '')).has('allowed-media-domains'),
  );
}
