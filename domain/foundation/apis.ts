import type { Deployment } from '../deployment';

/** Short names of the Google APIs that the Foundation switches on: `run` stands for `run.googleapis.com`. */
export const PROJECT_APIS = [
  'artifactregistry',
  'cloudbuild',
  'cloudquotas',
  'cloudresourcemanager',
  // Where the provenance of builds and the findings of scans are kept; the registry's own scan, which it inherits.
  'containeranalysis',
  'containerscanning',
  'iam',
  'iamcredentials',
  'logging',
  'monitoring',
  'ondemandscanning',
  'run',
  'serviceusage',
  'storage',
  'sts',
] as const;

/** Those of a deployment: Secret Manager's where it names a secret. */
export const projectApis = ({ secrets }: Pick<Deployment, 'secrets'>): readonly string[] =>
  Object.keys(secrets).length > 0 ? [...PROJECT_APIS, 'secretmanager'] : PROJECT_APIS;
