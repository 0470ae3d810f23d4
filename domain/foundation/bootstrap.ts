import type { Deployment } from '../deployment';
import { type StackKind, stackName } from '../names';

export const BOOTSTRAP_STEPS = [
  'apis',
  'foundation',
  'state',
  'image',
  'service',
  'access',
  'release',
  'observability',
] as const;
export type BootstrapStepId = (typeof BOOTSTRAP_STEPS)[number];

/** What `bootstrap --run` takes: the first step that is not done, an id, or a number as the steps are shown. */
export const STEP_CHOICES: readonly string[] = [
  'next',
  ...BOOTSTRAP_STEPS,
  ...BOOTSTRAP_STEPS.map((_id, index) => String(index + 1)),
];

export interface BootstrapStep {
  readonly id: BootstrapStepId;
  /** What it does, one sentence. */
  readonly does: string;
  /** Why it stands here. */
  readonly why: string;
  /** The same by hand, values filled in, ready to paste. */
  readonly byHand: readonly string[];
}

/** APIs without which Terraform cannot switch on the rest: it reads projects, their APIs, and buckets. */
export const FIRST_APIS = ['serviceusage', 'cloudresourcemanager', 'storage'].map(
  (api) => `${api}.googleapis.com`,
);

/** Terraform takes the backend from this file instead of the stack's own, while it stands beside `cdk.tf.json`. */
export const LOCAL_BACKEND_FILE = 'backend_override.tf.json';
/** State of the Foundation until its bucket exists; beside the stacks. */
const FIRST_STATE = 'foundation.tfstate';
export const LOCAL_BACKEND = { terraform: { backend: { local: { path: `../../${FIRST_STATE}` } } } };

/** Object of a stack's state in the `state` bucket: the gcs backend's prefix, and its default workspace. */
export function stateObject(deployment: Deployment, kind: StackKind): string {
  return `${stackName(deployment, kind)}/default.tfstate`;
}

/**
 * From an empty project to a service that serves, in order. The Foundation makes the bucket that its own state then lives
 * in; that is why it starts with a local one. A deployment with local state has no move to make.
 * @param directory where the stacks are written, as commands name it: `.lightonocr/production`.
 */
export function bootstrapSteps(deployment: Deployment, directory: string): BootstrapStep[] {
  const { name, project } = deployment;
  const stack = (kind: StackKind) => `${directory}/stacks/${stackName(deployment, kind)}`;
  const inGcs = deployment.state.backend === 'gcs';
  const synth = `LIGHTONOCR_DEPLOYMENT=${name} LIGHTONOCR_OUT=${directory} npm run synth`;
  const applied = (kind: StackKind) => [
    `terraform -chdir=${stack(kind)} init`,
    `terraform -chdir=${stack(kind)} apply`,
  ];
  const override = `${stack('foundation')}/${LOCAL_BACKEND_FILE}`;

  const steps: BootstrapStep[] = [
    {
      id: 'apis',
      does: 'switches on the APIs that Terraform needs in order to switch on the rest',
      why: 'the Foundation stack reads the project through them',
      byHand: [`gcloud services enable ${FIRST_APIS.join(' ')} --project ${project}`],
    },
    {
      id: 'foundation',
      does: 'applies the Foundation stack: APIs, buckets, registry, identities',
      why: inGcs
        ? 'its state is a local file until the bucket for it exists'
        : 'everything else stands on it',
      byHand: [
        synth,
        ...(inGcs ? [`echo '${JSON.stringify(LOCAL_BACKEND)}' > ${override}`] : []),
        ...applied('foundation'),
      ],
    },
    {
      id: 'state',
      does: "moves the Foundation's state into the bucket that it made",
      why: 'from here on every stack keeps its state there, and this machine may be lost',
      byHand: [`rm ${override}`, `terraform -chdir=${stack('foundation')} init -migrate-state`],
    },
    {
      id: 'image',
      does: 'builds the first image in Cloud Build, 30 to 60 minutes',
      why: 'a service cannot be made of an image that is not there',
      byHand: [`bin/lightonocr build ${name} --sha HEAD`],
    },
    {
      id: 'service',
      does: 'plans and applies the service stack, and starts the ledger',
      why: 'its first revision must start on a real GPU before anybody depends on it',
      byHand: [
        `bin/lightonocr plan ${name} --sha HEAD --review review.md`,
        `bin/lightonocr apply ${name} --plan PLAN --fingerprint FINGERPRINT --init-ledger`,
      ],
    },
    {
      id: 'access',
      does: 'applies the Access stack: who may call the service',
      why: 'grants are on the service, so it comes first; you need one for the smoke test',
      byHand: applied('access'),
    },
    {
      id: 'release',
      does: 'reads a golden page with the first revision, then pins it to all traffic',
      why: 'until then traffic follows whatever revision is the latest',
      byHand: [
        'export LIGHTONOCR_ID_TOKEN=$(gcloud auth print-identity-token)',
        `bin/lightonocr release ${name} --sha HEAD`,
      ],
    },
    {
      id: 'observability',
      does: 'applies the Observability stack: alerts and dashboard',
      why: 'its alerts need a service whose metrics exist',
      byHand: applied('observability'),
    },
  ];
  return steps.filter(({ id }) => inGcs || id !== 'state');
}
