import { readFileSync } from 'node:fs';
import { Testing } from 'cdktf';
import { loadDeployment } from '../../deployments/load';
import type { Deployment } from '../../domain/deployment';
import { FoundationStack } from '../../stacks/foundationStack';
import { ObservabilityStack } from '../../stacks/observabilityStack';
import { OcrServiceStack } from '../../stacks/ocrServiceStack';
import { WorkstationStack } from '../../stacks/workstationStack';
import { DEPLOYMENT, RELEASE } from '../constructs/deployment';
import { type Resources, resourcesOf } from './policies';

/** What makes vLLM write requests or answers somewhere (https://docs.vllm.ai/en/latest/cli/serve/). */
const TELLING_FLAGS =
  /^--(enable-log-(requests|outputs|deltas)|max-log-len|otlp-traces-endpoint|collect-detailed-traces|log-config-file|middleware)(=|$)/;
/** DEBUG prints prompts; the second prints answers; the rest carries data out of the container. */
const TELLING_ENVIRONMENT =
  /^(VLLM_(DEBUG_\w+|LOGGING_CONFIG_PATH|TRACE_FUNCTION|LOGGING_LEVEL=(DEBUG|TRACE))|VLLM_LOG_\w*(REQUEST|OUTPUT)\w*|OTEL_\w+)/i;

/** Where a page, a prompt or a text would be written down. */
function leaks(resources: Resources): string[] {
  const found: string[] = [];
  const look = (address: string, args: readonly string[], env: readonly string[]) => {
    for (const arg of args) if (TELLING_FLAGS.test(arg)) found.push(`${address} ${arg}`);
    for (const variable of env) if (TELLING_ENVIRONMENT.test(variable)) found.push(`${address} ${variable}`);
  };
  for (const [address, resource] of resources) {
    if (address.startsWith('google_cloud_run_v2_service.')) {
      const containers = resource.template.containers as {
        args: string[];
        env: { name: string; value: string }[];
      }[];
      // A second container beside vLLM would see the requests.
      if (containers.length !== 1) found.push(`${address} has ${containers.length} containers`);
      for (const { args, env } of containers)
        look(
          address,
          args,
          env.map(({ name, value }) => `${name}=${value}`),
        );
    }
    if (address.startsWith('docker_container.')) {
      look(address, resource.command as string[], resource.env as string[]);
      if (resource.log_driver !== undefined) found.push(`${address} logs to ${String(resource.log_driver)}`);
    }
    // Logs stay in the project, and no metric is made of their text.
    if (/^google_(logging_.*(sink|metric|linked_dataset)|bigquery|pubsub)/.test(address)) found.push(address);
  }
  return found;
}

const synth = (deployment: Deployment) =>
  resourcesOf(
    Testing.synth(new FoundationStack(Testing.app(), deployment)),
    Testing.synth(new OcrServiceStack(Testing.app(), deployment, RELEASE)),
    Testing.synth(new ObservabilityStack(Testing.app(), deployment)),
    Testing.synth(new WorkstationStack(Testing.app(), deployment, RELEASE)),
  );

describe('documents are private: no page, prompt or text is logged', () => {
  test.each([
    ['standard', DEPLOYMENT],
    ['guide', { ...loadDeployment('guide'), scaling: DEPLOYMENT.scaling }],
  ])('in the %s profile', (_profile, deployment) => {
    expect(leaks(synth(deployment))).toEqual([]);
  });

  test('nor by what the image sets', () => {
    const dockerfile = readFileSync('gpu-container/Dockerfile', 'utf8');
    const words = dockerfile.split(/[\s"',[\]]+/);
    expect(words.filter((word) => TELLING_FLAGS.test(word) || TELLING_ENVIRONMENT.test(word))).toEqual([]);
  });

  const all = synth(DEPLOYMENT);
  const service = (change: (container: { args: string[]; env: object[] }) => void) => {
    const copy = structuredClone(all.get('google_cloud_run_v2_service.ocr')!);
    change((copy.template.containers as { args: string[]; env: object[] }[])[0]!);
    return new Map([...all, ['google_cloud_run_v2_service.ocr', copy]]);
  };
  test.each<[string, Resources]>([
    ['--enable-log-requests', service(({ args }) => void args.push('--enable-log-requests'))],
    ['--enable-log-outputs=true', service(({ args }) => void args.push('--enable-log-outputs=true'))],
    [
      'VLLM_LOGGING_LEVEL=DEBUG',
      service(({ env }) => void env.push({ name: 'VLLM_LOGGING_LEVEL', value: 'DEBUG' })),
    ],
    ['google_logging_project_sink', new Map([...all, ['google_logging_project_sink.x', {}]])],
    [
      'docker_container.ocr logs to gcplogs',
      new Map([
        ...all,
        ['docker_container.ocr', { ...all.get('docker_container.ocr'), log_driver: 'gcplogs' }],
      ]),
    ],
  ])('notices %s (negative control)', (leak, resources) => {
    expect(leaks(resources)).toEqual([expect.stringContaining(leak)]);
  });
});
