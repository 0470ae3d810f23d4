import type { Deployment } from '../../domain/deployment';
import { revisionTemplate, templateHash } from '../../domain/template';
import { DEPLOYMENT } from '../constructs/deployment';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const hashOf = (change: Partial<Deployment>, digest = DIGEST) =>
  templateHash(revisionTemplate({ ...DEPLOYMENT, ...change }, digest));

describe('revisionTemplate', () => {
  test.each([
    ['guide', ['HF_HOME', 'HF_HUB_OFFLINE']],
    [
      'standard',
      ['HF_HOME', 'HF_HUB_OFFLINE', 'VLLM_NO_USAGE_STATS', 'DO_NOT_TRACK', 'VLLM_MEDIA_URL_ALLOW_REDIRECTS'],
    ],
  ] as const)('has the environment of the profile %s', (profile, names) => {
    expect(Object.keys(revisionTemplate({ ...DEPLOYMENT, profile }, DIGEST).env)).toEqual(names);
  });
});

describe('templateHash', () => {
  const { size, scaling, vllm, probe, release, access, quota } = DEPLOYMENT;
  const first = hashOf({});

  test('is twelve hexadecimal characters', () => {
    expect(first).toMatch(/^[0-9a-f]{12}$/);
  });

  test.each<[string, Partial<Deployment>]>([
    ['an arg', { vllm: { ...vllm, maxNumSeqs: 9 } }],
    ['the probe', { probe: { ...probe, periodSeconds: 11 } }],
    ['the model', { model: { id: 'lightonai/LightOnOCR-3-1B' } }],
    ['the port', { port: 8001 }],
    ['the size', { size: { ...size, memoryGib: 24 } }],
    ['zonal redundancy', { size: { ...size, zonalRedundancy: true } }],
    ['scaling', { scaling: { ...scaling, maxInstances: 4 } }],
    ['concurrency', { scaling: { ...scaling, concurrency: 13 } }],
    ['the request time-out', { requestTimeoutSeconds: 601 }],
    ['the environment', { profile: 'guide' }],
    ['the region of the image', { region: 'europe-west4' }],
  ])('is another for %s', (_what, change) => {
    expect(hashOf(change)).not.toBe(first);
  });

  test('is another for the image', () => {
    expect(hashOf({}, `sha256:${'b'.repeat(64)}`)).not.toBe(first);
  });

  test.each<[string, Partial<Deployment>]>([
    ['how it is released', { release: { ...release, leaseSeconds: 1 } }],
    ['who may call it', { access: { invokers: [...access.invokers, 'user:a@b.c'] } }],
    ['the quota', { quota: { ...quota, gpus: 9 } }],
    ['the state', { state: { backend: 'local', path: 'x' } }],
    ["the deployment's name", { name: 'other' }],
    ["the service's name", { service: 'other' }],
  ])('is the same for %s, which makes no revision', (_what, change) => {
    expect(hashOf(change)).toBe(first);
  });

  test('does not depend on the order of keys', () => {
    const template = revisionTemplate(DEPLOYMENT, DIGEST);
    const reversed = Object.fromEntries(Object.entries(template).reverse()) as unknown as typeof template;
    const env = Object.fromEntries(Object.entries(template.env).reverse());
    expect(templateHash({ ...reversed, env })).toBe(first);
  });

  test('depends on the order of args, which vLLM reads', () => {
    const template = revisionTemplate(DEPLOYMENT, DIGEST);
    expect(templateHash({ ...template, args: [...template.args].reverse() })).not.toBe(first);
  });
});
