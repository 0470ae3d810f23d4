import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { terraform } from '../../../../release/adapters/terraform/terraform';

const directory = mkdtempSync(join(tmpdir(), 'lightonocr-terraform-'));
const CALLS = join(directory, 'calls');
let made = 0;
/** An executable that says which engine it is, notes its other words, one a line, and then does what the script says. */
function fake(script: string, engine = 'Terraform v1.11.4'): string {
  const program = join(directory, `terraform-${made++}`);
  const version = `[ "$2" = version ] && echo '${engine}' && exit 0`;
  writeFileSync(program, `#!/bin/sh\n${version}\nprintf '%s\\n' "$@" > ${CALLS}\n${script}\n`, {
    mode: 0o755,
  });
  return program;
}
const words = () => readFileSync(CALLS, 'utf8').trimEnd().split('\n');

afterAll(() => rmSync(directory, { recursive: true }));

/** A stack that asks for the google provider, and what `init` locked in it. */
function stackWith(...locked: string[]): string {
  const stack = mkdtempSync(join(directory, 'stack-'));
  const required = { google: { source: 'google', version: '6.50.0' } };
  writeFileSync(join(stack, 'cdk.tf.json'), JSON.stringify({ terraform: { required_providers: required } }));
  const blocks = locked.map((source) => `provider "${source}" {\n  version = "6.50.0"\n}\n`);
  writeFileSync(join(stack, '.terraform.lock.hcl'), blocks.join('\n'));
  return stack;
}

