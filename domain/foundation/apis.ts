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
