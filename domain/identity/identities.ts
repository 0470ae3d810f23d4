import type { Deployment } from '../deployment';
import {
  accountId,
  bucketName,
  type Bucket,
  type IdentityName,
  REPOSITORY,
  RUNTIME_ACCOUNT,
  stackName,
} from '../names';
import type { RoleName } from './permissions';

/** Where a role is granted. `service` is the OCR service itself: it is there only after a first release, so Access grants it. */
export type Scope =
  | 'project'
  | 'images'
  | 'service'
  | { readonly bucket: Bucket }
  | { readonly account: IdentityName }
  | { readonly secret: string };

/** One role in one place. */
export interface Grant {
  readonly on: Scope;
  readonly role: RoleName;
  readonly why: string;
  /** Narrows the grant to objects; several grants of one role in one place differ by its title. */
  readonly only?: Condition;
}

/** An IAM condition. */
export interface Condition {
  readonly title: string;
  readonly expression: string;
}

export interface Identity {
  readonly name: IdentityName;
  /** The part of the e-mail before the `@`. */
  readonly accountId: string;
  /** What it is for, one line. */
  readonly who: string;
  /** What runs as it: a workflow's job, or a service. */
  readonly usedBy: string;
  /** GitHub's `sub` claim that may become it; absent for an account that no workflow becomes. */
  readonly subject?: string;
  readonly grants: readonly Grant[];
}

/** The branch whose commits are released. */
const MAIN = 'refs/heads/main';

/**
 * What may start a run on main. Not in it: `pull_request_target`, `workflow_run`, `issue_comment` and their like, which run
 * on main's ref at an outsider's wish.
 */
const EVENTS_ON_MAIN = ['push', 'schedule', 'workflow_dispatch'];

/** The claims that a token must have to be let in at all; each identity then asks for its own `sub`. */
export function federationCondition(federated: FederatedRepository): string {
  const { repository, ownerId, repositoryId } = federated;
  const ours = [
    `assertion.repository == '${repository}'`,
    `assertion.repository_owner_id == '${ownerId}'`,
    ...(repositoryId === undefined ? [] : [`assertion.repository_id == '${repositoryId}'`]),
  ].join(' && ');
  const events = EVENTS_ON_MAIN.map((event) => `assertion.event_name == '${event}'`).join(' || ');
  // A job of a pull request may name any environment, and its `sub` is then the environment's: its ref tells the two apart.
  const main = `assertion.ref == '${MAIN}' && (${events})`;
  const pullRequest = `assertion.sub == '${subjectPrefix(federated)}:pull_request' && assertion.event_name == 'pull_request'`;
  return `${ours} && ((${main}) || (${pullRequest}))`;
}

export interface FederatedRepository {
  /** `owner/name`. */
  readonly repository: string;
  readonly ownerId: number;
  /** Given where the `sub` of its tokens holds both numbers. */
  readonly repositoryId?: number;
}

/** The repository whose workflows may release, if both its keys are given. */
export function federatedRepository({ github }: Deployment): FederatedRepository | undefined {
  const { repository, ownerId, repositoryId } = github;
  if (repository === undefined || ownerId === undefined) return undefined;
  return { repository, ownerId, ...(repositoryId !== undefined && { repositoryId }) };
}

/**
 * What every `sub` of the repository begins with. GitHub has two forms: names alone, and since 2026-07-15, for repositories
 * made, renamed or moved from then on, `OWNER@NUMBER/REPO@NUMBER`
 * (https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims).
 */
function subjectPrefix({ repository, ownerId, repositoryId }: FederatedRepository): string {
  const [owner, name] = repository.split('/');
  return repositoryId === undefined
    ? `repo:${repository}`
    : `repo:${owner}@${ownerId}/${name}@${repositoryId}`;
}

/**
 * Who is who, and what each may do and why: the Foundation and Access stacks, `docs/identities.md` and the policy tests are
 * made from this. Accounts that workflows become exist only where a repository is named.
 */
export function identities(deployment: Deployment): Identity[] {
  const repository = federatedRepository(deployment);
  return [
    {
      name: 'runtime',
      accountId: RUNTIME_ACCOUNT,
      who: 'The OCR service itself; may do nothing on the project',
      usedBy: 'the service',
      grants: secretNames(deployment).map((secret) => ({
        on: { secret },
        role: 'secretReader',
        why: 'a variable of the container',
      })),
    },
    builder(deployment),
    ...(repository ? workflowIdentities(deployment, subjectPrefix(repository)) : []),
  ];
}

/** Secrets that the service reads, each once. */
const secretNames = ({ secrets }: Deployment): string[] => [
  ...new Set(Object.values(secrets).map(({ secret }) => secret)),
];

function builder(deployment: Deployment): Identity {
  const staging = `${deployment.project}_cloudbuild`;
  return {
    name: 'builder',
    accountId: accountId('builder'),
    who: 'Builds the image',
    usedBy: 'Cloud Build: cloudbuild/gpu-cloudbuild.yaml',
    grants: [
      { on: 'images', role: 'imageWriter', why: 'push the image, keep layers; on this repository alone' },
      { on: { bucket: 'sources' }, role: 'objectReader', why: 'fetch what it builds from' },
      {
        on: 'project',
        role: 'objectReader',
        why: 'fetch what `gcloud builds submit` uploads when a person builds by hand',
        only: {
          title: 'gcloud-sources',
          expression: `resource.name.startsWith("projects/_/buckets/${staging}/objects/source/")`,
        },
      },
      { on: { bucket: 'logs' }, role: 'buildLogger', why: 'write its log' },
      { on: 'project', role: 'vulnerabilityScanner', why: 'known vulnerabilities, before the push' },
    ],
  };
}

