import 'cdktf/lib/testing/adapters/jest';
import { CloudRunV2Service } from '@cdktf/provider-google/lib/cloud-run-v2-service';
import { Testing } from 'cdktf';
import { GpuCloudRunService, type GpuCloudRunServiceProps } from '../../constructs/gpuCloudRunService';
import { DEPLOYMENT, RELEASE, TEMPLATE } from './deployment';
import { failureOf, serviceOf } from './terraformJson';

Testing.setupJest();

const PROPS: GpuCloudRunServiceProps = {
  name: 'lightonocr-gpu',
  region: 'us-central1',
  template: TEMPLATE,
  release: RELEASE,
};

function synthesize(props: Partial<GpuCloudRunServiceProps> = {}): string {
  return Testing.synthScope((scope) => void new GpuCloudRunService(scope, 'ocr', { ...PROPS, ...props }));
}

describe('GpuCloudRunService', () => {
  test('puts one L4 beside always-allocated CPU, on the second generation, in one zone', () => {
    expect(synthesize()).toHaveResourceWithProperties(CloudRunV2Service, {
      deletion_protection: true,
      ingress: 'INGRESS_TRAFFIC_ALL',
      template: expect.objectContaining({
        execution_environment: 'EXECUTION_ENVIRONMENT_GEN2',
        gpu_zonal_redundancy_disabled: true,
        node_selector: { accelerator: 'nvidia-l4' },
        containers: [
          expect.objectContaining({
            resources: { cpu_idle: false, limits: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' } },
          }),
        ],
      }),
    });
  });

  test('names the revision and labels it with the full SHA and the template hash', () => {
    const { template, labels } = serviceOf(synthesize());
    expect(template.revision).toBe(RELEASE.revision);
    expect(template.labels).toEqual({
      'commit-sha': RELEASE.sha,
      'template-hash': expect.stringMatching(/^[0-9a-f]{12}$/),
    });
    // A label on the service would change the service at every release.
    expect(labels).toBeUndefined();
  });

  test('hands vLLM its args and environment in the order given', () => {
    const container = serviceOf(synthesize()).template.containers[0]!;
    expect(container.args).toEqual(TEMPLATE.args);
    expect(container.env).toContainEqual({ name: 'HF_HOME', value: '/model-cache' });
    expect(container.ports).toEqual({ container_port: 8000 });
  });

  test('names a version of a secret instead of its value', () => {
    const template = { ...TEMPLATE, env: {}, secrets: { HF_TOKEN: { secret: 'hf', version: '3' } } };
    const { env } = serviceOf(synthesize({ template })).template.containers[0]!;
    expect(env).toEqual([
      { name: 'HF_TOKEN', value_source: { secret_key_ref: { secret: 'hf', version: '3' } } },
    ]);
  });

  test('always writes scaling and probe, zeros included: leaving them out later resets nothing', () => {
    const { template } = serviceOf(synthesize());
    expect(template.scaling).toEqual({ min_instance_count: 0, max_instance_count: 3 });
    expect(template.containers[0]!.startup_probe).toEqual({
      initial_delay_seconds: 0,
      period_seconds: 1,
      timeout_seconds: 1,
      failure_threshold: 480,
      http_get: { path: '/health', port: 8000 },
    });
  });

  test('writes the TCP probe of the deployment guide', () => {
    const startupProbe = {
      type: 'tcp',
      initialDelaySeconds: 240,
      periodSeconds: 240,
      timeoutSeconds: 240,
      failureThreshold: 1,
    } as const;
    const container = serviceOf(synthesize({ template: { ...TEMPLATE, startupProbe } })).template
      .containers[0]!;
    expect(container.startup_probe).toEqual({
      initial_delay_seconds: 240,
      period_seconds: 240,
      timeout_seconds: 240,
      failure_threshold: 1,
      tcp_socket: { port: 8000 },
    });
  });

  test('leaves traffic to the release engine, and ignores exactly what makes a second plan empty', () => {
    const { lifecycle, traffic } = serviceOf(synthesize());
    expect(lifecycle).toEqual({ ignore_changes: ['traffic', 'scaling', 'client', 'client_version'] });
    expect(traffic).toBeUndefined();
  });

  test('the pin on ignore_changes sees a list without traffic (negative control)', () => {
    const synthesized = Testing.synthScope((scope) => {
      const { node } = new GpuCloudRunService(scope, 'ocr', PROPS);
      (node.defaultChild as CloudRunV2Service).lifecycle = {
        ignoreChanges: ['scaling', 'client', 'client_version'],
      };
    });
    expect(serviceOf(synthesized).lifecycle).not.toEqual({
      ignore_changes: ['traffic', 'scaling', 'client', 'client_version'],
    });
  });

  test('can be made destroyable', () => {
    expect(serviceOf(synthesize({ deletionProtection: false })).deletion_protection).toBe(false);
  });

  test.each<[string, Partial<GpuCloudRunServiceProps>, string]>([
    [
      'an image by tag',
      { template: { ...TEMPLATE, image: 'us-docker.pkg.dev/p/r/i:latest' } },
      'template.image',
    ],
    [
      'an image by tag and a cut digest',
      { template: { ...TEMPLATE, image: 'us-docker.pkg.dev/p/r/i@sha256:abc' } },
      'template.image',
    ],
    [
      'a digest that is not the image’s',
      { release: { ...RELEASE, digest: `sha256:${'c'.repeat(64)}` } },
      'release.digest',
    ],
    ['a short SHA', { release: { ...RELEASE, sha: '0123456' } }, 'release.sha'],
    [
      'a revision of another service',
      { release: { ...RELEASE, revision: 'other-0123456-abcdef' } },
      'release.revision',
    ],
    [
      'a revision name of 64 characters',
      { release: { ...RELEASE, revision: 'lightonocr-gpu-'.padEnd(64, 'a') } },
      'release.revision',
    ],
    [
      'an HTTP probe without a path',
      { template: { ...TEMPLATE, startupProbe: { ...DEPLOYMENT.probe, path: undefined } } },
      'template.startupProbe.path',
    ],
  ])('rejects %s, with the construct’s path and the prop', (_what, props, prop) => {
    const failure = failureOf(() => synthesize(props));
    expect(failure).toMatchObject({
      code: 'INVALID_SERVICE',
      exitCode: 2,
      where: expect.stringMatching(/\/ocr$/),
    });
    expect(failure.message).toContain(`${prop} must be`);
  });

  test('accepts a revision name of 63 characters', () => {
    const revision = 'lightonocr-gpu-'.padEnd(63, 'a');
    expect(serviceOf(synthesize({ release: { ...RELEASE, revision } })).template.revision).toBe(revision);
  });

  test('rejects several broken props at once', () => {
    const { message } = failureOf(() =>
      synthesize({ template: { ...TEMPLATE, image: 'i:latest' }, release: { ...RELEASE, sha: 'x' } }),
    );
    expect(message).toContain('template.image');
    expect(message).toContain('release.sha');
  });
});
