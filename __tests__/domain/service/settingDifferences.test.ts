import { loadDeployment } from '../../../deployments/load';
import type { Deployment } from '../../../domain/deployment';
import type { LiveTemplate } from '../../../domain/service/liveTemplate';
import type { LiveExposure } from '../../../domain/service/stackSettings';
import { settingDifferences } from '../../../domain/service/settingDifferences';
import { placeholderIdentity } from '../../../domain/plan/placeholder';
import { revisionTemplate } from '../../../domain/template';
import { resolve } from '../../../rehearsal/terraform/references';
import { toApi } from '../../../rehearsal/terraform/schemaValues';
import { SERVICE } from '../../../rehearsal/terraform/serviceSchema';
import { App, Testing } from 'cdktf';
import { OcrServiceStack } from '../../../stacks/ocrServiceStack';

/** What Cloud Run holds of a deployment: its own stack, as the provider sends it. */
function live(deployment: Deployment): LiveTemplate {
  return liveService(deployment).template;
}

function liveService(deployment: Deployment): LiveExposure & { readonly template: LiveTemplate } {
  const stack = new OcrServiceStack(
    new App({ stackTraces: false }),
    deployment,
    placeholderIdentity(deployment),
  );
  const json = JSON.parse(Testing.synth(stack)) as {
    resource: { google_cloud_run_v2_service: { ocr: Record<string, unknown> } };
  };
  const body: unknown = toApi(
    SERVICE,
    resolve(json.resource.google_cloud_run_v2_service.ocr, new Map()) as Record<string, unknown>,
  );
  return body as ReturnType<typeof liveService>;
}

const base: Deployment = {
  ...loadDeployment('rehearsal'),
  model: { id: 'lightonai/LightOnOCR-2-1B', servedName: 'LightOnOCR-2-1B' },
  port: 8001,
};

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Another value of the same kind, one that is allowed where only some are. */
function another(key: string, value: unknown): unknown {
  const choices: Readonly<Record<string, unknown>> = {
    profile: 'guide',
    'size.gpu': 'nvidia-t4',
    'probe.type': 'tcp',
    region: 'europe-west1',
    project: 'another-project',
    'vllm.args': ['--enforce-eager'],
  };
  if (key in choices) return choices[key];
  if (typeof value === 'number') return Number.isInteger(value) ? value + 1 : value / 2;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return [...(value as unknown[]), 'more.example'];
  return `${String(value)}x`;
}

/** Every key that has a value, with the deployment in which it has another. */
function variants(tree: Tree, path: readonly string[] = []): { key: string; changed: (d: Tree) => Tree }[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const here = [...path, name];
    if (isTree(value)) return variants(value, here);
    const key = here.join('.');
    const set = (d: Tree, [head = '', ...rest]: readonly string[]): Tree => ({
      ...d,
      [head]: rest.length > 0 ? set(d[head] as Tree, rest) : another(key, value),
    });
    return [{ key, changed: (d: Tree) => set(d, here) }];
  });
}

