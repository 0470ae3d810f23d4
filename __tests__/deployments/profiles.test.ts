import { fill, leaves } from '../../deployments/fill';
import { loadDeployment } from '../../deployments/load';
import { profileDifferences, PROFILES } from '../../deployments/profiles';
import { revisionTemplate } from '../../domain/template';

describe('PROFILES.guide', () => {
  test('is the deployment guide, word for word', () => {
    const template = revisionTemplate(loadDeployment('guide'), `sha256:${'a'.repeat(64)}`);
    expect(template).toEqual({
      image: `us-central1-docker.pkg.dev/my-project/loan-repo/lightonocr-gpu@sha256:${'a'.repeat(64)}`,
      args: (
        '--model lightonai/LightOnOCR-2-1B --gpu-memory-utilization 0.80 --max-num-seqs 8 --max-model-len 4096 ' +
        '--limit-mm-per-prompt {"image":1} --no-enable-prefix-caching'
      ).split(' '),
      env: { HF_HOME: '/model-cache', HF_HUB_OFFLINE: '1' },
      port: 8000,
      cpu: 8,
      memoryGib: 32,
      gpu: 'nvidia-l4',
      gpuZonalRedundancyDisabled: true,
      minInstances: 0,
      maxInstances: 3,
      concurrency: 80,
      requestTimeoutSeconds: 300,
      secrets: {},
      serviceAccount: 'lightonocr-gpu@my-project.iam.gserviceaccount.com',
      startupProbe: {
        type: 'tcp',
        initialDelaySeconds: 240,
        failureThreshold: 1,
        timeoutSeconds: 240,
        periodSeconds: 240,
      },
    });
  });
});

describe('PROFILES.standard', () => {
  test('gives vLLM its safer flags and a longer context', () => {
    const { args } = revisionTemplate(loadDeployment('production'), '');
    expect(args.join(' ')).toContain('--max-model-len 8192');
    expect(args.join(' ')).toContain('--allowed-media-domains media.invalid --shutdown-timeout 6');
  });

  test('probes for eight minutes, as long as the guide does', () => {
    const total = ({ initialDelaySeconds, periodSeconds, failureThreshold }: typeof PROFILES.guide.probe) =>
      initialDelaySeconds + periodSeconds * failureThreshold;
    expect(total(PROFILES.standard.probe)).toBe(8 * 60);
    expect(total(PROFILES.standard.probe)).toBe(total(PROFILES.guide.probe));
  });
});

describe('profileDifferences', () => {
  test('turns the guide into standard, and has a reason and a grade for each key', () => {
    const differences = profileDifferences();
    const table = new Map(differences.map(({ key, standard }) => [key, standard]));
    expect(new Map([...leaves(PROFILES.guide), ...table])).toEqual(leaves(PROFILES.standard));
    const before = leaves(PROFILES.guide);
    for (const { key, guide, standard, reason, grade } of differences) {
      expect(guide).toEqual(before.get(key));
      expect(standard).not.toEqual(guide);
      expect(reason).toMatch(/^[\s\S]{20,}\.$/);
      expect(grade).toMatch(/^(derived, not yet run on an L4|documented|measured on real vLLM, CPU)$/);
    }
  });

  test('lists what the facts call harmful, and nothing more', () => {
    expect(profileDifferences().map(({ key }) => key)).toEqual([
      'scaling.maxInstances',
      'scaling.concurrency',
      'requestTimeoutSeconds',
      'vllm.maxModelLen',
      'vllm.allowedMediaDomains',
      'vllm.shutdownTimeoutSeconds',
      'probe.type',
      'probe.initialDelaySeconds',
      'probe.failureThreshold',
      'probe.timeoutSeconds',
      'probe.periodSeconds',
      'probe.path',
    ]);
  });
});

describe('fill', () => {
  test('replaces leaf by leaf, and lists as a whole', () => {
    const defaults = { a: { b: 1, c: 2 }, list: [1, 2], keep: 'x' };
    expect(fill<typeof defaults>(defaults, { a: { c: 3 }, list: [] })).toEqual({
      a: { b: 1, c: 3 },
      list: [],
      keep: 'x',
    });
  });
});
