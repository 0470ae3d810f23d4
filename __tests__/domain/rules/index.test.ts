import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import { loadDeployment } from '../../../deployments/load';
import type { Deployment } from '../../../domain/deployment';
import { placeholderIdentity } from '../../../domain/plan/placeholder';
import { refuseErrors } from '../../../domain/problem';
import { deploymentProblems } from '../../../domain/rules';
import { fill, type Given } from '../../../deployments/fill';
import { deploymentStacks } from '../../../stacks/deploymentStacks';

/** A deployment that no rule has anything to say about. */
const clean: Deployment = fill<Deployment>(loadDeployment('small'), {
  project: 'example-project',
  image: { baseDigest: `sha256:${'a'.repeat(64)}` },
  model: { revision: 'a'.repeat(40) },
  notifications: { emails: ['oncall@example.com'] },
  scaling: { maxInstances: 2 },
});

const codes = (change: Given<Deployment>, base = clean) =>
  deploymentProblems(fill<Deployment>(base, change)).map((problem) => problem.code);

const steps = (...percents: number[]) => ({
  release: { canary: { steps: percents.map((percent) => ({ percent, bakeSeconds: 60 })) } },
});
const retired = (value: number, key = 'syntheticPages') => ({ release: { canary: { [key]: value } } });
const bake = (bakeSeconds: number) => ({ release: { canary: { steps: [{ percent: 100, bakeSeconds }] } } });
const invokers = (...names: string[]) => ({ access: { invokers: names } });
const member = (name: string) => invokers(name);
/** With `-fffffff-ffffff-99` twice, `c` and `---`, 41 characters of service fill a DNS label of 63. */
const service = (length: number) => ({ service: 's'.repeat(length) });

const args = (...words: string[]) => ({ vllm: { args: words } });
const secret = (name: string, secretName = 's', version = '1') => ({
  secrets: { [name]: { secret: secretName, version } },
});
const RTX = { gpu: 'nvidia-rtx-pro-6000', cpu: 20, memoryGib: 80 } as const;

