import type { DecisionSettings } from './canary/settings';
import type { Gpu } from './gpus';
import type { Engine } from './terraform/engine';

/**
 * One deployment of the service: what a YAML file in `deployments/` says, with every default filled in.
 * The schema that checks the file is `deployments/schema.ts`; the values of the two profiles are `deployments/profiles.ts`.
 */
export interface Deployment {
  /** The file's name without `.yaml`; names stacks, ledger and GitHub environment. */
  readonly name: string;
  /** `guide` reproduces the manual deployment guide; `standard` differs only where it hurts. */
  readonly profile: 'guide' | 'standard';
  /** Google Cloud project id. */
  readonly project: string;
  /** A region that has the GPU: `domain/gpus/`. */
  readonly region: string;
  /** Name of the Cloud Run service. Default `lightonocr-gpu`. */
  readonly service: string;
  /** Where Terraform keeps its state: a GCS bucket, or a folder; a relative one starts at the stack's own folder. */
  readonly state: { readonly backend: 'gcs' } | { readonly backend: 'local'; readonly path: string };
  /** Who applies the stacks, and with which provider. */
  readonly terraform: TerraformSettings;
  readonly image: ImageSettings;
  readonly model: ModelSettings;
  readonly size: Size;
  readonly scaling: Scaling;
  /** Port that vLLM listens on in the container. */
  readonly port: number;
  /** Longest time a request may take, start-up of an instance included; Cloud Run allows 3600. */
  readonly requestTimeoutSeconds: number;
  readonly vllm: VllmSettings;
  /** Variables of the container, literal whatever they hold; beside those of the profile. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose value is in Secret Manager; the service's account may read just these. */
  readonly secrets: Readonly<Record<string, SecretReference>>;
  readonly page: PageSettings;
  readonly probe: StartupProbe;
  /** What the project may use in the region, all revisions together. */
  readonly quota: Quota;
  readonly access: {
    /** IAM members that may call the service, for example `serviceAccount:backend@PROJECT.iam.gserviceaccount.com`. */
    readonly invokers: readonly string[];
  };
  readonly github: GithubSettings;
  readonly notifications: NotificationSettings;
  readonly alerts: AlertSettings;
  /** Reading of whole folders by a job; its stack is made where both lists of buckets name one. */
  readonly batch: BatchSettings;
  /** A stack that builds the image and runs it on this machine's own GPU; default false. */
  readonly workstation: boolean;
  /** Folder with golden pages of one's own, absolute; default none: the project's own alone. */
  readonly golden?: string;
  readonly release: ReleaseSettings;
}

export interface TerraformSettings {
  /** One stack, one engine: a state that the other wrote is refused. Default `terraform`. */
  readonly engine: Engine;
  /** Version constraint of the google provider: `6.50.0`, `~> 8.0`. Default: the one that everything was measured with. */
  readonly google: string;
}

/** The repository whose workflows may release: name and owner, both or neither. Without them nothing is federated. */
export interface GithubSettings {
  /** `owner/name`. */
  readonly repository?: string;
  /** The owner's number, which a name given up and taken by somebody else does not have: `gh api users/OWNER --jq .id`. */
  readonly ownerId?: number;
  /** The repository's own number, where GitHub writes both numbers into its tokens' `sub`: `docs/identities.md`. */
  readonly repositoryId?: number;
}

/** Whom an alert reaches. */
export interface NotificationSettings {
  readonly emails: readonly string[];
  /** Addresses that Cloud Monitoring posts to; they stand in Terraform's state, so no secret belongs in them. */
  readonly webhooks: readonly string[];
}

/** When an alert opens. */
export interface AlertSettings {
  /** More instances than `scaling.minInstances` for this long. */
  readonly busySeconds: number;
  readonly maxLatencyP95Seconds: number;
  /** Share of an instance's memory, 0 to 1. */
  readonly maxMemoryUtilization: number;
  /** Share of the GPU's memory, 0 to 1; vLLM takes `vllm.gpuMemoryUtilization` of it at once. */
  readonly maxGpuMemoryUtilization: number;
  /** Share of 5xx answers, 0 to 1. */
  readonly maxErrorRate: number;
  /** Requests that wait for an instance, for five minutes without a break. */
  readonly maxWaiting: number;
  /** From the start of an instance until it is ready, p95. */
  readonly maxStartSeconds: number;
  /** Latency and error rate of fewer requests in a quarter of an hour open nothing. */
  readonly minRequests: number;
}

export interface ImageSettings {
  /** vLLM's OpenAI image, by tag. */
  readonly base: string;
  /** Its digest, `sha256:…`; undefined until somebody has looked it up (the build says how). */
  readonly baseDigest?: string;
}