describe('settingDifferences', () => {
  const all = variants(base as unknown as Tree).map(({ key, changed }) => {
    const deployment = changed(base as unknown as Tree) as unknown as Deployment;
    // An HTTP probe's path goes with its type.
    return key === 'probe.type'
      ? { key, deployment: { ...deployment, probe: { ...deployment.probe, path: undefined } } }
      : { key, deployment };
  });
  const hash = (deployment: Deployment) => JSON.stringify(revisionTemplate(deployment, 'x'));
  const rendered = all.filter(({ deployment }) => hash(deployment) !== hash(base));

  test('finds nothing between a deployment and what it renders to', () => {
    for (const deployment of [base, loadDeployment('guide')]) {
      const { template, ...service } = liveService(deployment);
      expect(service.ingress).toBeDefined();
      expect(settingDifferences(deployment, template, service)).toEqual([]);
    }
  });

  test('the table below is not empty: keys that make no revision, as alerts and quota, are left out of it', () => {
    const keys = rendered.map(({ key }) => key);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys).toEqual(expect.arrayContaining(['vllm.maxModelLen', 'probe.path', 'profile', 'region']));
    expect(keys).not.toContain('alerts.busySeconds');
  });

  test.each(rendered)('shows $key when it is changed live, and no other key', ({ key, deployment }) => {
    const keys = new Set(settingDifferences(base, live(deployment), {}).map((difference) => difference.key));
    // A flag that the file does not have is named as one.
    const shown = key === 'vllm.args' ? "(vLLM's --enforce-eager)" : key;
    expect([...keys].sort()).toEqual(key === 'probe.type' ? ['probe.path', key] : [shown]);
  });

  test('takes what means the same as the same', () => {
    const same = structuredClone(live(base)) as Record<string, never> & LiveTemplate;
    const [container] = same.containers as unknown as [Record<string, unknown>];
    container.args = [
      '--model=lightonai/LightOnOCR-2-1B',
      '--served_model_name',
      'LightOnOCR-2-1B',
      ...['--port', '8001', '--gpu-memory-utilization', '0.8', '--max-model-len=8192', '--max-num-seqs', '8'],
      ...['--limit-mm-per-prompt', '{ "image": 1 }', '--no-enable-prefix-caching'],
      ...['--shutdown-timeout', '6', '--allowed-media-domains', 'media.invalid'],
      ...['--mm-processor-cache-gb', '0.0'],
    ];
    container.resources = { limits: { cpu: '4000m', memory: '16384Mi', 'nvidia.com/gpu': '1' } };
    expect(settingDifferences(base, same, {})).toEqual([]);
  });

  test('shows what no key stands for, in brackets, and no value that somebody may have to hide', () => {
    const other = structuredClone(live(base)) as LiveTemplate & { serviceAccount: string };
    const [container] = other.containers as unknown as [{ args: string[]; env: object[]; image: string }];
    container.args.push('--enforce-eager', '--api-key', 'set-by-hand', '--env', 'HF_TOKEN=set-by-hand');
    container.env.push({ name: 'HF_TOKEN', value: 'set-by-hand' });
    container.image = 'docker.io/vllm/vllm-openai:latest';
    other.serviceAccount = '1-compute@developer.gserviceaccount.com';
    expect(settingDifferences(base, other, {}).map(({ key, live: value }) => [key, value])).toEqual([
      ['(image)', 'docker.io/vllm/vllm-openai:latest'],
      ["(vLLM's --enforce-eager)", 'true'],
      ["(vLLM's --api-key)", '(sensitive)'],
      ["(vLLM's --env)", '(sensitive)'],
      ['(environment)', 'HF_TOKEN=(sensitive)'],
      ['(service account)', '1-compute@developer.gserviceaccount.com'],
    ]);
  });

  test('compares free flags, variables and secrets of the file, and shows no value of them', () => {
    const own: Deployment = {
      ...base,
      vllm: { ...base.vllm, args: ['--enforce-eager', '--seed', '1'] },
      env: { LOG: '${plain}', MODE: 'a' },
      secrets: { HF_TOKEN: { secret: 'hf', version: '3' } },
    };
    expect(settingDifferences(own, live(own), {})).toEqual([]);
    const other = {
      ...own,
      vllm: { ...own.vllm, args: ['--enforce-eager', '--seed', '2'] },
      env: { LOG: 'other' },
      secrets: { HF_TOKEN: { secret: 'hf', version: '4' } },
    };
    expect(settingDifferences(own, live(other), {})).toEqual([
      { key: 'vllm.args', wanted: '1', live: '2' },
      { key: 'env.LOG', wanted: 'LOG=(sensitive)', live: 'LOG=(sensitive), another' },
      { key: 'env.MODE', wanted: 'MODE=(sensitive)', live: 'no MODE' },
      {
        key: 'secrets.HF_TOKEN',
        wanted: 'HF_TOKEN=secret hf, version 3',
        live: 'HF_TOKEN=secret hf, version 4',
      },
    ]);
  });

  type Found = Record<string, unknown> & { containers: [Record<string, unknown>, ...object[]] };
  const sidecar = { name: 'proxy', image: 'docker.io/proxy:1', args: ['--port', '1'] };
  test.each<[key: string, shown: string, byHand: (template: Found) => unknown]>([
    ['(execution environment)', 'EXECUTION_ENVIRONMENT_GEN1', (template) => (template.executionEnvironment = 'EXECUTION_ENVIRONMENT_GEN1')], // prettier-ignore
    ['(GPUs)', '2', ({ containers: [{ resources }] }) => Object.assign((resources as { limits: object }).limits, { 'nvidia.com/gpu': '2' })], // prettier-ignore
    ['(CPU between requests)', 'false', ({ containers: [{ resources }] }) => Object.assign(resources as object, { cpuIdle: true })], // prettier-ignore
    ['(CPU boost at the start)', 'true', ({ containers: [{ resources }] }) => Object.assign(resources as object, { startupCpuBoost: true })], // prettier-ignore
    ['(command)', 'sh -c', ({ containers: [container] }) => (container.command = ['sh', '-c'])],
    ['(command)', 'sh -c (sensitive)', ({ containers: [container] }) => (container.command = ['sh', '-c', 'vllm serve --api-key set-by-hand'])], // prettier-ignore
    ['(liveness probe)', 'set', ({ containers: [container] }) => (container.livenessProbe = { httpGet: { path: '/' } })], // prettier-ignore
    ['(more containers)', 'proxy', ({ containers }) => containers.push(sidecar)],
    ['(more containers)', 'proxy', ({ containers }) => containers.unshift(sidecar)],
    ['(volumes)', 'cache, scratch', (template) => (template.volumes = [{ name: 'cache', emptyDir: {} }, { name: 'scratch' }])], // prettier-ignore
    ['(VPC access)', '{"egress":"ALL_TRAFFIC"}', (template) => (template.vpcAccess = { egress: 'ALL_TRAFFIC' })], // prettier-ignore
    ['(session affinity)', 'true', (template) => (template.sessionAffinity = true)],
  ])('shows %s as %s, which the stack makes the same of every deployment', (key, shown, byHand) => {
    const template = structuredClone(live(base)) as unknown as Found;
    byHand(template);
    const found = settingDifferences(base, template, {});
    expect(found.map((difference) => [difference.key, difference.live])).toEqual([[key, shown]]);
  });

  test('shows the service’s ingress, which no revision has', () => {
    const service = { ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' };
    expect(settingDifferences(base, live(base), service)).toEqual([
      { key: '(ingress)', wanted: 'INGRESS_TRAFFIC_ALL', live: 'INGRESS_TRAFFIC_INTERNAL_ONLY' },
    ]);
  });

  test('reads what is not set as Cloud Run’s defaults', () => {
    const differences = settingDifferences(base, {}, {});
    const found = new Map(differences.map((difference) => [difference.key, difference.live]));
    expect(Object.fromEntries(found)).toMatchObject({
      requestTimeoutSeconds: '300',
      'scaling.concurrency': '80',
      port: '8080',
      'size.cpu': 'not set',
      'probe.type': 'not set',
    });
    expect(found.has('scaling.minInstances')).toBe(false);
    expect(found.has('(execution environment)')).toBe(false);
  });
});