type Case = [
  code: string,
  severity: 'error' | 'warning',
  key: string,
  broken: Given<Deployment>,
  neighbour: Given<Deployment>,
];
const github = (repository?: string, ownerId?: number) => ({ github: { repository, ownerId } });
const webhook = (url: string) => ({ notifications: { webhooks: [url] } });
const google = (version: string) => ({ terraform: { google: version } });
const CASES: Case[] = [
  ['DEPLOYMENT_NAME', 'error', 'name', { name: 'Production' }, { name: 'production' }],
  ['DEPLOYMENT_NAME', 'error', 'name', { name: 'p'.repeat(53) }, { name: 'p'.repeat(52) }],
  ['PROJECT_ID', 'error', 'project', { project: 'short' }, { project: 'short1' }],
  ['PROJECT_ID', 'error', 'project', { project: 'project-' }, { project: 'project-1' }],
  ['PROJECT_PLACEHOLDER', 'warning', 'project', { project: 'my-project' }, { project: 'my-project-2' }],
  ['SERVICE_NAME', 'error', 'service', { service: '1ocr' }, { service: 'ocr1' }],
  ['SERVICE_NAME_TOO_LONG', 'error', 'service', service(42), service(41)],
  [
    'SERVED_NAME',
    'warning',
    'model.servedName',
    { model: { servedName: 'ocr' } },
    { model: { servedName: 'LightOnOCR-2-1B' } },
  ],
  [
    'SERVED_NAME',
    'warning',
    'model.servedName',
    { model: { id: 'lightonai/LightOnOCR-3-1B', servedName: 'LightOnOCR-3-0.8B' } },
    { model: { id: 'lightonai/LightOnOCR-3-1B', servedName: 'our-LightOnOCR-3-1B' } },
  ],
  [
    'TEXT_TOO_LONG',
    'error',
    'model.servedName',
    { model: { servedName: `LightOnOCR-2-${'n'.repeat(244)}` } },
    { model: { servedName: `LightOnOCR-2-${'n'.repeat(243)}` } },
  ],
  [
    'TEXT_TOO_LONG',
    'error',
    'vllm.allowedMediaDomains.1',
    { vllm: { allowedMediaDomains: ['a.invalid', 'd'.repeat(254)] } },
    { vllm: { allowedMediaDomains: ['a.invalid', 'd'.repeat(253)] } },
  ],
  [
    'TEXT_TOO_LONG',
    'error',
    'probe.path',
    { probe: { path: `/${'p'.repeat(40_000)}` } },
    { probe: { path: `/${'p'.repeat(2047)}` } },
  ],
  [
    'TEXT_OF_CDKTF',
    'error',
    'probe.path',
    { probe: { path: '/${TfToken[TOKEN.0]}' } },
    { probe: { path: '/${path.module}%{ if true }' } },
  ],
  ['GOOGLE_PROVIDER_FORM', 'error', 'terraform.google', google('>= 7.0, < 9'), google('~> 8.0')],
  ['GOOGLE_PROVIDER_FORM', 'error', 'terraform.google', google('8.0'), google('8.0.0')],
  ['GOOGLE_PROVIDER_TOO_OLD', 'error', 'terraform.google', google('~> 6.0'), google('~> 6.50')],
  ['GOOGLE_PROVIDER_TOO_OLD', 'error', 'terraform.google', google('6.49.3'), google('7.0.0')],
  ['GOOGLE_PROVIDER_NOT_TRIED', 'warning', 'terraform.google', google('~> 9.0'), google('~> 8.5')],
  ['ARGS_UNKNOWN', 'error', 'vllm.args', args('--enforce-eagre'), args('--enforce-eager')],
  ['ARGS_UNKNOWN', 'error', 'vllm.args', args('lightonai/other'), args('--revision', 'main')],
  ['ARGS_UNKNOWN', 'error', 'vllm.args', args('-q', 'fp8'), args('--quantization', 'fp8')],
  ['ARGS_VALUE', 'error', 'vllm.args', args('--seed', 'x'), args('--seed', '1')],
  ['ARGS_VALUE', 'error', 'vllm.args', args('--no-disable-log-stats'), args('--no-enforce-eager')],
  [
    'ARGS_TWICE',
    'error',
    'vllm.args',
    args('--seed', '1', '--seed=2'),
    args('--seed', '1', '--enforce-eager'),
  ],
  [
    'ARGS_TWICE',
    'error',
    'vllm.args',
    args('--enforce-eager', '--no-enforce-eager'),
    args('--enforce-eager'),
  ],
  ['ARGS_HAVE_KEY', 'error', 'vllm.args', args('--max_num_seqs', '4'), { vllm: { maxNumSeqs: 8 } }],
  ['ARGS_HAVE_KEY', 'error', 'vllm.args', args('--enable-prefix-caching'), { vllm: { prefixCaching: true } }],
  ['ARGS_SECRET', 'error', 'vllm.args', args('--hf-token', 'x'), args('--enforce-eager')],
  [
    'ARGS_DEPRECATED',
    'warning',
    'vllm.args',
    { vllm: { version: '0.32.0', args: ['--disable-cascade-attn'] } },
    { vllm: { version: '0.30.0', args: ['--disable-cascade-attn'] } },
  ],
  [
    'ARGS_NOT_CHECKED',
    'warning',
    'vllm.args',
    { vllm: { version: '0.28.0', args: ['--anything'] } },
    { vllm: { version: '0.28.0' } },
  ],
  ['ENV_NAME', 'error', 'env.1A', { env: { '1A': 'x' } }, { env: { A1: 'x' } }],
  ['ENV_NAME', 'error', 'env.PORT', { env: { PORT: '1' } }, { env: { PORTS: '1' } }],
  ['ENV_NAME', 'error', 'secrets.K_SERVICE', secret('K_SERVICE'), secret('SERVICE')],
  ['ENV_OURS', 'error', 'env.HF_HOME', { env: { HF_HOME: '/x' } }, { env: { HF_DATASETS: '/x' } }],
  ['ENV_TWICE', 'error', 'env.A', { env: { A: 'x' }, ...secret('A') }, { env: { B: 'x' }, ...secret('A') }],
  ['ENV_SECRET', 'warning', 'env.API_TOKEN', { env: { API_TOKEN: 'x' } }, secret('API_TOKEN')],
  ['ENV_TOO_LONG', 'error', 'env.A', { env: { A: 'é'.repeat(16_385) } }, { env: { A: 'é'.repeat(16_384) } }],
  ['SECRET_NAME', 'error', 'secrets.A.secret', secret('A', 'a/b'), secret('A', 'a_b-1')],
  ['SECRET_VERSION', 'error', 'secrets.A.version', secret('A', 's', 'v1'), secret('A', 's', '1')],
  ['SECRET_LATEST', 'warning', 'secrets.A.version', secret('A', 's', 'latest'), secret('A', 's', '12')],
  ['REGION_WITHOUT_L4', 'error', 'region', { region: 'us-west1' }, { region: 'us-east4' }],
  [
    'REGION_WITHOUT_GPU',
    'error',
    'region',
    { size: RTX, region: 'us-east4' },
    { size: RTX, region: 'us-central1' },
  ],
  [
    'REGION_BY_INVITATION',
    'warning',
    'region',
    { size: RTX, region: 'asia-south2' },
    { size: RTX, region: 'asia-southeast1' },
  ],
  ['GPU_CPU', 'error', 'size.cpu', { size: { ...RTX, cpu: 19 } }, { size: RTX }],
  ['GPU_MEMORY', 'error', 'size.memoryGib', { size: { ...RTX, memoryGib: 79 } }, { size: RTX }],
  [
    'GPU_CPU',
    'error',
    'size.cpu',
    { size: { ...RTX, cpu: 8 } },
    { size: { ...RTX, cpu: 24, memoryGib: 96 } },
  ],
  ['REGION_BY_INVITATION', 'warning', 'region', { region: 'asia-south1' }, { region: 'asia-southeast1' }],
  ['L4_CPU', 'error', 'size.cpu', { size: { cpu: 2 } }, { size: { cpu: 4 } }],
  ['L4_CPU', 'error', 'size.cpu', { size: { cpu: 5 } }, { size: { cpu: 6 } }],
  ['L4_MEMORY', 'error', 'size.memoryGib', { size: { memoryGib: 15 } }, { size: { memoryGib: 16 } }],
  [
    'L4_MEMORY',
    'error',
    'size.memoryGib',
    { size: { cpu: 8, memoryGib: 33 } },
    { size: { cpu: 8, memoryGib: 32 } },
  ],
  [
    'MEMORY_NEEDS_CPU',
    'error',
    'size.memoryGib',
    { size: { memoryGib: 17 } },
    { size: { cpu: 6, memoryGib: 17 } },
  ],
  [
    'MEMORY_NEEDS_CPU',
    'error',
    'size.memoryGib',
    { size: { cpu: 6, memoryGib: 25 } },
    { size: { cpu: 6, memoryGib: 24 } },
  ],
  [
    'MIN_ABOVE_MAX',
    'error',
    'scaling.minInstances',
    { scaling: { minInstances: 3 } },
    { scaling: { minInstances: 2 } },
  ],
  [
    'CONCURRENCY_RANGE',
    'error',
    'scaling.concurrency',
    { scaling: { concurrency: 7 } },
    { scaling: { concurrency: 8 } },
  ],
  [
    'CONCURRENCY_RANGE',
    'error',
    'scaling.concurrency',
    { scaling: { concurrency: 17 } },
    { scaling: { concurrency: 16 } },
  ],
  ['QUOTA_CPU', 'error', 'scaling.maxInstances', { quota: { vcpu: 7 } }, { quota: { vcpu: 8 } }],
  [
    'QUOTA_MEMORY',
    'error',
    'scaling.maxInstances',
    { scaling: { maxInstances: 3 } },
    { scaling: { maxInstances: 2 } },
  ],
  ['QUOTA_GPU', 'error', 'scaling.maxInstances', { quota: { gpus: 1 } }, { quota: { gpus: 2 } }],
  [
    'QUOTA_NO_ROOM_FOR_CANDIDATE',
    'warning',
    'quota',
    { quota: { memoryGib: 31 } },
    { quota: { memoryGib: 32 } },
  ],
  [
    'REQUEST_TIMEOUT_TOO_LONG',
    'error',
    'requestTimeoutSeconds',
    { requestTimeoutSeconds: 3601 },
    { requestTimeoutSeconds: 3600 },
  ],
  [
    'REQUEST_TIMEOUT_BELOW_START',
    'error',
    'requestTimeoutSeconds',
    { requestTimeoutSeconds: 480 },
    { requestTimeoutSeconds: 481 },
  ],
  [
    'REQUEST_TIMEOUT_BELOW_START',
    'error',
    'requestTimeoutSeconds',
    { release: { smoke: { coldStartSeconds: 600 } } },
    { release: { smoke: { coldStartSeconds: 599 } } },
  ],
  [
    'PROBE_INITIAL_DELAY',
    'error',
    'probe.initialDelaySeconds',
    { probe: { initialDelaySeconds: 241 } },
    { probe: { initialDelaySeconds: 240 } },
  ],
  [
    'PROBE_DELAYS_START',
    'warning',
    'probe.initialDelaySeconds',
    { probe: { initialDelaySeconds: 240 } },
    { probe: { initialDelaySeconds: 50 } },
  ],
  [
    'PROBE_PERIOD',
    'error',
    'probe.periodSeconds',
    { probe: { periodSeconds: 241 } },
    { probe: { periodSeconds: 240 } },
  ],
  [
    'PROBE_PERIOD',
    'error',
    'probe.periodSeconds',
    { probe: { periodSeconds: 0 } },
    { probe: { periodSeconds: 1 } },
  ],
  [
    'PROBE_TIMEOUT',
    'error',
    'probe.timeoutSeconds',
    { probe: { periodSeconds: 10, failureThreshold: 48, timeoutSeconds: 11 } },
    { probe: { periodSeconds: 10, failureThreshold: 48, timeoutSeconds: 10 } },
  ],
  [
    'PROBE_TIMEOUT',
    'error',
    'probe.timeoutSeconds',
    { probe: { timeoutSeconds: 0 } },
    { probe: { timeoutSeconds: 1 } },
  ],
  [
    'PROBE_TOTAL',
    'error',
    'probe.failureThreshold',
    { probe: { periodSeconds: 10, failureThreshold: 181 } },
    { probe: { periodSeconds: 10, failureThreshold: 180 } },
  ],
  ['PROBE_PATH', 'error', 'probe.path', { probe: { path: 'health' } }, { probe: { path: '/health' } }],
  ['PROBE_PATH_UNUSED', 'error', 'probe.path', { probe: { type: 'tcp' } }, { probe: { type: 'http' } }],
  [
    'GPU_UTILIZATION_RANGE',
    'error',
    'vllm.gpuMemoryUtilization',
    { vllm: { gpuMemoryUtilization: 0.96 } },
    { vllm: { gpuMemoryUtilization: 0.95 } },
  ],
  [
    'GPU_UTILIZATION_RANGE',
    'error',
    'vllm.gpuMemoryUtilization',
    { vllm: { gpuMemoryUtilization: 0 } },
    { vllm: { gpuMemoryUtilization: 0.5 } },
  ],
  // 0.80 of 22.03 GiB less 1.87 GiB of weights are 15.754 GiB: 18.005 sequences of 8192 tokens at 112 KiB (0.875 GiB each).
  [
    'KV_CACHE_TOO_LARGE',
    'error',
    'vllm.maxNumSeqs',
    { vllm: { maxNumSeqs: 19 } },
    { vllm: { maxNumSeqs: 18 } },
  ],
  [
    'MODEL_UNKNOWN',
    'warning',
    'model.id',
    { model: { id: 'lightonai/LightOnOCR-3' } },
    { model: { id: 'lightonai/LightOnOCR-2-1B-bbox' } },
  ],
  [
    'PAGE_TOO_MANY_PIXELS',
    'error',
    'page.longestSidePixels',
    { page: { longestSidePixels: 1541 } },
    { page: { longestSidePixels: 1540 } },
  ],
  [
    'PAGE_REJECTED',
    'error',
    'vllm.maxModelLen',
    { vllm: { maxModelLen: 2048 } },
    { vllm: { maxModelLen: 4096 } },
  ],
  [
    'PAGE_REJECTED',
    'error',
    'vllm.maxModelLen',
    { vllm: { maxModelLen: 2048 } },
    { vllm: { maxModelLen: 2048 }, page: { longestSidePixels: 1024 } },
  ],
  [
    'PAGE_REJECTED',
    'error',
    'vllm.maxModelLen',
    { vllm: { maxModelLen: 3025 } },
    { vllm: { maxModelLen: 3026 } },
  ],
  [
    'PAGE_TEXT_CUT',
    'warning',
    'vllm.maxModelLen',
    { vllm: { maxModelLen: 3026 } },
    { vllm: { maxModelLen: 3025 } },
  ],
  [
    'PAGE_TEXT_CUT',
    'warning',
    'vllm.maxModelLen',
    { vllm: { maxModelLen: 4096 } },
    { vllm: { maxModelLen: 7121 } },
  ],
  [
    'PAGE_TEXT_CUT',
    'warning',
    'vllm.maxModelLen',
    { vllm: { maxModelLen: 4096 } },
    { vllm: { maxModelLen: 4096 }, page: { textTokens: 1071 } },
  ],
  [
    'VLLM_VERSION_FORM',
    'error',
    'vllm.version',
    { vllm: { version: 'latest' } },
    { vllm: { version: '0.30.0' } },
  ],
  [
    'VLLM_REMOTE_CODE',
    'error',
    'vllm.version',
    { vllm: { version: '0.9.9' } },
    { vllm: { version: '0.14.1' } },
  ],
  [
    'VLLM_KEY_BYPASS',
    'warning',
    'vllm.version',
    { vllm: { version: '0.21.9' } },
    { vllm: { version: '0.22.0' } },
  ],
  ['VLLM_LOOPS', 'error', 'vllm.version', { vllm: { version: '0.27.1' } }, { vllm: { version: '0.27.2' } }],
  [
    'VLLM_TRANSFORMERS',
    'error',
    'vllm.transformersVersion',
    { vllm: { version: '0.30.0', transformersVersion: '5.17.0' } },
    { vllm: { version: '0.30.0', transformersVersion: '5.16.1' } },
  ],
  [
    'VLLM_TRANSFORMERS',
    'error',
    'vllm.transformersVersion',
    { vllm: { version: '0.30.0', transformersVersion: 'none' } },
    { vllm: { version: '0.33.0', transformersVersion: 'none' } },
  ],
  [
    'VLLM_ADVISORY',
    'warning',
    'vllm.version',
    { vllm: { version: '0.30.0', transformersVersion: '5.16.1' } },
    { vllm: { version: '0.31.0' } },
  ],
  [
    'VLLM_REMOTE_CODE',
    'error',
    'vllm.version',
    { vllm: { version: '0.30.0', transformersVersion: '5.16.1', args: ['--trust-remote-code'] } },
    { vllm: { version: '0.32.0', args: ['--trust-remote-code'] } },
  ],
  // A new vLLM under the profile's pin.
  [
    'TRANSFORMERS_NOT_TESTED',
    'warning',
    'vllm.transformersVersion',
    {
      vllm: { version: '0.33.0', transformersVersion: '5.16.0' },
      image: { base: 'vllm/vllm-openai:v0.33.0-cu129' },
    },
    {
      vllm: { version: '0.33.0', transformersVersion: 'none' },
      image: { base: 'vllm/vllm-openai:v0.33.0-cu129' },
    },
  ],
  [
    'TRANSFORMERS_NOT_TESTED',
    'warning',
    'vllm.transformersVersion',
    { vllm: { version: '0.33.0', transformersVersion: '5.21.0' } },
    { vllm: { version: '0.33.0', transformersVersion: '5.20.9' } },
  ],
  [
    'TRANSFORMERS_NOT_TESTED',
    'warning',
    'vllm.transformersVersion',
    { vllm: { version: '0.29.0' } },
    { vllm: { version: '0.32.0' } },
  ],
  [
    'BASE_VERSION_DIFFERS',
    'warning',
    'image.base',
    { image: { base: 'vllm/vllm-openai:v0.29.0' } },
    { image: { base: 'mirror.example/vllm:v0.32.0' } },
  ],
  [
    'BASE_WITHOUT_TAG',
    'error',
    'image.base',
    { image: { base: 'localhost:5000/vllm-0.30.0' } },
    { image: { base: 'localhost:5000/vllm:0.30.0' } },
  ],
  [
    'BASE_WITHOUT_TAG',
    'error',
    'image.base',
    { image: { base: 'vllm:0.30.0@sha256:abc' } },
    { image: { base: 'vllm:0.30.0' } },
  ],
  ['BAD_DIGEST', 'error', 'image.baseDigest', { image: { baseDigest: `sha256:${'a'.repeat(63)}` } }, {}],
  [
    'MEDIA_DOMAINS_OPEN',
    'error',
    'vllm.allowedMediaDomains',
    { vllm: { allowedMediaDomains: [] } },
    { vllm: { allowedMediaDomains: ['a.example'] } },
  ],
  [
    'SHUTDOWN_TOO_LONG',
    'error',
    'vllm.shutdownTimeoutSeconds',
    { vllm: { shutdownTimeoutSeconds: 9 } },
    { vllm: { shutdownTimeoutSeconds: 8 } },
  ],
  [
    'SHUTDOWN_OVERRUNS',
    'warning',
    'vllm.shutdownTimeoutSeconds',
    { vllm: { shutdownTimeoutSeconds: 8 } },
    { vllm: { shutdownTimeoutSeconds: 7 } },
  ],
  [
    'SHUTDOWN_ABORTS_PAGES',
    'warning',
    'vllm.shutdownTimeoutSeconds',
    { vllm: { shutdownTimeoutSeconds: 0 } },
    { vllm: { shutdownTimeoutSeconds: 1 } },
  ],
  ['INVOKER_PUBLIC', 'error', 'access.invokers.0', member('allUsers'), member('domain:example.com')],
  [
    'INVOKER_PUBLIC',
    'error',
    'access.invokers.0',
    member('allAuthenticatedUsers'),
    member('group:a@example.com'),
  ],
  [
    'INVOKER_FORM',
    'error',
    'access.invokers.0',
    member('a@example.com'),
    member('serviceAccount:a@my-project.iam.gserviceaccount.com'),
  ],
  [
    'INVOKER_FORM',
    'error',
    'access.invokers.0',
    member('serviceAccount:a'),
    member('principalSet://iam.googleapis.com/x/*'),
  ],
  [
    'INVOKER_TWICE',
    'error',
    'access.invokers.1',
    invokers('user:a@b.c', 'user:a@b.c'),
    invokers('user:a@b.c', 'group:a@b.c'),
  ],
  ...['gpu', 'builder', 'submitter', 'pr-planner', 'main-planner', 'deployer', 'rollback'].map(
    (name): Case => [
      'INVOKER_OURS',
      'error',
      'access.invokers.0',
      invokers(`serviceAccount:lightonocr-${name}@example-project.iam.gserviceaccount.com`),
      invokers(
        `serviceAccount:lightonocr-${name}@other-project.iam.gserviceaccount.com`,
        'serviceAccount:lightonocr-backend@example-project.iam.gserviceaccount.com',
      ),
    ],
  ),
  ['GITHUB_HALF', 'error', 'github.ownerId', github('a/b'), github('a/b', 1)],
  ['GITHUB_HALF', 'error', 'github.repository', github(undefined, 1), github()],
  [
    'GITHUB_HALF',
    'error',
    'github.repository',
    { github: { repositoryId: 2 } },
    { github: { repository: 'a/b', ownerId: 1, repositoryId: 2 } },
  ],
  ['GITHUB_REPOSITORY', 'error', 'github.repository', github("a/b' || true || '", 1), github('a-b/c.d_e', 1)],
  ['GITHUB_REPOSITORY', 'error', 'github.repository', github('https://github.com/a/b', 1), github('a/b', 1)],
  // repo:a/…:environment:NAME-rollback, with the name of the deployment that these cases change.
  [
    'GITHUB_SUBJECT',
    'error',
    'github.repository',
    { ...github(`a/${'b'.repeat(98)}`, 1), name: 'x' },
    { ...github(`a/${'b'.repeat(97)}`, 1), name: 'x' },
  ],
  [
    'NOTIFICATION_TWICE',
    'error',
    'notifications.emails.1',
    { notifications: { emails: ['a@b.c', 'a@b.c'] } },
    { notifications: { emails: ['a@b.c', 'b@b.c'] } },
  ],
  [
    'NOTIFICATION_TWICE',
    'error',
    'notifications.webhooks.1',
    { notifications: { webhooks: ['https://b.c', 'https://b.c'] } },
    { notifications: { webhooks: ['https://b.c', 'https://b.c/d'] } },
  ],
  [
    'NOTIFICATION_EMAIL',
    'error',
    'notifications.emails.0',
    { notifications: { emails: ['oncall'] } },
    { notifications: { emails: ['oncall@example.com'] } },
  ],
  [
    'NOTIFICATION_WEBHOOK',
    'error',
    'notifications.webhooks.0',
    webhook('https://hooks.example.com/ocr?token=x'),
    webhook('https://hooks.example.com/ocr'),
  ],
  [
    'NOTIFICATION_WEBHOOK',
    'error',
    'notifications.webhooks.0',
    webhook('https://user:word@hooks.example.com'),
    webhook('https://hooks.example.com'),
  ],
  [
    'NOTIFICATION_WEBHOOK',
    'error',
    'notifications.webhooks.0',
    webhook('http://hooks.example.com/ocr'),
    webhook('https://hooks.example.com/'),
  ],
  [
    'ALERTS_REACH_NOBODY',
    'warning',
    'notifications',
    { notifications: { emails: [] } },
    { notifications: { emails: ['a@example.com'] } },
  ],
  ['CANARY_ORDER', 'error', 'release.canary.steps', steps(50, 50, 100), steps(50, 51, 100)],
  ['CANARY_ORDER', 'error', 'release.canary.steps', steps(0.5, 100), steps(1, 100)],
  ['CANARY_ORDER', 'error', 'release.canary.steps', steps(0, 100), steps(100)],
  ['CANARY_END', 'error', 'release.canary.steps', steps(10, 99), steps(10, 100)],
  ['CANARY_END', 'error', 'release.canary.steps', steps(), steps(100)],
  ['RETIRED_KEY', 'warning', 'release.canary.syntheticPages', retired(20), {}],
  ['RETIRED_KEY', 'warning', 'release.canary.maxErrorRate', retired(20, 'maxErrorRate'), {}],
  ['BAKE_TOO_SHORT', 'error', 'release.canary.steps', bake(59), bake(60)],
  [
    'LEASE_RANGE',
    'error',
    'release.leaseSeconds',
    { release: { leaseSeconds: 9 } },
    { release: { leaseSeconds: 10 } },
  ],
  [
    'LEASE_RANGE',
    'error',
    'release.leaseSeconds',
    { release: { leaseSeconds: 3601 } },
    { release: { leaseSeconds: 3600 } },
  ],
];

