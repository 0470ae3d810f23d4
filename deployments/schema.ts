import { z } from 'zod';
import type {
  AlertSettings,
  BatchSettings,
  CanarySettings,
  Deployment,
  GithubSettings,
  ImageSettings,
  ModelSettings,
  NotificationSettings,
  PageSettings,
  Quota,
  ReleaseSettings,
  Scaling,
  Size,
  SmokeSettings,
  StartupProbe,
  TerraformSettings,
  VllmSettings,
} from '../domain/deployment';
import type { Harm } from '../domain/canary/settings';
import { GPU_IDS } from '../domain/gpus';
import type { Given } from './fill';

/** What a file in `deployments/` may say; its name is the deployment's, and all but the project has a default. */
export type DeploymentFile = Given<Omit<Deployment, 'name' | 'project'>> & { readonly project: string };

type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<Given<T[K]>> };

/** A map with exactly the keys of `T`, each optional: a key forgotten or too many does not compile. */
function section<T>(shape: Shape<T>): z.ZodType<Given<T>> {
  return z.strictObject(shape).partial() as unknown as z.ZodType<Given<T>>;
}

/** What a key is for, in a unit (empty where there is none): `docs/configuration.md` and editors show it. */
function key<T extends z.ZodType>(type: T, unit: string, description: string): T {
  return type.meta({ ...(unit && { unit }), description });
}

const text = z.string().min(1);
const count = z.int().min(0);
const positive = z.int().min(1);
const seconds = z.number().min(0);
const share = z.number().min(0).max(1);
const above0 = z.number().gt(0);
/** Read, so that an old file still loads; `RETIRED_KEY` says what replaces it. */
const retired = <T extends z.ZodType>(type: T): T => key(type, '', 'retired, has no effect');

const release = section<ReleaseSettings>({
  smoke: section<SmokeSettings>({
    coldStartSeconds: key(seconds, 's', 'from the first request until the model answers'),
    latencySeconds: key(seconds, 's', 'for one page, warm'),
    maxCharacterErrorRate: key(share, '0 to 1', 'of the golden page'),
  }),
  canary: section<CanarySettings>({
    steps: key(
      z.array(z.strictObject({ percent: z.number(), bakeSeconds: seconds })),
      '%, s',
      'ends with 100; `bakeSeconds` is the most that a step lasts',
    ),
    harm: section<Harm>({
      errorRateIncrease: key(
        above0.max(0.99),
        '0 to 1',
        'of the error rate, candidate minus stable: harm that must not serve',
      ),
      latencyRatio: key(z.number().gt(1), 'ratio', "of the median time for a page, candidate over stable's"),
      characterErrorRateIncrease: key(
        above0.max(0.3),
        '0 to 1',
        'of the mean character error rate on the golden set, candidate minus stable',
      ),
    }),
    maxHarmServed: key(above0.max(0.5), '0 to 1', 'share of harmful releases that may be served'),
    maxGoodBlocked: key(above0.max(0.5), '0 to 1', 'share of good releases that may be blocked'),
    maxGoldenPages: key(count, 'pages', 'that a release may send to both revisions together'),
    minRequests: retired(positive),
    maxErrorRate: retired(share),
    maxErrorRateIncrease: retired(share),
    maxLatencyP95Seconds: retired(seconds),
    maxLatencyRatio: retired(z.number().min(1)),
    syntheticPages: retired(count),
    maxExtensions: retired(count),
  }),
  leaseSeconds: key(seconds, 's', "until a dead holder's lease may be taken over"),
  monitoringPeriodSeconds: key(seconds, 's', 'between two samples of a metric; a window starts one later'),
  monitoringLagSeconds: key(seconds, 's', 'how late Cloud Monitoring may be'),
});