function workflowIdentities(deployment: Deployment, prefix: string): Identity[] {
  const main = `${prefix}:ref:${MAIN}`;
  const environment = (name: string) => `${prefix}:environment:${name}`;
  const account = (name: Exclude<IdentityName, 'runtime' | 'builder'>) => ({
    name,
    accountId: accountId(name),
  });

  const bucket = bucketName(deployment, 'state');
  const folder = `projects/_/buckets/${bucket}/objects/${stackName(deployment, 'service')}/`;
  const serviceState: Condition = {
    title: 'service-stack',
    expression: `resource.name.startsWith("${folder}")`,
  };
  const serviceLock: Condition = {
    title: 'service-stack-lock',
    // Terraform's lock beside `default.tfstate`: https://developer.hashicorp.com/terraform/language/backend/gcs
    expression: `resource.name == "${folder}default.tflock"`,
  };
  const state = { bucket: 'state' } as const;
  const quotas: Grant = {
    on: 'project',
    role: 'quotaReader',
    why: 'what does not fit is said before the hour',
  };
  const reads: Grant[] = [
    { on: state, role: 'objectReader', why: 'a plan of every stack begins with its state' },
    { on: 'project', role: 'stackReader', why: 'compare what is with the state, in every stack' },
    quotas,
    { on: 'images', role: 'imageLookup', why: 'the digest of a commit' },
    { on: { bucket: 'ledger' }, role: 'objectReader', why: 'the holds that a review begins with' },
  ];
  // Every change of a service is refused to who may not act as its account, traffic alone included.
  const actsAsRuntime: Grant = {
    on: { account: 'runtime' },
    role: 'actAs',
    why: 'Cloud Run asks for it at every change of the service; this account may do nothing itself',
  };
  const calls = (name: IdentityName): Grant[] => [
    {
      on: { account: name },
      role: 'identityTokenMinter',
      why: 'identity tokens of its own, to call the service',
    },
    { on: 'service', role: 'invoker', why: 'send the golden page' },
  ];

  return [
    {
      ...account('submitter'),
      who: 'Gets an image built',
      usedBy: 'release.yml: build',
      subject: main,
      grants: [
        {
          on: 'project',
          role: 'buildSubmitter',
          why: 'submit a build, join one, follow it, cancel it when asked',
        },
        quotas,
        { on: { account: 'builder' }, role: 'actAs', why: 'the build runs as the builder' },
        { on: { bucket: 'sources' }, role: 'objectCreator', why: 'upload what is built' },
        { on: { bucket: 'sources' }, role: 'objectReader', why: 'see that an earlier run has uploaded it' },
        { on: { bucket: 'logs' }, role: 'objectReader', why: 'the last lines of a build that failed' },
        {
          on: 'images',
          role: 'imageTagger',
          why: 'content-… once the image is checked, SHA for one built before, kept-… for one that loses its tag',
        },
      ],
    },
    {
      ...account('pr-planner'),
      who: 'Plans a pull request; writes nothing',
      usedBy: 'plan.yml: plan',
      subject: `${prefix}:pull_request`,
      grants: reads,
    },
    {
      ...account('main-planner'),
      who: 'Plans a release',
      usedBy: 'release.yml: plan; drift.yml: drift',
      subject: main,
      grants: [
        ...reads,
        { on: state, role: 'objectWriter', why: 'lock the state, not write it', only: serviceLock },
        {
          on: { bucket: 'plans' },
          role: 'objectCreator',
          why: 'keep the plan that is approved; never overwrite one',
        },
      ],
    },
    {
      ...account('deployer'),
      who: 'Applies, releases, goes back',
      usedBy: 'release.yml: release',
      subject: environment(deployment.name),
      grants: [
        {
          on: 'project',
          role: 'serviceDeployer',
          why: 'apply the service stack, move traffic, judge a canary',
        },
        actsAsRuntime,
        {
          on: 'images',
          role: 'imageDeployer',
          why: 'Cloud Run asks whether the deployer may read the image',
        },
        { on: state, role: 'objectLister', why: 'Terraform lists its workspaces' },
        {
          on: state,
          role: 'objectWriter',
          why: "the service stack's state and its lock",
          only: serviceState,
        },
        { on: { bucket: 'plans' }, role: 'objectReader', why: 'the plan that was approved' },
        { on: { bucket: 'ledger' }, role: 'objectWriter', why: 'intent, lease, history' },
        ...calls('deployer'),
      ],
    },
    {
      ...account('rollback'),
      who: 'Puts traffic back, at any time',
      usedBy: 'rollback.yml: rollback; reconcile.yml: reconcile',
      subject: environment(`${deployment.name}-rollback`),
      grants: [
        { on: 'project', role: 'trafficMover', why: 'move traffic' },
        actsAsRuntime,
        { on: 'images', role: 'imageDeployer', why: 'is the image of the target still there' },
        { on: { bucket: 'ledger' }, role: 'objectWriter', why: 'intent, epoch, holds' },
        ...calls('rollback'),
      ],
    },
  ];
}

/** A scope in words: `bucket state`, `account runtime`. */
export function scopeName(scope: Scope): string {
  if (scope === 'images') return `repository ${REPOSITORY}`;
  if (typeof scope === 'string') return scope;
  if ('secret' in scope) return `secret ${scope.secret}`;
  return 'bucket' in scope ? `bucket ${scope.bucket}` : `account ${scope.account}`;
}
