import type { Deployment } from '../deployment';
import { accountEmail } from '../names';

type Values = Readonly<Record<string, unknown>>;

/** The part of a stack's `cdk.tf.json` that is looked at. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Values>>>>;
}

/** A resource of a stack that may be there already, and how to find out. */
export interface Adoptable {
  /** `google_cloud_run_v2_service.ocr`. */
  readonly address: string;
  /** What `terraform import` calls it. */
  readonly id: string;
  /** The API that knows it, and the path of its `get`. */
  readonly api: 'run' | 'artifactregistry' | 'iam' | 'storage';
  readonly path: string;
}

interface Kind {
  readonly api: Adoptable['api'];
  /** Its name as the API's path and the import have it. */
  readonly id: (values: Readonly<Record<string, string>>, deployment: Deployment) => string;
  /** What stands before the name in the path. */
  readonly root: string;
}

const location = ({ location: at }: Readonly<Record<string, string>>, { project }: Deployment) =>
  `projects/${project}/locations/${at}`;
const pool = (values: Readonly<Record<string, string>>, { project }: Deployment) =>
  `projects/${project}/locations/global/workloadIdentityPools/${values.workload_identity_pool_id}`;

/** What has a name of its own, so that it would be refused as existing; grants and APIs are taken as they are by a create. */
const KINDS: Readonly<Record<string, Kind>> = {
  google_cloud_run_v2_service: {
    api: 'run',
    root: '/v2/',
    id: (values, deployment) => `${location(values, deployment)}/services/${values.name}`,
  },
  google_artifact_registry_repository: {
    api: 'artifactregistry',
    root: '/v1/',
    id: (values, deployment) => `${location(values, deployment)}/repositories/${values.repository_id}`,
  },
  google_service_account: {
    api: 'iam',
    root: '/v1/',
    id: ({ account_id: account = '' }, { project }) =>
      `projects/${project}/serviceAccounts/${accountEmail(project, account)}`,
  },
  google_storage_bucket: { api: 'storage', root: '/storage/v1/b/', id: ({ name = '' }) => name },
  google_project_iam_custom_role: {
    api: 'iam',
    root: '/v1/',
    id: ({ role_id: role }, { project }) => `projects/${project}/roles/${role}`,
  },
  google_iam_workload_identity_pool: { api: 'iam', root: '/v1/', id: pool },
  google_iam_workload_identity_pool_provider: {
    api: 'iam',
    root: '/v1/',
    id: (values, deployment) =>
      `${pool(values, deployment)}/providers/${values.workload_identity_pool_provider_id}`,
  },
};

/**
 * The resources of a stack that could be there already. A reference to what another resource of the stack says is followed,
 * as the provider of the federation names its pool; one to what only Google knows leaves nothing to look up.
 */
export function adoptables({ resource = {} }: SynthesizedStack, deployment: Deployment): Adoptable[] {
  const follow = (value: unknown) => {
    if (typeof value !== 'string') return value;
    const [, type = '', name = '', key = ''] = REFERENCE.exec(value) ?? [];
    return resource[type]?.[name]?.[key] ?? value;
  };
  return Object.entries(resource).flatMap(([type, named]) => {
    const kind = KINDS[type];
    if (kind === undefined) return [];
    return Object.entries(named).flatMap(([name, values]) => {
      const followed = Object.entries(values).map(([key, value]) => [key, follow(value)]);
      const id = kind.id(Object.fromEntries(followed) as Readonly<Record<string, string>>, deployment);
      if (id.includes('${')) return [];
      return [{ address: `${type}.${name}`, id, api: kind.api, path: kind.root + id }];
    });
  });
}

/** `${TYPE.NAME.ATTRIBUTE}`. */
const REFERENCE = /^\$\{(\w+)\.(\w[\w-]*)\.(\w+)\}$/;

/** The file that Terraform reads them from, beside `cdk.tf.json`. */
export const IMPORT_FILE = 'adopt.tf.json';

/** `import` blocks (Terraform 1.5 and newer); one for what is in the state already does nothing. */
export function importBlocks(found: readonly Pick<Adoptable, 'address' | 'id'>[]): object {
  return { import: found.map(({ address, id }) => ({ to: address, id })) };
}
