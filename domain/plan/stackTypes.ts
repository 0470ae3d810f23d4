import type { StackKind } from '../names';
import { SERVICE_TYPE } from './plan';

/**
 * The types of resources that each stack makes. Any other one is worth a look: `terraform_data` runs a command on the machine
 * that applies, a second service or job runs as an account of ours.
 */
export const STACK_TYPES: Readonly<Record<StackKind, readonly string[]>> = {
  foundation: [
    'google_artifact_registry_repository',
    'google_artifact_registry_repository_iam_member',
    'google_iam_workload_identity_pool',
    'google_iam_workload_identity_pool_provider',
    'google_project_iam_custom_role',
    'google_project_iam_member',
    'google_project_service',
    'google_service_account',
    'google_service_account_iam_member',
    'google_storage_bucket',
    'google_storage_bucket_iam_member',
  ],
  service: [SERVICE_TYPE],
  access: ['google_cloud_run_v2_service_iam_member'],
  observability: [
    'google_monitoring_alert_policy',
    'google_monitoring_dashboard',
    'google_monitoring_notification_channel',
  ],
  batch: [
    'google_cloud_run_v2_job',
    'google_cloud_run_v2_service_iam_member',
    'google_service_account',
    'google_storage_bucket_iam_member',
  ],
  workstation: ['docker_container', 'docker_image', 'docker_registry_image'],
};
