import { messageOf } from '../../domain/failure';
import type { CloudRunApi } from './cloudRunApi';
import { recordedResource, type Resource } from './resources';
import { TerraformError } from './terraformError';

/**
 * A grant on the service (`google_cloud_run_v2_service_iam_member`): written down like any other resource, but only where
 * there is a service. The provider begins with a read of its policy, and fails in these words where there is none
 * (measured, provider 6.50.0 on the local cloud).
 * @param project of the provider block, for grants that name none.
 */
export function serviceGrant(api: CloudRunApi, project: string | undefined, address: string): Resource {
  const recorded = recordedResource(address);
  return {
    ...recorded,
    create: async (planned) => {
      const { location, name } = planned;
      const inProject = planned.project ?? project;
      const service = ['projects', inProject, 'locations', location, 'services', name].join('/');
      try {
        await api.call('GET', `${service}:getIamPolicy`);
      } catch (error) {
        const why = error instanceof TerraformError ? error.summary : messageOf(error);
        const doing = `Error retrieving IAM policy for cloudrunv2 service "${service}"`;
        return { failure: new TerraformError(`${doing}: ${why}`) };
      }
      return recorded.create(planned);
    },
  };
}
