import { canonicalJson, sha256 } from './canonical';
import type { Deployment, SecretReference } from './deployment';
import { accountEmail, imageName, RUNTIME_ACCOUNT } from './names';
import { vllmArgs } from './vllmArgs';

/** What a release hands to synth; the engine chooses all three (docs/release-protocol.md, "Names"). */
export interface ReleaseIdentity {
  /** Full git SHA, 40 hexadecimal characters. */
  readonly sha: string;
  /** `sha256:…` of the image. */
  readonly digest: string;
  /** Name of the revision. */
  readonly revision: string;
}

/** Everything that a Cloud Run revision is: what its hash covers and what the construct writes. */
export interface RevisionTemplate {
  /** By digest, never by tag. */
  readonly image: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose value is in Secret Manager. */
  readonly secrets: Readonly<Record<string, SecretReference>>;
  readonly port: number;
  readonly cpu: number;
  readonly memoryGib: number;
  readonly gpu: string;
  readonly gpuZonalRedundancyDisabled: boolean;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly concurrency: number;
  readonly requestTimeoutSeconds: number;
  readonly serviceAccount: string;
  readonly startupProbe: Deployment['probe'];
}

/** Which addresses the service takes requests from: all. Who may call is IAM's to say (docs/security-model.md). */
export const INGRESS = 'INGRESS_TRAFFIC_ALL';
/** GPUs are on the second generation alone: https://cloud.google.com/run/docs/configuring/services/gpu */
export const EXECUTION_ENVIRONMENT = 'EXECUTION_ENVIRONMENT_GEN2';
/** An instance; one is all that Cloud Run has (same page). */
export const GPUS = 1;

/** The label on a revision that names its template; twelve characters of the hash. */
export const TEMPLATE_LABEL = 'template-hash';
/** The label on a revision with the full git SHA that made it. */
export const SHA_LABEL = 'commit-sha';

/** `HF_HUB_OFFLINE`: the model is in the image; a start never waits for a hub. */
const GUIDE_ENVIRONMENT = { HF_HOME: '/model-cache', HF_HUB_OFFLINE: '1' };
/**
 * The rest of the standard profile keeps vLLM from sending usage statistics and from following redirects in image URLs
 * (https://docs.vllm.ai, "Security").
 */
const ENVIRONMENT: Readonly<Record<Deployment['profile'], Readonly<Record<string, string>>>> = {
  guide: GUIDE_ENVIRONMENT,
  standard: {
    ...GUIDE_ENVIRONMENT,
    VLLM_NO_USAGE_STATS: '1',
    DO_NOT_TRACK: '1',
    VLLM_MEDIA_URL_ALLOW_REDIRECTS: '0',
  },
};

/** True for a variable that some profile writes; another one was set by hand, and its value may be anything. */
export function isOurVariable(name: string): boolean {
  return Object.values(ENVIRONMENT).some((variables) => Object.hasOwn(variables, name));
}

/** The template of a deployment with an image; pure, so that its hash is known before any synth. */
export function revisionTemplate(deployment: Deployment, digest: string): RevisionTemplate {
  return {
    image: `${imageName(deployment)}@${digest}`,
    args: vllmArgs(deployment),
    env: { ...ENVIRONMENT[deployment.profile], ...deployment.env },
    secrets: deployment.secrets,
    port: deployment.port,
    cpu: deployment.size.cpu,
    memoryGib: deployment.size.memoryGib,
    gpu: deployment.size.gpu,
    gpuZonalRedundancyDisabled: !deployment.size.zonalRedundancy,
    minInstances: deployment.scaling.minInstances,
    maxInstances: deployment.scaling.maxInstances,
    concurrency: deployment.scaling.concurrency,
    requestTimeoutSeconds: deployment.requestTimeoutSeconds,
    serviceAccount: accountEmail(deployment.project, RUNTIME_ACCOUNT),
    startupProbe: deployment.probe,
  };
}

/** SHA-256 of the rendered template, name and SHA label not included; twelve characters, as the label holds it. */
export function templateHash(template: RevisionTemplate): string {
  return sha256(canonicalJson(template)).slice(0, 12);
}
