import type { Deployment } from './deployment';

/** Characters of a git SHA in names and tags (`git rev-parse --short=7`). */
export const SHORT_SHA_LENGTH = 7;
/** Characters of the template hash in a revision's name. */
const TEMPLATE_HASH_LENGTH = 6;
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

/** The project's buckets: Terraform's states, plan files, ledgers, what builds are made from, their logs. */
export const BUCKETS = ['state', 'plans', 'ledger', 'sources', 'logs'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Bucket names are global, so they carry the project. */
export function bucketName(deployment: Deployment, bucket: Bucket): string {
  return `${deployment.project}-lightonocr-${bucket}`;
}

/** The ledger's object in its bucket: one a deployment and region. */
export function ledgerObject(deployment: Deployment): string {
  return `${deployment.name}/${deployment.region}.json`;
}

/** The stacks that every deployment has, in the order in which they are first applied. */
export const STACK_KINDS = ['foundation', 'service', 'access', 'observability'] as const;
export type StackKind = (typeof STACK_KINDS)[number] | 'batch' | 'workstation';

/** The stacks of a deployment; `batch` and `workstation` are written for those alone that ask for them. */
export function stackKinds({ batch, workstation }: Deployment): readonly StackKind[] {
  const hasBatch = batch.inputBuckets.length > 0 && batch.outputBuckets.length > 0;
  return [
    ...STACK_KINDS,
    ...(hasBatch ? (['batch'] as const) : []),
    ...(workstation ? (['workstation'] as const) : []),
  ];
}

/** Folder below `cdktf.out/stacks`, and prefix of the state. */
export function stackName(deployment: Deployment, kind: StackKind): string {
  return `${deployment.name}-${kind}`;
}

/** E-mail of an account that the Foundation stack makes. */
export function accountEmail(project: string, accountId: string): string {
  return `${accountId}@${project}.iam.gserviceaccount.com`;
}
/** The part before the `@` of the account that the service runs as; the guide's name for it. */
export const RUNTIME_ACCOUNT = 'lightonocr-gpu';

/** The same for all others. */
export function accountId(identity: Exclude<IdentityName, 'runtime'> | 'batch'): string {
  return `lightonocr-${identity}`;
}

/** The accounts of the project; what each may do is in `identities.ts`. */
export const IDENTITY_NAMES = [
  'runtime',
  'builder',
  'submitter',
  'pr-planner',
  'main-planner',
  'deployer',
  'rollback',
] as const;
export type IdentityName = (typeof IDENTITY_NAMES)[number];

/** Those, and the batch stack's own: names of the accounts in the stacks' code. */
export const ACCOUNT_NAMES = [...IDENTITY_NAMES, 'batch'] as const;

/** The accounts that the stacks make, as IAM members. */
export function ownAccounts(project: string): string[] {
  return ACCOUNT_NAMES.map((name) => {
    const id = name === 'runtime' ? RUNTIME_ACCOUNT : accountId(name);
    return `serviceAccount:${accountEmail(project, id)}`;
  });
}
