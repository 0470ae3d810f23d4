/**
 * The project's own roles: what somebody does in one place, permission by permission. Google's predefined role for each
 * holds more (`roles/run.developer` also deletes services and runs jobs, `roles/storage.objectAdmin` sets ACLs). Names of permissions:
 * https://cloud.google.com/iam/docs/permissions-reference. Getting an object that is not there is a 403 without
 * `storage.objects.list`, and the engine has to tell the two apart: readers list.
 */
export const PROJECT_ROLES = {
  objectLister: { does: 'List the objects of a bucket', permissions: ['storage.objects.list'] },
  objectReader: { does: 'Read objects', permissions: ['storage.objects.get', 'storage.objects.list'] },
  objectCreator: {
    does: 'Create objects, never overwrite one (that takes storage.objects.delete)',
    permissions: ['storage.objects.create'],
  },
  objectWriter: {
    does: 'Read and replace objects',
    permissions: [
      'storage.objects.create',
      'storage.objects.delete',
      'storage.objects.get',
      'storage.objects.list',
    ],
  },
  buildLogger: {
    does: 'Write the log of a build into a bucket',
    permissions: [
      'storage.buckets.get',
      'storage.objects.create',
      'storage.objects.delete',
      'storage.objects.get',
      'storage.objects.list',
    ],
  },
  buildSubmitter: {
    does: 'Submit builds, look at them, cancel them',
    permissions: [
      'cloudbuild.builds.create',
      'cloudbuild.builds.get',
      'cloudbuild.builds.list',
      'cloudbuild.builds.update',
    ],
  },
  vulnerabilityScanner: {
    does: 'Scan an image before it is pushed',
    permissions: [
      'ondemandscanning.operations.get',
      'ondemandscanning.scans.analyzePackages',
      'ondemandscanning.scans.listVulnerabilities',
    ],
  },
  quotaReader: { does: "Look at the project's quotas", permissions: ['cloudquotas.quotas.get'] },
  imageLookup: {
    does: 'Look up an image by tag and by digest',
    permissions: ['artifactregistry.tags.get', 'artifactregistry.versions.get'],
  },
  imageTagger: {
    does: 'Look up and tag images',
    permissions: [
      'artifactregistry.tags.create',
      'artifactregistry.tags.get',
      'artifactregistry.tags.list',
      'artifactregistry.tags.update',
      'artifactregistry.versions.get',
    ],
  },
  imageDeployer: {
    does: 'Look up an image and make a service of it',
    permissions: [
      'artifactregistry.repositories.downloadArtifacts',
      'artifactregistry.tags.get',
      'artifactregistry.versions.get',
    ],
  },
  // What the provider reads to refresh the resources of all stacks, and the revisions that a name is chosen by.
  stackReader: {
    does: 'Look at what the stacks have made, policies included',
    permissions: [
      'artifactregistry.repositories.get',
      'artifactregistry.repositories.getIamPolicy',
      'iam.roles.get',
      'iam.serviceAccounts.get',
      'iam.serviceAccounts.getIamPolicy',
      'iam.workloadIdentityPoolProviders.get',
      'iam.workloadIdentityPools.get',
      'monitoring.alertPolicies.get',
      'monitoring.dashboards.get',
      'monitoring.notificationChannels.get',
      'resourcemanager.projects.get',
      'resourcemanager.projects.getIamPolicy',
      'run.revisions.get',
      'run.revisions.list',
      'run.services.get',
      'run.services.getIamPolicy',
      'secretmanager.secrets.getIamPolicy',
      'serviceusage.services.get',
      'serviceusage.services.list',
      'storage.buckets.get',
      'storage.buckets.getIamPolicy',
    ],
  },
  trafficMover: {
    does: 'Change a service that is there, and read its metrics',
    permissions: [
      'monitoring.timeSeries.list',
      'run.operations.get',
      'run.revisions.get',
      'run.revisions.list',
      'run.services.get',
      'run.services.update',
    ],
  },
  serviceDeployer: {
    does: 'Create and change services, and read their metrics',
    permissions: [
      'monitoring.timeSeries.list',
      'run.operations.get',
      'run.revisions.get',
      'run.revisions.list',
      'run.services.create',
      'run.services.get',
      'run.services.update',
    ],
  },
  actAs: { does: 'Run something as an account', permissions: ['iam.serviceAccounts.actAs'] },
  identityTokenMinter: {
    does: 'Mint identity tokens of an account, for services that ask who calls',
    permissions: ['iam.serviceAccounts.getOpenIdToken'],
  },
} as const satisfies Readonly<Record<string, { does: string; permissions: readonly string[] }>>;

export type ProjectRole = keyof typeof PROJECT_ROLES;

/** Google's roles where one fits, each granted on a single resource. */
export const PREDEFINED_ROLES = {
  imageWriter: 'roles/artifactregistry.writer',
  invoker: 'roles/run.invoker',
  secretReader: 'roles/secretmanager.secretAccessor',
} as const;

export type PredefinedRole = keyof typeof PREDEFINED_ROLES;

export type RoleName = ProjectRole | PredefinedRole;

export const isProjectRole = (role: RoleName): role is ProjectRole => role in PROJECT_ROLES;

/** Id of a project's own role. One that was deleted is kept for a week and its id is not free for five more: never rename. */
export function projectRoleId(role: ProjectRole): string {
  return `lightonocr${role[0]!.toUpperCase()}${role.slice(1)}`;
}