describe('terraform', () => {
  test('init: rejects a provider that only the state asks for, before a plan would run it', async () => {
    const stack = stackWith('registry.terraform.io/hashicorp/google', 'registry.terraform.io/evil/evil');
    await expect(terraform(fake('exit 0')).init(stack)).rejects.toMatchObject({
      code: 'FOREIGN_PROVIDER',
      exitCode: 3,
      got: 'registry.terraform.io/evil/evil',
    });
  });

  describe('init: which of the two engines it is', () => {
    const [TERRAFORM, TOFU] = [
      'registry.terraform.io/hashicorp/google',
      'registry.opentofu.org/hashicorp/google',
    ];
    const state = (source: string, version: string) =>
      JSON.stringify({
        version: 4,
        terraform_version: version,
        resources: [{ type: 'google_project_service', provider: `provider["${source}"]` }],
      });
    const init = (program: string, stack: string, wanted?: 'terraform' | 'tofu') =>
      terraform(program, {}, undefined, undefined, wanted).init(stack);

    test.each([
      ['Terraform v1.11.4', TERRAFORM, 'terraform'],
      ['OpenTofu v1.12.6', TOFU, 'tofu'],
    ] as const)('%s takes the provider from its own registry', async (engine, source, wanted) => {
      await expect(init(fake('exit 0', engine), stackWith(source), wanted)).resolves.toBeUndefined();
    });

    test.each([
      ['jq-1.7', undefined, 'UNKNOWN_ENGINE'],
      ['Terraform v1.9.8', undefined, 'ENGINE_TOO_OLD'],
      ['OpenTofu v1.9.4', undefined, 'ENGINE_TOO_OLD'],
      ['OpenTofu v1.12.6', 'terraform', 'ENGINE_NOT_WANTED'],
      ['Terraform v1.15.9', 'tofu', 'ENGINE_NOT_WANTED'],
    ] as const)('rejects %s where %s is wanted, before anything runs: %s', async (engine, wanted, code) => {
      writeFileSync(CALLS, 'nothing\n');
      const program = fake('exit 0', engine);
      await expect(init(program, stackWith(TERRAFORM), wanted)).rejects.toMatchObject({
        code,
        exitCode: 2,
        where: program,
        got: engine,
      });
      expect(words()).toEqual(['nothing']);
    });

    test('rejects a state of OpenTofu, whose provider Terraform brings beside its own', async () => {
      await expect(init(fake('exit 0'), stackWith(TERRAFORM, TOFU))).rejects.toMatchObject({
        code: 'OTHER_ENGINE',
        exitCode: 3,
        got: TOFU,
        remedy: expect.stringContaining(`state replace-provider ${TOFU} ${TERRAFORM}`),
      });
    });

    test('rejects it also where that provider cannot be had', async () => {
      const script = `echo 'Could not retrieve the list of available versions for provider ${TOFU}' >&2; exit 1`;
      await expect(init(fake(script), stackWith(TERRAFORM))).rejects.toMatchObject({ code: 'OTHER_ENGINE' });
    });

    test('rejects a state of Terraform, which OpenTofu would take over without a word', async () => {
      const program = fake(`echo '${state(TERRAFORM, '1.11.4')}'`, 'OpenTofu v1.12.6');
      await expect(init(program, stackWith(TOFU))).rejects.toMatchObject({
        code: 'OTHER_ENGINE',
        exitCode: 3,
        got: TERRAFORM,
        remedy: expect.stringContaining(`state replace-provider ${TERRAFORM} ${TOFU}`),
      });
      expect(words()).toEqual([expect.stringMatching(/^-chdir=/), 'state', 'pull']);
    });

    test.each([
      ['1.12.9', undefined],
      ['1.13.0', 'STATE_NEWER'],
    ])('OpenTofu 1.12.6 on a state that %s wrote: %s', async (version, code) => {
      const program = fake(`echo '${state(TOFU, version)}'`, 'OpenTofu v1.12.6');
      const failure: unknown = await init(program, stackWith(TOFU)).catch((error: unknown) => error);
      expect((failure as { code?: string } | undefined)?.code).toBe(code);
    });

    test("rejects a state of a format that only a newer engine knows, in the engine's own words", async () => {
      // What Terraform 1.11.4 says.
      const said = `Error message: Unsupported state file format: The state file uses format
version 5, which is not supported by Terraform 1.11.4. This state file was
created by Terraform 1.99.0.`;
      const program = fake(`[ "$2" = init ] && exit 0; cat >&2 <<'END'\n${said}\nEND\nexit 1`);
      const engine = terraform(program);
      const stack = stackWith(TERRAFORM);
      await engine.init(stack);
      await expect(engine.plan(stack, 'x')).rejects.toMatchObject({
        code: 'STATE_NEWER',
        exitCode: 3,
        got: 'Terraform 1.99.0 wrote it, this is 1.11.4',
      });
    });
  });

  test.each([
    [0, false],
    [2, true],
  ])('plan: exit code %d says whether there are changes: %s', async (code, changes) => {
    expect(await terraform(fake(`exit ${code}`)).plan('/stack', '/out.tfplan')).toEqual({ changes });
  });

  test.each([
    [undefined, '-lock-timeout=900s'],
    [{ lock: false }, '-lock=false'],
  ])('plan: with %j it asks for %s', async (options, lock) => {
    await terraform(fake('exit 0')).plan('/stack', '/out.tfplan', options);
    expect(words()).toEqual([
      ...[
        '-chdir=/stack',
        'plan',
        '-input=false',
        '-no-color',
        '-detailed-exitcode',
        lock,
        '-out=/out.tfplan',
      ],
    ]);
  });

  test('plan: to destroy, it says so', async () => {
    await terraform(fake('exit 0')).plan('/stack', '/out.tfplan', { destroy: true });
    expect(words()).toContain('-destroy');
  });

  test.each([
    [undefined, []],
    ['reconfigure', ['-reconfigure']],
    ['migrate', ['-migrate-state', '-force-copy']],
  ] as const)('init: with backend %s its flags are %j', async (backend, flags) => {
    const stack = stackWith('registry.terraform.io/hashicorp/google');
    await terraform(fake('exit 0')).init(stack, backend);
    expect(words()).toEqual([`-chdir=${stack}`, 'init', '-input=false', '-no-color', ...flags]);
    await expect(terraform(fake('exit 2')).init(stack, backend)).rejects.toMatchObject({
      got: 'exit code 2',
    });
  });

  test('plan: rejects exit code 1 with the end of what Terraform says', async () => {
    const script = 'i=1; while [ $i -le 40 ]; do echo "line $i" >&2; i=$((i+1)); done; echo out; exit 1';
    const failure = await terraform(fake(script))
      .plan('/stack', '/out.tfplan')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'TERRAFORM_FAILED',
      exitCode: 1,
      where: '/stack',
      got: 'exit code 1',
    });
    const { message } = failure as Error;
    expect(message.split('\n')).toEqual([
      'terraform plan failed:',
      ...Array.from({ length: 15 }, (_, at) => `line ${at + 26}`),
    ]);
  });

  test("rejects a state that stays locked with who holds it and the command that lifts a dead one's lock", async () => {
    // What Terraform 1.11.4 says.
    const said = `
Error: Error acquiring the state lock

Error message: resource temporarily unavailable
Lock Info:
  ID:        f241832e-45b5-803a-8f9d-935cec21cdad
  Path:      terraform.tfstate
  Operation: OperationTypeApply
  Who:       root@runner
  Version:   1.11.4
  Created:   2026-11-25 02:59:20.428376336 +0000 UTC
  Info:


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.`;
    const failure = await terraform(fake(`cat >&2 <<'END'\n${said}\nEND\nexit 1`))
      .apply('/stack', 'x')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'STATE_LOCKED',
      exitCode: 3,
      got: expect.stringMatching(/Operation: OperationTypeApply\n {2}Who: {7}root@runner/),
      remedy: expect.stringMatching(/-chdir=\/stack force-unlock f241832e-45b5-803a-8f9d-935cec21cdad$/),
    });
    expect((failure as { got: string }).got).not.toContain('protect the state');
  });

  test('rejects with what it printed where it has no error output', async () => {
    await expect(terraform(fake('echo only this; exit 1')).init('/stack')).rejects.toThrow('only this');
  });

  test.each<['apply' | 'untaint' | 'show', string[]]>([
    ['apply', ['-chdir=/stack', 'apply', '-input=false', '-no-color', '-lock-timeout=900s', 'x']],
    ['untaint', ['-chdir=/stack', 'untaint', '-lock-timeout=900s', 'x']],
    ['show', ['-chdir=/stack', 'show', '-json', 'x']],
  ])('%s: says so to Terraform, and rejects exit code 2', async (verb, args) => {
    await terraform(fake('echo "{}"'))[verb]('/stack', 'x');
    expect(words()).toEqual(args);
    await expect(terraform(fake('exit 2'))[verb]('/stack', 'x')).rejects.toMatchObject({
      code: 'TERRAFORM_FAILED',
      got: 'exit code 2',
    });
  });

  test('apply: waits for the lock as long as it is told to', async () => {
    await terraform(fake('exit 0')).apply('/stack', 'x', { lockSeconds: 0 });
    expect(words()).toContain('-lock-timeout=0s');
  });

  test('rejects one that a signal ended', async () => {
    await expect(terraform(fake('kill -9 $$')).apply('/stack', 'x')).rejects.toMatchObject({
      code: 'TERRAFORM_FAILED',
    });
  });

  test('show: gives the plan', async () => {
    const program = fake(`echo '{"terraform_version":"1.11.4","resource_changes":[]}'`);
    expect(await terraform(program).show('/stack', 'x')).toEqual({
      terraform_version: '1.11.4',
      resource_changes: [],
    });
  });

  test.each([
    ['an entry without a change', { resource_changes: [{ address: 'a', type: 't' }] }],
    ['a change without actions', { resource_changes: [{ address: 'a', type: 't', change: {} }] }],
    ['an output without actions', { output_changes: { url: {} } }],
    ['a drift without a change', { resource_drift: [{ address: 'a', type: 't' }] }],
    ['a list', []],
  ])('show: rejects %s, which is no plan', async (_what, plan) => {
    const program = fake(`echo '${JSON.stringify(plan)}'`);
    await expect(terraform(program).show('/stack', 'x')).rejects.toMatchObject({
      code: 'PLAN_UNREADABLE',
      exitCode: 3,
      where: '/stack',
      remedy: expect.stringContaining(`${program} -chdir=/stack show -json x`) as string,
    });
  });

  test('show: rejects what is no JSON', async () => {
    await expect(terraform(fake(`echo '<html>'`)).show('/stack', 'x')).rejects.toMatchObject({
      code: 'PLAN_UNREADABLE',
      got: 'no JSON: <html>\n',
    });
  });

  test('gets the environment of the process with what is handed in', async () => {
    const program = fake(
      `printf '{"given":"%s","automation":"%s","path":"%s"}' "$GIVEN" "$TF_IN_AUTOMATION" "$PATH"`,
    );
    expect(await terraform(program, { GIVEN: 'x' }).show('/stack', 'x')).toEqual({
      given: 'x',
      automation: '1',
      path: process.env.PATH,
    });
  });

  test('rejects where there is no Terraform', async () => {
    const program = join(directory, 'no-such-terraform');
    await expect(terraform(program).init('/stack')).rejects.toMatchObject({
      code: 'NO_TERRAFORM',
      exitCode: 2,
      where: program,
      remedy: expect.stringContaining('--terraform PATH') as string,
    });
  });

  test('providers: reads source and version of each from the lock file that Terraform writes', async () => {
    // The form of Terraform 1.11.4.
    writeFileSync(
      join(directory, '.terraform.lock.hcl'),
      `# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/google" {
  version     = "6.50.0"
  constraints = "6.50.0"
  hashes = [
    "h1:95EDZX+ObC53vK+4owk0HVcrv2p05PQLJcMsQ0aSftE=",
    "zh:1f3513fcfcbf7ca53d667a168c5067a4dd91a4d4cccd19743e248ff31065503c",
  ]
}

provider "registry.terraform.io/kreuzwerker/docker" {
  version = "3.6.2"
  hashes = [
    "h1:x=",
  ]
}
`,
    );
    expect(await terraform('terraform').providers(directory)).toEqual({
      'registry.terraform.io/hashicorp/google': '6.50.0',
      'registry.terraform.io/kreuzwerker/docker': '3.6.2',
    });
  });
});