export interface ModelSettings {
  /** Hugging Face id. */
  readonly id: string;
  /** Commit of the model repository; undefined until somebody has pinned it. */
  readonly revision?: string;
  /** Name in `/v1/models`; undefined lets vLLM use the id. Official clients look for `LightOnOCR-2-` in it. */
  readonly servedName?: string;
}

export interface Size {
  /** vCPU of an instance. */
  readonly cpu: number;
  /** GiB of an instance. */
  readonly memoryGib: number;
  readonly gpu: Gpu['id'];
  /** Costs 56 % more for the GPU and another quota; default false. */
  readonly zonalRedundancy: boolean;
}

export interface Scaling {
  readonly minInstances: number;
  readonly maxInstances: number;
  /** Requests that Cloud Run sends to one instance at a time. */
  readonly concurrency: number;
}

export interface VllmSettings {
  /** Version of vLLM in the image, `0.30.0`. */
  readonly version: string;
  /** Version of transformers to put into the image, `5.16.1`; `none` keeps the one that vLLM's image brings. */
  readonly transformersVersion: string;
  /** Share of the GPU's memory that vLLM takes, 0 to 1. */
  readonly gpuMemoryUtilization: number;
  /** Sequences decoded together. */
  readonly maxNumSeqs: number;
  /** Context: image and text tokens of one page together. */
  readonly maxModelLen: number;
  readonly imagesPerPrompt: number;
  readonly prefixCaching: boolean;
  /** Hosts that an image URL may name; empty leaves the flag out, and then vLLM fetches from anywhere. */
  readonly allowedMediaDomains: readonly string[];
  /** Time that vLLM gives running requests after SIGTERM; 0 leaves the flag out. Cloud Run kills after 10 s. */
  readonly shutdownTimeoutSeconds: number;
  /** Flags without a key of their own, word by word; checked against those that this version has. */
  readonly args: readonly string[];
}

/** A value that is kept in Secret Manager. */
export interface SecretReference {
  /** Name of the secret in the deployment's project. */
  readonly secret: string;
  /** A number: what serves does not change without a release. `latest` is read when an instance starts. */
  readonly version: string;
}

export interface PageSettings {
  /** Pages are scaled down until their longest side is this many pixels. */
  readonly longestSidePixels: number;
  /** Text tokens that a page may need. */
  readonly textTokens: number;
}

export interface BatchSettings {
  /** Buckets that the job may read, and those that it may write; default none. */
  readonly inputBuckets: readonly string[];
  readonly outputBuckets: readonly string[];
  /** Digest of the client's image, `sha256:…`: docs/batch.md. */
  readonly image: string;
  /** Share of the service's capacity that a batch leaves to other callers, 0 to 1; default 0.2. */
  readonly otherCallers: number;
}

export interface StartupProbe {
  readonly type: 'tcp' | 'http';
  /** Path of an HTTP probe. */
  readonly path?: string;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Quota {
  readonly vcpu: number;
  readonly memoryGib: number;
  readonly gpus: number;
}

export interface ReleaseSettings {
  readonly smoke: SmokeSettings;
  readonly canary: CanarySettings;
  /** Time after which another holder may take over an unrenewed lease. */
  readonly leaseSeconds: number;
  /** Time between two samples of Cloud Run's metrics: 60 s in the cloud. A window starts one of them after traffic moved. */
  readonly monitoringPeriodSeconds: number;
  /** How late Cloud Monitoring may be: 180 s in the cloud. */
  readonly monitoringLagSeconds: number;
}

export interface SmokeSettings {
  /** From the first request until the model answers. */
  readonly coldStartSeconds: number;
  /** One page, warm. */
  readonly latencySeconds: number;
  /** Of the golden page, Markdown marks stripped and white space folded; 0 to 1. */
  readonly maxCharacterErrorRate: number;
}

/** Keys that a release went by until 2026-11-29; they are read and have no effect (`domain/rules/release.ts` says what replaces each). */
export interface RetiredCanarySettings {
  readonly minRequests?: number;
  readonly maxErrorRate?: number;
  readonly maxErrorRateIncrease?: number;
  readonly maxLatencyP95Seconds?: number;
  readonly maxLatencyRatio?: number;
  readonly syntheticPages?: number;
  readonly maxExtensions?: number;
}

export interface CanarySettings extends DecisionSettings, RetiredCanarySettings {
  /** Ends with 100. A step goes on as soon as the evidence allows it; `bakeSeconds` is the most that it lasts. */
  readonly steps: readonly { readonly percent: number; readonly bakeSeconds: number }[];
  /** Golden pages that a release may send to both revisions together. */
  readonly maxGoldenPages: number;
}
