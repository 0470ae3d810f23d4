import { GOOGLE_PROVIDER_VERSION, reaches } from '../domain/terraform/googleProvider';

/** What each `GOOGLE_…_CUSTOM_ENDPOINT` ends in, with every provider; the gcs backend reads STORAGE too. */
const ENDINGS = {
  ARTIFACT_REGISTRY: 'v1/',
  CLOUD_RUN_V2: 'v2/',
  // A bucket's create and import ask Compute Engine for the project behind a number (measured, 6.50.0).
  COMPUTE: 'compute/v1/',
  IAM_BETA: 'v1/',
  LOGGING: 'v2/',
  MONITORING: '',
  STORAGE: 'storage/v1/',
} as const;

/** Provider 6 adds the version to these by itself (measured, 6.50.0). */
const ENDINGS_OF_6 = {
  CLOUD_RESOURCE_MANAGER: '',
  IAM: '',
  IAM_CREDENTIALS: '',
  RESOURCE_MANAGER: '',
  SERVICE_USAGE: '',
} as const;

/** Two are gone, accounts and roles go by IAM_BETA, and three have the version (measured, 7.45 and the 8.0 line). */
const ENDINGS_SINCE_7 = {
  IAM_CREDENTIALS: 'v1/',
  RESOURCE_MANAGER: 'v1/',
  SERVICE_USAGE: 'v1/',
} as const;

/**
 * Environment in which Terraform talks to a cloud at `url` and to no other.
 * @param token any, for the local cloud. @param google the deployment's `terraform.google`: other majors, other variables.
 */
export function terraformEnvironment(
  url: string,
  token: string,
  google: string = GOOGLE_PROVIDER_VERSION,
): Record<string, string> {
  const endings = { ...ENDINGS, ...(reaches(google, '7.0.0') ? ENDINGS_SINCE_7 : ENDINGS_OF_6) };
  const endpoints = Object.entries(endings).map(([api, ending]): [string, string] => [
    `GOOGLE_${api}_CUSTOM_ENDPOINT`,
    `${url}/${ending}`,
  ]);
  return { ...Object.fromEntries(endpoints), GOOGLE_OAUTH_ACCESS_TOKEN: token };
}