const optional: Shape<Omit<Deployment, 'name' | 'project'>> = {
  profile: key(z.enum(['guide', 'standard']), '', 'has the values of all keys that are left out'),
  region: key(text, '', 'one that has the GPU: `domain/gpus/`'),
  service: key(text, '', 'name in Cloud Run'),
  state: z.discriminatedUnion('backend', [
    z.strictObject({
      backend: key(
        z.literal('gcs'),
        '',
        "where Terraform's state is: in the project's bucket, or in a folder",
      ),
    }),
    z.strictObject({
      backend: key(
        z.literal('local'),
        '',
        "where Terraform's state is: in the project's bucket, or in a folder",
      ),
      path: key(text, 'folder', "of a local state; relative to the stack's folder"),
    }),
  ]),
  terraform: section<TerraformSettings>({
    engine: key(z.enum(['terraform', 'tofu']), '', 'applies the stacks: Terraform or OpenTofu'),
    google: key(text, 'version', 'of the google provider: `6.50.0`, or a range like `~> 8.0`'),
  }),
  image: section<ImageSettings>({
    base: key(text, '', "vLLM's image, by tag"),
    baseDigest: key(text, '`sha256:…`', 'its digest; a warning while it is not pinned'),
  }),
  model: section<ModelSettings>({
    id: key(text, '', 'on Hugging Face'),
    revision: key(text, 'commit', 'of the model; a warning while it is not pinned'),
    servedName: key(text, '', 'name in `/v1/models`; without it the id'),
  }),
  size: section<Size>({
    cpu: key(positive, 'vCPU', 'of an instance; an L4: 4, 6 or 8'),
    memoryGib: key(positive, 'GiB', 'of an instance; an L4: 16 to 32'),
    gpu: key(z.enum(GPU_IDS), '', 'of an instance, one'),
    zonalRedundancy: key(z.boolean(), '', 'dearer, and another quota'),
  }),
  scaling: section<Scaling>({
    minInstances: key(count, 'instances', '0 scales to zero'),
    maxInstances: key(positive, 'instances', 'at most'),
    concurrency: key(positive, 'requests', 'that one instance gets at a time'),
  }),
  port: key(z.int().min(1).max(65535), '', 'of vLLM in the container'),
  requestTimeoutSeconds: key(positive, 's', 'of a request, cold start included'),
  vllm: section<VllmSettings>({
    version: key(text, '', 'checked against known faults'),
    transformersVersion: key(text, '', "put into the image; `none` keeps the one that vLLM's image brings"),
    gpuMemoryUtilization: key(z.number(), '0 to 1', 'share of the GPU that vLLM takes'),
    maxNumSeqs: key(positive, 'sequences', 'decoded together'),
    maxModelLen: key(positive, 'tokens', 'context: image and text of one page'),
    imagesPerPrompt: key(positive, 'images', 'of a request'),
    prefixCaching: key(z.boolean(), '', 'reuse of the KV cache between requests'),
    allowedMediaDomains: key(z.array(text), 'hosts', 'that an image URL may name; empty means any'),
    shutdownTimeoutSeconds: key(count, 's', 'for pages in flight after SIGTERM; Cloud Run kills at 10'),
    args: key(
      z.array(z.string()),
      'words',
      'flags without a key of their own, checked against those of `vllm.version`',
    ),
  }),
  env: key(z.record(z.string(), z.string()), 'variables', 'of the container, literal whatever they hold'),
  secrets: key(
    z.record(z.string(), z.strictObject({ secret: text, version: text })),
    'variables',
    'each with `secret` and `version` in Secret Manager; the service may read just these',
  ),
  page: section<PageSettings>({
    longestSidePixels: key(positive, 'px', 'pages are scaled down to it'),
    textTokens: key(positive, 'tokens', 'text that a page may need'),
  }),
  probe: section<StartupProbe>({
    type: key(z.enum(['tcp', 'http']), '', 'of the startup probe'),
    path: key(text, '', 'of an HTTP probe'),
    initialDelaySeconds: key(count, 's', 'before the first probe'),
    periodSeconds: key(count, 's', 'from probe to probe'),
    timeoutSeconds: key(count, 's', 'of one probe'),
    failureThreshold: key(positive, 'probes', 'until the start counts as failed: 48 × 10 s'),
  }),
  quota: section<Quota>({
    vcpu: key(count, 'vCPU', 'that the project may use in the region'),
    memoryGib: key(count, 'GiB', 'that the project may use in the region'),
    gpus: key(count, 'GPUs', 'that the project may use in the region'),
  }),
  access: section<Deployment['access']>({
    invokers: key(z.array(text), 'IAM members', 'who may call the service'),
  }),
  github: section<GithubSettings>({
    repository: key(
      text,
      '`owner/name`',
      'whose workflows may release; none: no federation, no accounts for it',
    ),
    ownerId: key(positive, '', "the owner's number: `gh api users/OWNER --jq .id`"),
    repositoryId: key(
      positive,
      '',
      "the repository's number, for one made or renamed since 2026-07-15: `gh api repos/OWNER/REPO --jq .id`",
    ),
  }),
  notifications: section<NotificationSettings>({
    emails: key(z.array(text), 'addresses', 'whom an alert reaches'),
    webhooks: key(
      z.array(text),
      'URLs',
      "that an alert is posted to; they are in Terraform's state, so no secret in them",
    ),
  }),
  alerts: section<AlertSettings>({
    busySeconds: key(positive, 's', 'more instances than `scaling.minInstances` for so long'),
    maxLatencyP95Seconds: key(seconds, 's', 'p95 of all requests'),
    maxMemoryUtilization: key(share, '0 to 1', 'of an instance'),
    maxGpuMemoryUtilization: key(share, '0 to 1', 'of a GPU'),
    maxErrorRate: key(share, '0 to 1', 'share of 5xx'),
    maxWaiting: key(count, 'requests', 'that wait for an instance, five minutes without a break'),
    maxStartSeconds: key(positive, 's', 'from the start of an instance until it is ready, p95'),
    minRequests: key(positive, 'requests', 'in 15 min; latency and errors of fewer open no alert'),
  }),
  golden: key(
    text,
    'folder',
    'golden pages of your own, images with a `.txt` each; relative to `deployments/`',
  ),
  batch: section<BatchSettings>({
    inputBuckets: key(z.array(text), 'buckets', 'that a batch may read'),
    outputBuckets: key(z.array(text), 'buckets', 'that a batch may write'),
    image: key(z.string(), '`sha256:…`', "digest of the client's image: docs/batch.md"),
    otherCallers: key(share.max(0.9), '0 to 1', "share of the service's capacity that a batch leaves free"),
  }),
  workstation: key(z.boolean(), '', 'also write the workstation stack: docs/workstation.md'),
  release,
};

/** The one schema of a deployment's file. Kinds and single ranges are here; what Cloud Run and vLLM ask for is in `domain/rules`. */
export const deploymentFileSchema = z.strictObject({
  ...z.strictObject(optional).partial().shape,
  project: key(text, '', 'Google Cloud project id'),
}) as unknown as z.ZodType<DeploymentFile>;