describe('deploymentProblems', () => {
  test('has nothing to say about a small deployment with everything pinned', () => {
    expect(deploymentProblems(clean)).toEqual([]);
  });

  test.each(CASES)(
    'finds %s (%s at %s) and leaves its neighbour alone',
    (code, severity, key, broken, neighbour) => {
      const found = deploymentProblems(fill<Deployment>(clean, broken)).filter(
        (problem) => problem.code === code,
      );
      expect(found).toEqual([expect.objectContaining({ code, severity, key })]);
      expect(codes(neighbour)).not.toContain(code);
    },
  );

  test('finds what is not pinned', () => {
    const unpinned = { ...clean, image: { base: clean.image.base }, model: { id: clean.model.id } };
    expect(codes({}, unpinned)).toEqual(['BASE_NOT_PINNED', 'MODEL_NOT_PINNED']);
  });

  test('has a case here for every code that a rule can give', () => {
    const folder = join(__dirname, '../../../domain/rules');
    const source = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const given = [...source.join('').matchAll(/code: ([^,]+),/g)].flatMap(([, words]) =>
      [...words!.matchAll(/'(\w+)'/g)].map(([, code]) => code!),
    );
    expect([...new Set(given)].sort()).toEqual(
      [...new Set(CASES.map(([code]) => code)), 'BASE_NOT_PINNED', 'MODEL_NOT_PINNED'].sort(),
    );
  });

  // What the rules refuse here is what synth cannot do anything with: two constructs of one id.
  test.each<[Given<Deployment>, RegExp]>([
    [invokers('user:a@b.c', 'user:a@b.c'), /already a Construct/],
    [{ notifications: { emails: ['a@b.c', 'a@b.c'] } }, /already a Construct/],
    [{ notifications: { webhooks: ['https://b.c', 'https://b.c'] } }, /already a Construct/],
  ])('refuses a name written twice: %j', (change, message) => {
    const deployment = fill<Deployment>(clean, change);
    const app = Testing.app();
    expect(() => deploymentStacks(app, deployment, placeholderIdentity(deployment))).toThrow(message);
    expect(() => refuseErrors('x.yaml', deploymentProblems(deployment))).toThrow(/_TWICE/);
  });

  test.each<[Given<Deployment>, string, string]>([
    // Half an instance of 8 and 32 fits, and a smaller one would.
    [
      { size: { cpu: 8, memoryGib: 32 }, quota: { vcpu: 4, memoryGib: 16 } },
      'QUOTA_CPU',
      'Take smaller instances, or ask for more quota and raise quota.vcpu when it is granted.',
    ],
    [
      { size: { cpu: 8, memoryGib: 32 }, quota: { vcpu: 4, memoryGib: 16 } },
      'QUOTA_MEMORY',
      'Take smaller instances, or ask for more quota and raise quota.memoryGib when it is granted.',
    ],
    // The least that there is, once.
    [
      { quota: { vcpu: 4 } },
      'QUOTA_CPU',
      'Lower it to 1, or ask for more quota and raise quota.vcpu when it is granted.',
    ],
    [{ quota: { gpus: 0 } }, 'QUOTA_GPU', 'Ask for more quota and raise quota.gpus when it is granted.'],
  ])('advises nothing that cannot be done: %j, %s', (change, code, remedy) => {
    const found = deploymentProblems(fill<Deployment>(clean, change)).find((one) => one.code === code);
    expect(found?.remedy).toBe(remedy);
  });

  test('prints no secret that stands in an address', () => {
    const found = deploymentProblems(
      fill<Deployment>(clean, webhook('https://user:word@b.c/d?key=word#word')),
    );
    expect(found.map(({ got }) => got)).toEqual(['https://…@b.c/d?…']);
  });

  test('gives the numbers that decide', () => {
    const reasons = deploymentProblems(fill<Deployment>(clean, { vllm: { maxModelLen: 2048 } })).map(
      (p) => p.reason,
    );
    // Letter 2365 and square 3025 tokens at 1540 px, from the model's 28 px a token.
    expect(reasons).toEqual([expect.stringMatching(/3025 tokens.*2365 tokens and leaves 0/)]);
  });

  test('reports several problems together, errors first', () => {
    const found = deploymentProblems(
      fill<Deployment>(clean, {
        region: 'asia-south1',
        size: { cpu: 2 },
        vllm: { shutdownTimeoutSeconds: 9 },
        ...steps(10),
      }),
    );
    expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'error L4_CPU',
      'error MEMORY_NEEDS_CPU',
      'error SHUTDOWN_TOO_LONG',
      'error CANARY_END',
      'warning REGION_BY_INVITATION',
    ]);
    const report = () => refuseErrors('deployments/x.yaml', found);
    for (const { key } of found.slice(0, 4)) expect(report).toThrow(`at deployments/x.yaml ${key}: got `);
    expect(report).toThrow(/^4 problems /);
  });

  test('warns about what the guide breaks, and only warns', () => {
    const found = deploymentProblems(loadDeployment('guide'));
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(found.map(({ code }) => code).sort()).toEqual([
      'ALERTS_REACH_NOBODY',
      'BASE_NOT_PINNED',
      'CONCURRENCY_RANGE',
      'MEDIA_DOMAINS_OPEN',
      'MODEL_NOT_PINNED',
      'PAGE_TEXT_CUT',
      'PROBE_DELAYS_START',
      'PROJECT_PLACEHOLDER',
      'QUOTA_CPU',
      'QUOTA_MEMORY',
      'QUOTA_NO_ROOM_FOR_CANDIDATE',
      'REQUEST_TIMEOUT_BELOW_START',
      'SHUTDOWN_ABORTS_PAGES',
    ]);
  });

  test("rejects the guide's values in the standard profile", () => {
    const found = deploymentProblems({ ...loadDeployment('guide'), profile: 'standard' });
    expect(
      found
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code)
        .sort(),
    ).toEqual([
      'CONCURRENCY_RANGE',
      'MEDIA_DOMAINS_OPEN',
      'QUOTA_CPU',
      'QUOTA_MEMORY',
      'REQUEST_TIMEOUT_BELOW_START',
    ]);
  });

  test('rejects in the guide profile what the guide does not break', () => {
    const guide = loadDeployment('guide');
    const found = deploymentProblems(fill<Deployment>(guide, { ...member('allUsers'), quota: { gpus: 2 } }));
    expect(found.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual([
      'QUOTA_GPU',
      'INVOKER_PUBLIC',
    ]);
  });
});
