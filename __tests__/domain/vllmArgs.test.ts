import { loadDeployment } from '../../deployments/load';
import type { Deployment } from '../../domain/deployment';
import { servedModelName, vllmArgs } from '../../domain/vllmArgs';
import { DEPLOYMENT } from '../constructs/deployment';

const withVllm = (change: Partial<Deployment['vllm']>) => ({
  ...DEPLOYMENT,
  vllm: { ...DEPLOYMENT.vllm, ...change },
});

describe('vllmArgs', () => {
  test("of the guide's profile are the guide's, word for word", () => {
    expect(vllmArgs(loadDeployment('guide')).join(' ')).toBe(
      '--model lightonai/LightOnOCR-2-1B --gpu-memory-utilization 0.80 --max-num-seqs 8 --max-model-len 4096 --limit-mm-per-prompt {"image":1} --no-enable-prefix-caching',
    );
  });

  test.each<[model: string, last: string[]]>([
    ['lightonai/LightOnOCR-2-1B', ['--mm-processor-cache-gb', '0']],
    ['lightonai/LightOnOCR-3-1B', ['--mm-processor-cache-gb', '0']],
    [
      'lightonai/LightOnOCR-3-0.8B',
      ['--mm-processor-cache-gb', '0', '--default-chat-template-kwargs', '{"enable_thinking":false}'],
    ],
    [
      'lightonai/LightOnOCR-3-4B',
      ['--mm-processor-cache-gb', '0', '--default-chat-template-kwargs', '{"enable_thinking":false}'],
    ],
  ])('end with the flags that %s asks for', (id, last) => {
    const args = vllmArgs({ ...DEPLOYMENT, profile: 'standard', model: { id } });
    expect(args.slice(-last.length)).toEqual(last);
    expect(args.includes('--default-chat-template-kwargs')).toBe(last.length > 2);
  });

  test("of the guide's profile have what another model asks for", () => {
    const args = vllmArgs({ ...loadDeployment('guide'), model: { id: 'lightonai/LightOnOCR-3-0.8B' } });
    expect(args).toEqual(
      expect.arrayContaining(['--default-chat-template-kwargs', '--mm-processor-cache-gb']),
    );
  });

  test.each<[what: string, deployment: Deployment, args: string[]]>([
    ['prefix caching', withVllm({ prefixCaching: true }), ['--enable-prefix-caching']],
    ['another port', { ...DEPLOYMENT, port: 8080 }, ['--port', '8080']],
    [
      'a name of its own',
      { ...DEPLOYMENT, model: { id: 'a/b', servedName: 'c' } },
      ['--served-model-name', 'c'],
    ],
    [
      'two media domains',
      withVllm({ allowedMediaDomains: ['a', 'b'] }),
      ['--allowed-media-domains', 'a', 'b'],
    ],
    ['time to shut down', withVllm({ shutdownTimeoutSeconds: 5 }), ['--shutdown-timeout', '5']],
    ['two images', withVllm({ imagesPerPrompt: 2 }), ['--limit-mm-per-prompt', '{"image":2}']],
    [
      'a share of two decimals',
      withVllm({ gpuMemoryUtilization: 0.9 }),
      ['--gpu-memory-utilization', '0.90'],
    ],
  ])('say %s', (_what, deployment, args) => {
    const all = vllmArgs(deployment);
    const at = all.indexOf(args[0]!);
    expect(all.slice(at, at + args.length)).toEqual(args);
  });

  test.each<[string, Deployment]>([
    ['--enable-prefix-caching', withVllm({ prefixCaching: false })],
    ['--no-enable-prefix-caching', withVllm({ prefixCaching: true })],
    ['--port', DEPLOYMENT],
    ['--served-model-name', DEPLOYMENT],
    ['--allowed-media-domains', withVllm({ allowedMediaDomains: [] })],
    ['--shutdown-timeout', withVllm({ shutdownTimeoutSeconds: 0 })],
  ])('leave %s out where nothing asks for it', (flag, deployment) => {
    expect(vllmArgs(deployment)).not.toContain(flag);
  });
});

describe('servedModelName', () => {
  test('is the id where no other name is set', () => {
    expect(servedModelName(DEPLOYMENT)).toBe('lightonai/LightOnOCR-2-1B');
    expect(servedModelName({ ...DEPLOYMENT, model: { id: 'a/b', servedName: 'c' } })).toBe('c');
  });
});
