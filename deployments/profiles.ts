import type { Deployment } from '../domain/deployment';
import { GOOGLE_PROVIDER_VERSION } from '../domain/terraform/googleProvider';
import { fill, type Given, leaves } from './fill';

/** What a profile supplies: everything but the file's name and the project. */
export type ProfileValues = Omit<Deployment, 'name' | 'profile' | 'project'>;

/**
 * The manual deployment guide, as it stands: size, scaling, args and probe are its own words. What it leaves open has
 * Cloud Run's defaults (concurrency 80, request time-out 300 s) and, for releases, the project's own.
 */
const guide: ProfileValues = {
  region: 'us-central1',
  service: 'lightonocr-gpu',
  state: { backend: 'gcs' },
  terraform: { engine: 'terraform', google: GOOGLE_PROVIDER_VERSION },
  // The CUDA 12.9 flavour: bare tags are CUDA 13, and Cloud Run's L4 driver is documented as 535.
  image: { base: 'vllm/vllm-openai:v0.32.0-cu129' },
  model: { id: 'lightonai/LightOnOCR-2-1B' },
  size: { cpu: 8, memoryGib: 32, gpu: 'nvidia-l4', zonalRedundancy: false },
  scaling: { minInstances: 0, maxInstances: 3, concurrency: 80 },
  port: 8000,
  requestTimeoutSeconds: 300,
  vllm: {
    version: '0.32.0',
    // Made for this vLLM: another one wants another version, or `none`.
    transformersVersion: '5.19.0',
    gpuMemoryUtilization: 0.8,
    maxNumSeqs: 8,
    maxModelLen: 4096,
    imagesPerPrompt: 1,
    prefixCaching: false,
    allowedMediaDomains: [],
    shutdownTimeoutSeconds: 0,
    args: [],
  },
  env: {},
  secrets: {},
  // 1540 px is the model's own size, 4096 the text that its model card asks for.
  page: { longestSidePixels: 1540, textTokens: 4096 },
  probe: {
    type: 'tcp',
    initialDelaySeconds: 240,
    failureThreshold: 1,
    timeoutSeconds: 240,
    periodSeconds: 240,
  },
  // A fresh project, as seen by 2026-10. The 3 GPUs are not confirmed (docs/facts.md): some had 0 for a day.
  quota: { vcpu: 20, memoryGib: 40, gpus: 3 },
  access: { invokers: [] },
  github: {},
  notifications: { emails: [], webhooks: [] },
  alerts: {
    // The guide's four: an instance for an hour, p95 over 120 s, memory over 90 %, errors over 5 %.
    busySeconds: 3600,
    maxLatencyP95Seconds: 120,
    maxMemoryUtilization: 0.9,
    maxErrorRate: 0.05,
    // Above what vLLM may take (`vllm.gpuMemoryUtilization`) and what CUDA keeps for itself.
    maxGpuMemoryUtilization: 0.95,
    // Nearly as many as one instance takes (`scaling.concurrency`): a cold start's queue is gone sooner.
    maxWaiting: 10,
    // A start that takes three quarters of the probe's 480 s is on its way to a revision that never gets ready.
    maxStartSeconds: 360,
    // Nineteen good answers and one bad are the guide's 5 %; of fewer, one failure at night would be an alarm.
    minRequests: 20,
  },
  batch: { inputBuckets: [], outputBuckets: [], image: '', otherCallers: 0.2 },
  workstation: false,
  release: {
    // 480 s is all that the probe gives; 120 s a page is the time-out of the guide's client, half of it when warm.
    smoke: { coldStartSeconds: 480, latencySeconds: 60, maxCharacterErrorRate: 0.05 },
    canary: {
      // Upper bounds: a good release takes less than half of them.
      steps: [
        { percent: 10, bakeSeconds: 1500 },
        { percent: 50, bakeSeconds: 300 },
        { percent: 100, bakeSeconds: 420 },
      ],
      // Smaller harms cost pages: docs/canary.md has the price of each.
      harm: { errorRateIncrease: 0.09, latencyRatio: 2, characterErrorRateIncrease: 0.03 },
      maxHarmServed: 0.01,
      maxGoodBlocked: 0.002,
      // 99.9 % of good releases of a service that fails on 2 % of its pages need less (docs/canary.md).
      maxGoldenPages: 600,
    },
    leaseSeconds: 300,
    // https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run: sampled every 60 s, visible after up to 180 s.
    monitoringPeriodSeconds: 60,
    monitoringLagSeconds: 180,
  },
};

