import type { Deployment } from './deployment';

/** Characters of a git SHA in names and tags (`git rev-parse --short=7`). */
export const SHORT_SHA_LENGTH = 7;
/** Characters of the template hash in a revision's name. */
export const TEMPLATE_HASH_LENGTH = 6;
/** Cloud Run's limit for a revision's name, and DNS's for `TAG---SERVICE`. */
export const MAX_NAME_LENGTH = 63;
export const REPOSITORY = 'loan-repo';
export const IMAGE = 'lightonocr-gpu';

export function shortSha(sha: string): string {
  return sha.slice(0, SHORT_SHA_LENGTH);
}

/** `us-central1-docker.pkg.dev/PROJECT/loan-repo/lightonocr-gpu`, without tag or digest. */
export function imageName(deployment: Deployment): string {
  return `${deployment.region}-docker.pkg.dev/${deployment.project}/${REPOSITORY}/${IMAGE}`;
}

/** `SERVICE-SHA-HASH`, and `SERVICE-SHA-HASH-2` for the second attempt. */
export function revisionName(service: string, sha: string, templateHash: string, attempt = 1): string {
  const suffix = attempt === 1 ? '' : `-${attempt}`;
  return `${service}-${shortSha(sha)}-${templateHash.slice(0, TEMPLATE_HASH_LENGTH)}${suffix}`;
}

/** The tag that gives a candidate a URL of its own. One a revision, never moved: a moved tag may still reach the old one. */
export function candidateTag(service: string, revision: string): string {
  return `c-${revision.slice(service.length + 1)}`;
}

/** The service's name in Cloud Run's API. */
export function servicePath(deployment: Deployment): string {
  return `projects/${deployment.project}/locations/${deployment.region}/services/${deployment.service}`;
}

export type Bucket = 'state' | 'plans' | 'ledger' | 'sources';

/** Bucket names are global, so they carry the project. */
export function bucketName(deployment: Deployment, bucket: Bucket): string {
  return `${deployment.project}-lightonocr-${bucket}`;
}

/** The ledger's object in its bucket: one a deployment and region. */
export function ledgerObject(deployment: Deployment): string {
  return `${deployment.name}/${deployment.region}.json`;
}

export const STACK_KINDS = ['foundation', 'service', 'access'] as const;
export type StackKind = (typeof STACK_KINDS)[number];

/** Folder below `cdktf.out/stacks`, and prefix of the state. */
export function stackName(deployment: Deployment, kind: StackKind): string {
  return `${deployment.name}-${kind}`;
}

/** E-mail of an account that the Foundation stack makes: `runtime` is `lightonocr-gpu`, others `lightonocr-NAME`. */
export function accountEmail(project: string, account: string): string {
  return `${account}@${project}.iam.gserviceaccount.com`;
}
export const RUNTIME_ACCOUNT = 'lightonocr-gpu';
