import { z } from 'zod';
import type {
  AlertSettings,
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
  VllmSettings,
} from '../domain/deployment';
import type { Given } from './fill';

/** What a file in `deployments/` may say; its name is the deployment's, and all but the project has a default. */
export type DeploymentFile = Given<Omit<Deployment, 'name' | 'project'>> & { readonly project: string };

type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<Given<T[K]>> };

/** A map with exactly the keys of `T`, each optional: a key forgotten or too many does not compile. */
function section<T>(shape: Shape<T>): z.ZodType<Given<T>> {
  return z.strictObject(shape).partial() as unknown as z.ZodType<Given<T>>;
}

const text = z.string().min(1);
const count = z.int().min(0);
const positive = z.int().min(1);
const seconds = z.number().min(0);
const share = z.number().min(0).max(1);

const release = section<ReleaseSettings>({
  smoke: section<SmokeSettings>({
    coldStartSeconds: seconds,
    latencySeconds: seconds,
    maxCharacterErrorRate: share,
  }),
  canary: section<CanarySettings>({
    steps: z.array(z.strictObject({ percent: z.number(), bakeSeconds: seconds })),
    minRequests: positive,
    maxErrorRate: share,
    maxErrorRateIncrease: share,
    maxLatencyP95Seconds: seconds,
    maxLatencyRatio: z.number().min(1),
    syntheticPages: count,
    maxExtensions: count,
  }),
  leaseSeconds: seconds,
  monitoringPeriodSeconds: seconds,
  monitoringLagSeconds: seconds,
});

const optional: Shape<Omit<Deployment, 'name' | 'project'>> = {
  profile: z.enum(['guide', 'standard']),
  region: text,
  service: text,
  state: z.discriminatedUnion('backend', [
    z.strictObject({ backend: z.literal('gcs') }),
    z.strictObject({ backend: z.literal('local'), path: text }),
  ]),
  image: section<ImageSettings>({ base: text, baseDigest: text }),
  model: section<ModelSettings>({ id: text, revision: text, servedName: text }),
  size: section<Size>({
    cpu: positive,
    memoryGib: positive,
    gpu: z.literal('nvidia-l4'),
    zonalRedundancy: z.boolean(),
  }),
  scaling: section<Scaling>({ minInstances: count, maxInstances: positive, concurrency: positive }),
  port: z.int().min(1).max(65535),
  requestTimeoutSeconds: positive,
  vllm: section<VllmSettings>({
    version: text,
    transformersVersion: text,
    gpuMemoryUtilization: z.number(),
    maxNumSeqs: positive,
    maxModelLen: positive,
    imagesPerPrompt: positive,
    prefixCaching: z.boolean(),
    allowedMediaDomains: z.array(text),
    shutdownTimeoutSeconds: count,
  }),
  page: section<PageSettings>({ longestSidePixels: positive, textTokens: positive }),
  probe: section<StartupProbe>({
    type: z.enum(['tcp', 'http']),
    path: text,
    initialDelaySeconds: count,
    periodSeconds: count,
    timeoutSeconds: count,
    failureThreshold: positive,
  }),
  quota: section<Quota>({ vcpu: count, memoryGib: count, gpus: count }),
  access: section<Deployment['access']>({ invokers: z.array(text) }),
  github: section<GithubSettings>({ repository: text, ownerId: positive }),
  notifications: section<NotificationSettings>({ emails: z.array(text), webhooks: z.array(text) }),
  alerts: section<AlertSettings>({
    busySeconds: positive,
    maxLatencyP95Seconds: seconds,
    maxMemoryUtilization: share,
    maxGpuMemoryUtilization: share,
    maxErrorRate: share,
    maxThrottled: count,
    maxStartSeconds: positive,
    minRequests: positive,
  }),
  workstation: z.boolean(),
  release,
};

/** The one schema of a deployment's file. Kinds and single ranges are here; what Cloud Run and vLLM ask for is in `domain/rules`. */
export const deploymentFileSchema = z.strictObject({
  ...z.strictObject(optional).partial().shape,
  project: text,
}) as unknown as z.ZodType<DeploymentFile>;
