import type { Deployment } from '../deployment';
import { type Grant, identities, type Scope, scopeName } from './identities';
import { BUCKETS, type IdentityName } from '../names';
import { isProjectRole, PROJECT_ROLES, type RoleName } from './permissions';

/** As whom somebody runs a command: a person, or one of the accounts that workflows become. */
export const CALLERS = ['person', 'submitter', 'pr-planner', 'main-planner', 'deployer', 'rollback'] as const;
export type Caller = (typeof CALLERS)[number];

/** Permissions that a caller needs in one place. */
export interface Need {
  readonly on: Scope;
  readonly permissions: readonly string[];
  /** It is granted under this IAM condition: asking for it on the whole place answers no. */
  readonly only?: string;
  /** What it is for, where that is not all that the caller does there. */
  readonly to?: string;
  /** Google's role that holds a permission and little else, by permission; without one an owner's role is what there is. */
  readonly roles?: Readonly<Record<string, string>>;
}

/**
 * The part of Google's own roles that is used: `roles/run.invoker` calls, `roles/artifactregistry.writer` pushes
 * (https://cloud.google.com/iam/docs/permissions-reference).
 */
const PREDEFINED_PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  invoker: ['run.routes.invoke'],
  imageWriter: [
    'artifactregistry.repositories.downloadArtifacts',
    'artifactregistry.repositories.uploadArtifacts',
  ],
};

export const permissionsOf = (role: RoleName): readonly string[] =>
  isProjectRole(role) ? PROJECT_ROLES[role].permissions : PREDEFINED_PERMISSIONS[role]!;

const verbs = (noun: string, ...names: readonly string[]) => names.map((name) => `${noun}.${name}`);
const POLICY = ['getIamPolicy', 'setIamPolicy'];

/** What the Foundation, Access and Observability stacks make and look at: the provider's creates, reads and updates. */
const STACKS = [
  ...verbs('artifactregistry.repositories', 'create', 'get', 'update', ...POLICY),
  ...verbs('iam.roles', 'create', 'get', 'update'),
  ...verbs('iam.serviceAccounts', 'actAs', 'create', 'get', 'update', ...POLICY),
  ...verbs('iam.workloadIdentityPoolProviders', 'create', 'get', 'list', 'update'),
  ...verbs('iam.workloadIdentityPools', 'create', 'get', 'update'),
  ...verbs('monitoring.alertPolicies', 'create', 'get', 'list', 'update'),
  ...verbs('monitoring.dashboards', 'create', 'get', 'update'),
  ...verbs('monitoring.notificationChannels', 'create', 'get', 'update'),
  ...verbs('resourcemanager.projects', 'get', ...POLICY),
  ...verbs('run.services', ...POLICY),
  ...verbs('serviceusage.services', 'enable', 'get', 'list'),
  ...verbs('storage.buckets', 'create', 'get', 'update', ...POLICY),
];

/** What workflows do between a merge and its release: a person does all of it from a terminal. */
const RELEASES: readonly RoleName[] = ['buildSubmitter', 'quotaReader', 'serviceDeployer'];

/**
 * What being on call takes that no release does: `logs` and `troubleshoot` read lines, `image` a scan's findings, and
 * `quota --request` asks Google for more. Roles: https://cloud.google.com/iam/docs/permissions-reference.
 */
const ON_CALL = {
  'logging.logEntries.list': 'roles/logging.viewer',
  'containeranalysis.occurrences.list': 'roles/containeranalysis.occurrences.viewer',
  'cloudquotas.quotas.update': 'roles/cloudquotas.admin',
};

function personNeeds(): Need[] {
  return [
    { on: 'project', permissions: [...STACKS, ...RELEASES.flatMap(permissionsOf)].sort() },
    { on: 'project', to: 'be on call', permissions: Object.keys(ON_CALL), roles: ON_CALL },
    { on: 'images', permissions: [...permissionsOf('imageDeployer'), ...permissionsOf('imageTagger')] },
    ...BUCKETS.map((bucket) => ({ on: { bucket }, permissions: permissionsOf('objectWriter') })),
    { on: { account: 'runtime' }, permissions: permissionsOf('actAs') },
    { on: { account: 'builder' }, permissions: permissionsOf('actAs') },
    { on: 'service', permissions: permissionsOf('invoker') },
  ];
}

/** What a caller needs, place by place; an account's from `identities.ts`, grants of one place together. */
export function callerNeeds(deployment: Deployment, caller: Caller): Need[] {
  if (caller === 'person') return personNeeds();
  const grants = identities(deployment).find(({ name }) => name === (caller as IdentityName))?.grants ?? [];
  const places = new Map<string, Need>();
  for (const { on, role, only } of grants) {
    const key = `${scopeName(on)} ${only?.title ?? ''}`;
    const permissions = [...(places.get(key)?.permissions ?? []), ...permissionsOf(role)];
    places.set(key, { on, permissions: [...new Set(permissions)], ...(only && { only: only.title }) });
  }
  return [...places.values()];
}

/** Those of the needed that are missing. */
export const missingOf = ({ permissions }: Need, granted: readonly string[]): string[] =>
  [...new Set(permissions)].filter((permission) => !granted.includes(permission));

/** A grant in words: `objectReader on bucket state, only service-stack`. */
export const describeGrant = ({ on, role, only }: Grant): string =>
  `${role} on ${scopeName(on)}${only ? `, only ${only.title}` : ''}`;
