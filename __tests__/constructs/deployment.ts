import type { Deployment } from '../../domain/deployment';
import { revisionTemplate, templateHash, type ReleaseIdentity } from '../../domain/template';
import { revisionName } from '../../domain/names';

/** A whole deployment, written out: what the stacks make of it does not move when a profile's default does. */
export const DEPLOYMENT: Deployment = {
  name: 'example',
  profile: 'standard',
  project: 'example-project',
  region: 'us-central1',
  service: 'lightonocr-gpu',
  state: { backend: 'gcs' },
  terraform: { engine: 'terraform', google: '6.50.0' },
  image: { base: 'vllm/vllm-openai:v0.32.0-cu129' },
  model: { id: 'lightonai/LightOnOCR-2-1B' },
  size: { cpu: 8, memoryGib: 32, gpu: 'nvidia-l4', zonalRedundancy: false },
  scaling: { minInstances: 0, maxInstances: 3, concurrency: 12 },
  port: 8000,
  requestTimeoutSeconds: 600,
  vllm: {
    version: '0.32.0',
    transformersVersion: '5.19.0',
    gpuMemoryUtilization: 0.8,
    maxNumSeqs: 8,
    maxModelLen: 8192,
    imagesPerPrompt: 1,
    prefixCaching: false,
    allowedMediaDomains: ['none.invalid'],
    shutdownTimeoutSeconds: 8,
    args: [],
  },
  env: {},
  secrets: {},
  page: { longestSidePixels: 1540, textTokens: 4096 },
  probe: {
    type: 'http',
    path: '/health',
    initialDelaySeconds: 0,
    periodSeconds: 1,
    timeoutSeconds: 1,
    failureThreshold: 480,
  },
  quota: { vcpu: 24, memoryGib: 96, gpus: 3 },
  access: { invokers: ['serviceAccount:backend@example-project.iam.gserviceaccount.com'] },
  github: { repository: 'example/ocr', ownerId: 4711 },
  notifications: { emails: ['oncall@example.com'], webhooks: ['https://hooks.example.com/ocr'] },
  alerts: {
    busySeconds: 3600,
    maxLatencyP95Seconds: 120,
    maxMemoryUtilization: 0.9,
    maxGpuMemoryUtilization: 0.95,
    maxErrorRate: 0.05,
    maxWaiting: 10,
    maxStartSeconds: 360,
    minRequests: 20,
  },
  batch: { inputBuckets: [], outputBuckets: [], image: '', otherCallers: 0.2 },
  workstation: true,
  release: {
    smoke: { coldStartSeconds: 480, latencySeconds: 60, maxCharacterErrorRate: 0.1 },
    canary: {
      steps: [{ percent: 100, bakeSeconds: 60 }],
      harm: { errorRateIncrease: 0.09, latencyRatio: 2, characterErrorRateIncrease: 0.03 },
      maxHarmServed: 0.01,
      maxGoodBlocked: 0.002,
      maxGoldenPages: 600,
    },
    leaseSeconds: 120,
    monitoringPeriodSeconds: 60,
    monitoringLagSeconds: 180,
  },
};

const sha = '0123456789abcdef0123456789abcdef01234567';
const digest = `sha256:${'ab'.repeat(32)}`;
export const TEMPLATE = revisionTemplate(DEPLOYMENT, digest);
export const RELEASE: ReleaseIdentity = {
  sha,
  digest,
  revision: revisionName(DEPLOYMENT.service, sha, templateHash(TEMPLATE)),
};
