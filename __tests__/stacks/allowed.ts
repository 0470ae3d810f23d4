import type { Deployment } from '../../domain/deployment';

/** What an account may do in one place, and why it has to. */
export interface Allowed {
  /** As `GrantOf.on`. */
  readonly on: string;
  /** IAM condition that narrows it; the grant must have exactly this one. Default: none. */
  readonly only?: string;
  readonly may: readonly string[];
  readonly why: string;
}

/** The accounts that change the service. */
export type Changer = 'deployer' | 'rollback';

/**
 * All that these accounts may do. Written by hand and not made from `domain/identity`: who widens a role there has to widen
 * it here too, with the reason.
 */
export const allowed = ({
  name,
  project,
  service,
}: Deployment): Readonly<Record<Changer, readonly Allowed[]>> => ({
  deployer: [
    {
      on: 'project',
      may: [
        'monitoring.timeSeries.list',
        'run.operations.get',
        'run.revisions.get',
        'run.revisions.list',
        'run.services.create',
        'run.services.get',
        'run.services.update',
      ],
      why: 'apply the service stack, move traffic, judge a canary. A service cannot be granted on before it is there',
    },
    {
      on: 'google_service_account.runtime',
      may: ['iam.serviceAccounts.actAs'],
      why: 'every change of the service asks for it; the runtime account may do nothing',
    },
    {
      on: 'google_artifact_registry_repository.images',
      may: [
        'artifactregistry.repositories.downloadArtifacts',
        'artifactregistry.tags.get',
        'artifactregistry.versions.get',
      ],
      why: 'Cloud Run asks whether the deployer may read the image that it deploys',
    },
    {
      on: 'google_storage_bucket.state',
      may: ['storage.objects.list'],
      why: 'Terraform lists its workspaces',
    },
    {
      on: 'google_storage_bucket.state',
      only: `resource.name.startsWith("projects/_/buckets/${project}-lightonocr-state/objects/${name}-service/")`,
      may: [
        'storage.objects.create',
        'storage.objects.delete',
        'storage.objects.get',
        'storage.objects.list',
      ],
      why: "the service stack's state and its lock; of no other stack",
    },
    {
      on: 'google_storage_bucket.plans',
      may: ['storage.objects.get', 'storage.objects.list'],
      why: 'the plan that was approved, which it cannot replace',
    },
    {
      on: 'google_storage_bucket.ledger',
      may: [
        'storage.objects.create',
        'storage.objects.delete',
        'storage.objects.get',
        'storage.objects.list',
      ],
      why: 'intent, lease, history',
    },
    {
      on: 'google_service_account.deployer',
      may: ['iam.serviceAccounts.getOpenIdToken'],
      why: 'identity tokens of its own, to call the service',
    },
    {
      on: `google_cloud_run_v2_service.${service}`,
      may: ['roles/run.invoker'],
      why: 'send the golden page; to this service alone',
    },
  ],
  rollback: [
    {
      on: 'project',
      may: [
        'monitoring.timeSeries.list',
        'run.operations.get',
        'run.revisions.get',
        'run.revisions.list',
        'run.services.get',
        'run.services.update',
      ],
      why: 'move traffic; it makes no service',
    },
    {
      on: 'google_service_account.runtime',
      may: ['iam.serviceAccounts.actAs'],
      why: 'a change of traffic alone asks for it too',
    },
    {
      on: 'google_artifact_registry_repository.images',
      may: [
        'artifactregistry.repositories.downloadArtifacts',
        'artifactregistry.tags.get',
        'artifactregistry.versions.get',
      ],
      why: 'is the image of the target still there',
    },
    {
      on: 'google_storage_bucket.ledger',
      may: [
        'storage.objects.create',
        'storage.objects.delete',
        'storage.objects.get',
        'storage.objects.list',
      ],
      why: 'intent, epoch, holds',
    },
    {
      on: 'google_service_account.rollback',
      may: ['iam.serviceAccounts.getOpenIdToken'],
      why: 'identity tokens of its own, to call the service',
    },
    {
      on: `google_cloud_run_v2_service.${service}`,
      may: ['roles/run.invoker'],
      why: 'send the golden page; to this service alone',
    },
  ],
});

/** The one `sub` that may become each account (https://docs.github.com/en/actions/reference/security/oidc). */
export function subjects({ name, github }: Deployment): Readonly<Record<string, string>> {
  const { repository = '', ownerId, repositoryId } = github;
  const numbered = repository.replace('/', `@${ownerId}/`);
  const prefix = `repo:${repositoryId === undefined ? repository : `${numbered}@${repositoryId}`}`;
  return {
    submitter: `${prefix}:ref:refs/heads/main`,
    'main-planner': `${prefix}:ref:refs/heads/main`,
    'pr-planner': `${prefix}:pull_request`,
    deployer: `${prefix}:environment:${name}`,
    rollback: `${prefix}:environment:${name}-rollback`,
  };
}