/** `standard` where it is not the guide; `WHY` gives the reason for each. */
const improvements = {
  scaling: { maxInstances: 1, concurrency: 12 },
  requestTimeoutSeconds: 600,
  vllm: { maxModelLen: 8192, allowedMediaDomains: ['media.invalid'], shutdownTimeoutSeconds: 6 },
  probe: {
    type: 'http',
    path: '/health',
    initialDelaySeconds: 0,
    periodSeconds: 1,
    timeoutSeconds: 1,
    failureThreshold: 480,
  },
} as const satisfies Given<ProfileValues>;

/** The two profiles: every key that a deployment's file may leave out. */
export const PROFILES: Readonly<Record<Deployment['profile'], ProfileValues>> = {
  guide,
  standard: fill<ProfileValues>(guide, improvements),
};

/** How sure a reason is. */
export type Grade = 'derived, not yet run on an L4' | 'documented' | 'measured on real vLLM, CPU';

/** One key in which `standard` leaves the guide. */
export interface Difference {
  readonly key: string;
  readonly guide: unknown;
  readonly standard: unknown;
  readonly reason: string;
  readonly grade: Grade;
}

const DERIVED: Grade = 'derived, not yet run on an L4';
const MEASURED: Grade = 'measured on real vLLM, CPU';
const WHY: Readonly<Record<string, { readonly reason: string; readonly grade: Grade }>> = {
  'scaling.maxInstances': {
    reason: 'A fresh project has 20 vCPU and 40 GiB: one instance of 8 vCPU and 32 GiB fits, three do not.',
    grade: DERIVED,
  },
  'scaling.concurrency': {
    reason:
      "vLLM decodes 8 sequences together; with 80, up to 72 pages wait in one instance's queue. 12 keeps half a batch at hand, so that a finished sequence is followed at once, and lets Cloud Run start another instance for the rest.",
    grade: DERIVED,
  },
  requestTimeoutSeconds: {
    reason:
      'A request that starts an instance waits for it: 300 s end before the 480 s that the probe allows. 600 leaves 120 s for the page.',
    grade: DERIVED,
  },
  'vllm.maxModelLen': {
    reason:
      'In 4096 a Letter page of 2365 tokens leaves 1.7k for text, and dense pages are cut. 8192 holds the largest page (3025) and 4096 tokens of text; 8 such sequences take 7 GiB.',
    grade: DERIVED,
  },
  'vllm.allowedMediaDomains': {
    reason:
      'Left out, vLLM fetches image URLs from anywhere (SSRF). A domain that cannot exist closes that; data: URLs still pass.',
    grade: 'documented',
  },
  'vllm.shutdownTimeoutSeconds': {
    reason:
      'vLLM aborts pages in flight by default, and Cloud Run kills 10 s after SIGTERM. vLLM 0.30.0 ended 2 s after its time-out (10.03 s with 8): with 6 it is gone after 8.',
    grade: MEASURED,
  },
  'probe.type': {
    reason:
      'Both see the same moment: vLLM 0.30.0 and 0.32.0 refuse connections until /health is 200. HTTP asks vLLM itself, and any server answers TCP.',
    grade: MEASURED,
  },
  'probe.path': { reason: "vLLM's health check: 200 when the engine runs.", grade: MEASURED },
  'probe.initialDelaySeconds': {
    reason: 'With 240 no instance is ready before four minutes; others measured a median start of 50 s.',
    grade: DERIVED,
  },
  'probe.periodSeconds': {
    reason:
      'Half a period is lost at each cold start: 5 s of 10, 0.5 s of 1. While vLLM loads its port is refused, which costs it nothing.',
    grade: MEASURED,
  },
  'probe.timeoutSeconds': {
    reason: 'It may not be longer than the period; /health answers at once when it answers.',
    grade: MEASURED,
  },
  'probe.failureThreshold': {
    reason: "480 probes of 1 s are 480 s: the guide's total, delay and probe together.",
    grade: DERIVED,
  },
};

/** Where the profiles differ, as they are, each with its reason; the documentation prints this table. */
export function profileDifferences(): Difference[] {
  const before = leaves(PROFILES.guide);
  const after = leaves(PROFILES.standard);
  const changed = [...after].filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(before.get(key)),
  );
  return changed.map(([key, standard]) => {
    const why = WHY[key];
    if (why === undefined) throw new Error(`profiles: ${key} differs from the guide without a reason`);
    return { key, guide: before.get(key), standard, ...why };
  });
}
