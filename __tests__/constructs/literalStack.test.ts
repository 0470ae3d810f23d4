import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing, TerraformOutput } from 'cdktf';
import fc from 'fast-check';
import { expression, LiteralStack } from '../../constructs/literalStack';
import type { Deployment } from '../../domain/deployment';
import { revisionTemplate, TEMPLATE_LABEL, templateHash } from '../../domain/template';
import { AccessStack } from '../../stacks/accessStack';
import { ObservabilityStack } from '../../stacks/observabilityStack';
import { OcrServiceStack } from '../../stacks/ocrServiceStack';
import { WorkstationStack } from '../../stacks/workstationStack';
import { TERRAFORM } from '../fixtures/realTerraform';
import { DEPLOYMENT, RELEASE } from './deployment';
import { parse, resourceOf, serviceOf } from './terraformJson';

/** What Terraform makes of a string without interpolation: `$${` and `%%{` are the text `${` and `%{`. */
function evaluated<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, found: unknown) => {
    if (typeof found !== 'string') return found;
    return found.replace(/\$\$\{|%%\{|[$%]\{/g, (mark) => {
      if (mark.length === 2) throw new Error(`evaluated on the machine that plans: ${found}`);
      return mark.slice(1);
    });
  }) as T;
}

const PIECES = [
  '${',
  '%{',
  '$${',
  '%%{',
  '$',
  '%',
  '{',
  '}',
  '~}',
  '"',
  '\\',
  "'",
  '\n',
  ' ',
  'é',
  '日',
  'a',
];
const hostile = () =>
  fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
const SPITEFUL = '${file("/etc/passwd")}%{ if true }\n"é"';

const outputOf = (value: string): string => {
  const stack = new LiteralStack(Testing.app(), 'stack');
  new TerraformOutput(stack, 'text', { value });
  return (parse(Testing.synth(stack)).output as { text: { value: string } }).text.value;
};

describe('LiteralStack', () => {
  test.each([
    ['${path.module}', '$${path.module}'],
    ['%{ if true }a%{ endif }', '%%{ if true }a%%{ endif }'],
    ['$${a}', '$$${a}'],
    ['100 % for $5 {}', '100 % for $5 {}'],
  ])('writes the text %j as %j', (text, written) => {
    expect(outputOf(text)).toBe(written);
  });

  test('leaves an expression as it is, also beside text', () => {
    expect(outputOf(`${expression('path.module')}/\${x}`)).toBe('${path.module}/$${x}');
  });

  test('writes once what cdktf asks for twice', () => {
    const stack = new LiteralStack(Testing.app(), 'stack');
    new TerraformOutput(stack, 'text', { value: '${a}' });
    const [first, second] = [Testing.synth(stack), Testing.synth(stack)];
    expect(second).toBe(first);
  });
});

describe('every free text of a deployment', () => {
  const deploymentOf = (text: string): Deployment => ({
    ...DEPLOYMENT,
    image: { base: text },
    model: { id: text, servedName: text },
    vllm: { ...DEPLOYMENT.vllm, allowedMediaDomains: [text], transformersVersion: text },
    probe: { ...DEPLOYMENT.probe, path: `/${text}` },
    access: { invokers: [`user:${text}@example.com`] },
    notifications: { emails: [`${text}@example.com`], webhooks: [`https://${text}`] },
  });

  test('reaches the service letter by letter, whatever it holds', () => {
    fc.assert(
      fc.property(hostile(), (text) => {
        const deployment = deploymentOf(text);
        const { template } = serviceOf(
          Testing.synth(new OcrServiceStack(Testing.app(), deployment, RELEASE)),
        );
        const [container] = template.containers;
        const wanted = revisionTemplate(deployment, RELEASE.digest);
        expect(evaluated(container!.args)).toEqual(wanted.args);
        expect(evaluated(container!.startup_probe)).toMatchObject({ http_get: { path: `/${text}` } });
        expect(template.labels).toMatchObject({ [TEMPLATE_LABEL]: templateHash(wanted) });
      }),
      { numRuns: 30 },
    );
  });

  test('reaches grants, channels and the workstation', () => {
    const deployment = deploymentOf(SPITEFUL);
    const access = parse(Testing.synth(new AccessStack(Testing.app(), deployment)));
    const members = Object.values(access.resource.google_cloud_run_v2_service_iam_member!).map(
      (grant) => evaluated(grant as unknown as { member: string }).member,
    );
    expect(members).toContain(`user:${SPITEFUL}@example.com`);
    const watched = parse(Testing.synth(new ObservabilityStack(Testing.app(), deployment)));
    const channels = Object.values(watched.resource.google_monitoring_notification_channel!).map(
      (channel) => evaluated(channel as unknown as { labels: unknown }).labels,
    );
    expect(channels).toEqual([{ email_address: `${SPITEFUL}@example.com` }, { url: `https://${SPITEFUL}` }]);
    const workstation = Testing.synth(new WorkstationStack(Testing.app(), deployment, RELEASE));
    const { command } = resourceOf(workstation, 'docker_container.ocr');
    expect(evaluated(command)).toEqual(revisionTemplate(deployment, RELEASE.digest).args);
    const { build_args: built } = resourceOf(workstation, 'docker_image.ocr').build;
    expect(evaluated(built)).toMatchObject({ VLLM_IMAGE: SPITEFUL, MODEL_ID: SPITEFUL });
  });
});

function hasTerraform(): boolean {
  try {
    execFileSync(TERRAFORM, ['version'], { stdio: 'pipe', timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
}

(hasTerraform() ? describe : describe.skip)('what the real Terraform makes of a literal', () => {
  test('is the text itself, for 300 texts of templates, quotes and newlines', () => {
    const texts = [SPITEFUL, ...fc.sample(hostile(), 300)];
    const directory = mkdtempSync(join(tmpdir(), 'lightonocr-literal-'));
    try {
      const stack = new LiteralStack(Testing.app(), 'stack');
      texts.forEach((value, index) => new TerraformOutput(stack, `text_${index}`, { value }));
      writeFileSync(join(directory, 'cdk.tf.json'), Testing.synth(stack));
      const run = (...args: string[]) =>
        execFileSync(TERRAFORM, [`-chdir=${directory}`, ...args], { encoding: 'utf8', stdio: 'pipe' });
      run('init', '-input=false');
      run('apply', '-auto-approve', '-input=false');
      const outputs = JSON.parse(run('output', '-json')) as Record<string, { value: string }>;
      expect(texts.map((_, index) => outputs[`text_${index}`]!.value)).toEqual(texts);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }, 120_000);
});
