/**
 * What each `GOOGLE_…_CUSTOM_ENDPOINT` ends in. The provider (6.50.0) adds the version itself for those without one; the
 * gcs backend reads STORAGE too.
 */
const ENDINGS = {
  ARTIFACT_REGISTRY: 'v1/',
  CLOUD_RESOURCE_MANAGER: '',
  CLOUD_RUN_V2: 'v2/',
  IAM: '',
  IAM_BETA: 'v1/',
  IAM_CREDENTIALS: '',
  LOGGING: 'v2/',
  MONITORING: '',
  RESOURCE_MANAGER: '',
  SERVICE_USAGE: '',
  STORAGE: 'storage/v1/',
} as const;

/** Environment in which Terraform talks to a cloud at `url` and to no other. @param token any, for the local cloud. */
export function terraformEnvironment(url: string, token: string): Record<string, string> {
  const endpoints = Object.entries(ENDINGS).map(([api, ending]) => [
    `GOOGLE_${api}_CUSTOM_ENDPOINT`,
    `${url}/${ending}`,
  ]);
  return { ...Object.fromEntries(endpoints), GOOGLE_OAUTH_ACCESS_TOKEN: token } as Record<string, string>;
}
