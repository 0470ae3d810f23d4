import { Testing } from 'cdktf';
import type { ReleaseContext } from '../../../release/ports/context';
import { type Api, isStatus } from '../../../release/adapters/google/googleApi';
import { resolve } from '../../../rehearsal/terraform/references';
import { AccessStack } from '../../../stacks/accessStack';
import { FoundationStack } from '../../../stacks/foundationStack';
import { ObservabilityStack } from '../../../stacks/observabilityStack';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- arguments of many types of resources
export type Values = Record<string, any>;
/** Attributes that others refer to. */
type Known = Map<string, Values>;

/** A call to the control plane. */
export type Control = (
  api: Api,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<Values>;

export const control =
  ({ call }: ReleaseContext): Control =>
  async (api, method, path, body) =>
    (await call<Values>(api, { method: method as 'POST', path, ...(body !== undefined && { body }) })).data;

/**
 * What the stacks that a person applies make of an empty project, each resource by the call of the API that makes it: what
 * Terraform's provider would do, where the provider cannot be had. Of arguments only those are sent that somebody looks at.
 */
export async function applyPlatform(context: ReleaseContext): Promise<void> {
  const { deployment } = context;
  const app = Testing.app({ stackTraces: false });
  const stacks = [
    new FoundationStack(app, deployment),
    new AccessStack(app, deployment),
    new ObservabilityStack(app, deployment),
  ];
  const send = control(context);
  const known: Known = new Map();
  for (const stack of stacks) {
    const { resource = {} } = JSON.parse(Testing.synth(stack)) as {
      resource?: Record<string, Record<string, Values>>;
    };
    for (const type of ORDER)
      for (const [name, values] of Object.entries(resource[type] ?? {})) {
        const address = `${type}.${name}`;
        const wanted = resolve(values, known) as Values;
        known.set(address, { ...wanted, ...(await MAKE[type]!(send, wanted, context)) });
      }
  }
}

type Make = (send: Control, values: Values, context: ReleaseContext) => Promise<Values>;

const project = ({ deployment }: ReleaseContext) => `projects/${deployment.project}`;

/** Adds a member to a policy, read and written back. */
async function bind(
  values: Values,
  read: () => Promise<Values>,
  write: (policy: Values) => Promise<Values>,
): Promise<Values> {
  const { bindings = [], ...policy } = await read();
  const { title, expression } = values.condition ?? {};
  const condition = values.condition && { condition: { title, expression } };
  await write({
    ...policy,
    bindings: [...bindings, { role: values.role, members: [values.member], ...condition }],
  });
  return {};
}
const bindByMethod = (send: Control, api: Api, path: string, values: Values, read: 'GET' | 'POST' = 'POST') =>
  bind(
    values,
    () => send(api, read, `${path}:getIamPolicy`, read === 'POST' ? {} : undefined),
    (policy) => send(api, 'POST', `${path}:setIamPolicy`, { policy }),
  );

const MAKE: Readonly<Record<string, Make>> = {
  google_project_service: (send, { service }, context) =>
    send('serviceusage', 'POST', `/v1/${project(context)}/services/${service}:enable`, {}),
  google_artifact_registry_repository: (send, values, context) =>
    send(
      'artifactregistry',
      'POST',
      `/v1/${project(context)}/locations/${values.location}/repositories?repository_id=${values.repository_id}`,
      { format: values.format },
    ),
  async google_storage_bucket(send, values) {
    const settings = {
      location: values.location,
      versioning: { enabled: values.versioning.enabled },
      iamConfiguration: {
        uniformBucketLevelAccess: { enabled: values.uniform_bucket_level_access },
        publicAccessPrevention: values.public_access_prevention,
      },
    };
    try {
      await send('storage', 'POST', '/storage/v1/b', { name: values.name, ...settings });
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      await send('storage', 'PATCH', `/storage/v1/b/${values.name}`, settings);
    }
    return {};
  },
  async google_service_account(send, { account_id: accountId }, context) {
    const { name, email } = await send('iam', 'POST', `/v1/${project(context)}/serviceAccounts`, {
      accountId,
      serviceAccount: {},
    });
    return { name, email, member: `serviceAccount:${email}` };
  },
  google_project_iam_custom_role: (send, { role_id: roleId, title, permissions }, context) =>
    send('iam', 'POST', `/v1/${project(context)}/roles`, {
      roleId,
      role: { title, includedPermissions: permissions },
    }),
  google_project_iam_member: (send, values, context) =>
    bindByMethod(send, 'cloudresourcemanager', `/v1/${project(context)}`, values),
  google_artifact_registry_repository_iam_member: (send, values, context) =>
    bindByMethod(
      send,
      'artifactregistry',
      `/v1/${project(context)}/locations/${values.location}/repositories/${values.repository}`,
      values,
      'GET',
    ),
  google_storage_bucket_iam_member: (send, values) => {
    const path = `/storage/v1/b/${values.bucket}/iam`;
    return bind(
      values,
      () => send('storage', 'GET', path),
      (policy) => send('storage', 'PUT', path, policy),
    );
  },
  google_iam_workload_identity_pool: (send, { workload_identity_pool_id: id }, context) =>
    send(
      'iam',
      'POST',
      `/v1/${project(context)}/locations/global/workloadIdentityPools?workloadIdentityPoolId=${id}`,
      {},
    ).then(() => send('iam', 'GET', `/v1/${project(context)}/locations/global/workloadIdentityPools/${id}`)),
  google_iam_workload_identity_pool_provider: (send, values, context) => {
    const pool = `/v1/${project(context)}/locations/global/workloadIdentityPools/${values.workload_identity_pool_id}`;
    const id = values.workload_identity_pool_provider_id;
    return send('iam', 'POST', `${pool}/providers?workloadIdentityPoolProviderId=${id}`, {
      attributeCondition: values.attribute_condition,
      attributeMapping: values.attribute_mapping,
      oidc: { issuerUri: values.oidc.issuer_uri },
    }).then(() => ({ name: `projects/1/locations/global/workloadIdentityPools/${id}/providers/${id}` }));
  },
  google_service_account_iam_member: (send, values) =>
    bindByMethod(send, 'iam', `/v1/${values.service_account_id}`, values),
  google_cloud_run_v2_service_iam_member: (send, values, context) =>
    bindByMethod(
      send,
      'run',
      `/v2/${project(context)}/locations/${values.location}/services/${values.name}`,
      values,
      'GET',
    ),
  google_monitoring_notification_channel: (send, values, context) =>
    send('monitoring', 'POST', `/v3/${project(context)}/notificationChannels`, { type: values.type }),
  google_monitoring_alert_policy: (send, values, context) =>
    send('monitoring', 'POST', `/v3/${project(context)}/alertPolicies`, {
      displayName: values.display_name,
      enabled: true,
      notificationChannels: values.notification_channels,
    }),
};
/** What refers comes after what it refers to. */
const ORDER = Object.keys(MAKE);
