/* eslint-disable @typescript-eslint/no-explicit-any -- JSON is read as its readers read it. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ADDRESS, openWorkspace, pinned, SERVICE, type Workspace } from './workspace';

describe('terraform', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await openWorkspace();
  });
  afterEach(() => workspace.close());
  const nextRevision = (): void =>
    workspace.configure((_json, service) => (service.template.revision = 'next'));

  describe('plan', () => {
    it('exits 2 only for changes with -detailed-exitcode', async () => {
      const plain = await workspace.run(
        'plan',
        '-input=false',
        '-no-color',
        '-lock=false',
        '-lock-timeout=5s',
      );
      expect(plain).toMatchObject({
        code: 0,
        out: expect.stringContaining('Plan: 1 to add, 0 to change, 0 to destroy.'),
      });
      expect((await workspace.run('plan', '-detailed-exitcode')).code).toBe(2);
      await workspace.converge();
      const empty = await workspace.run('plan', '-detailed-exitcode');
      expect(empty).toMatchObject({
        code: 0,
        out: expect.stringContaining('No changes. Your infrastructure matches the configuration.'),
      });
    });

    it('counts a change of outputs alone as a change', async () => {
      await workspace.converge();
      workspace.configure((json) => (json.output.more = { value: 'x' }));
      expect(await workspace.plan('outputs')).toBe(2);
      expect((await workspace.show('outputs')).output_changes.more).toMatchObject({
        actions: ['create'],
        after: 'x',
      });
    });

    it('reads $${ and %%{ as text, and refuses a directive, which the real one evaluates', async () => {
      await workspace.converge();
      workspace.configure((json) => (json.output.more = { value: '$${a} %%{ if b } $$${c}' }));
      await workspace.plan('text');
      expect((await workspace.show('text')).output_changes.more.after).toBe('${a} %{ if b } $${c}');
      workspace.configure((json) => (json.output.more = { value: '%{ if true }a%{ endif }' }));
      expect(await workspace.run('plan')).toMatchObject({ code: 1, error: expect.stringContaining('%{ if') });
    });

    it('imports what is there and the state does not know: once, as something to apply', async () => {
      await workspace.converge();
      const state = JSON.parse(readFileSync(join(workspace.directory, 'terraform.tfstate'), 'utf8'));
      rmSync(join(workspace.directory, 'terraform.tfstate'));
      const block = { to: 'google_cloud_run_v2_service.service', id: SERVICE };
      writeFileSync(join(workspace.directory, 'adopt.tf.json'), JSON.stringify({ import: [block] }));
      expect(await workspace.plan('import')).toBe(2);
      expect((await workspace.show('import')).resource_changes[0].change).toMatchObject({
        importing: { id: SERVICE },
        actions: [expect.not.stringMatching('create')],
      });
      expect((await workspace.apply('import')).code).toBe(0);
      const after = JSON.parse(readFileSync(join(workspace.directory, 'terraform.tfstate'), 'utf8'));
      expect(after.resources[0].instances[0].attributes.id).toBe(
        state.resources[0].instances[0].attributes.id,
      );
      expect(await workspace.plan('again')).toBe(0);
    });

    it('rejects an import of what is not there', async () => {
      const block = { to: 'google_cloud_run_v2_service.service', id: SERVICE };
      writeFileSync(join(workspace.directory, 'adopt.tf.json'), JSON.stringify({ import: [block] }));
      expect((await workspace.run('plan')).error).toContain('Cannot import non-existent remote object');
    });

    it('rejects a directory that was not initialized', async () => {
      const other = await workspace.run(`-chdir=${__dirname}`, 'plan');
      expect(other).toMatchObject({ code: 1, error: expect.stringContaining('terraform init') });
    });

    it('rejects a missing token', async () => {
      delete workspace.environment.GOOGLE_OAUTH_ACCESS_TOKEN;
      const ran = await workspace.run('plan');
      expect(ran).toMatchObject({ code: 1, error: expect.stringContaining('No credentials loaded') });
    });

    it('rejects a missing endpoint rather than go to the real Google', async () => {
      delete workspace.environment.GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT;
      const ran = await workspace.run('plan');
      expect(ran).toMatchObject({
        code: 1,
        error: expect.stringContaining('GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT'),
      });
    });

    it('rejects an API that is not there, with its address and the cause', async () => {
      await workspace.converge();
      const other = await openWorkspace();
      workspace.environment.GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT = other.cloud.endpoint;
      await other.close();
      const ran = await workspace.run('plan');
      expect(ran.code).toBe(1);
      expect(ran.error).toContain(`${other.cloud.endpoint}${SERVICE}`);
      expect(ran.error).toContain('ECONNREFUSED');
    });

    it.each([
      [
        'an argument that the provider does not have',
        (s: any) => (s.default_uri_disabled = true),
        'default_uri_disabled',
      ],
      ['an attribute that only the cloud sets', (s: any) => (s.etag = 'x'), 'etag'],
      ['a missing argument', (s: any) => delete s.template.containers[0].image, 'image'],
      ['for_each', (s: any) => (s.for_each = {}), 'for_each'],
      ['an expression', (s: any) => (s.description = '${upper("a")}'), 'upper'],
      ['an undeclared reference', (s: any) => (s.description = '${google_x.y.name}'), 'google_x.y'],
    ])('rejects %s', async (_what, edit: (service: any) => unknown, named) => {
      workspace.configure((_json, service) => edit(service));
      expect(await workspace.run('plan')).toMatchObject({ code: 1, error: expect.stringContaining(named) });
      expect(workspace.cloud.calls).toEqual([]);
    });
  });

  describe('show -json', () => {
    it('gives a created service with what is known and what is not', async () => {
      await workspace.plan('create');
      const json = await workspace.show('create');
      expect(json).toMatchObject({ format_version: '1.2', terraform_version: '1.11.4' });
      const [{ change, ...where }] = json.resource_changes;
      expect(where).toEqual({
        address: 'google_cloud_run_v2_service.service',
        mode: 'managed',
        type: 'google_cloud_run_v2_service',
        name: 'service',
        provider_name: 'registry.terraform.io/hashicorp/google',
      });
      expect(change).toMatchObject({ actions: ['create'], before: null });
      expect(change.after.template[0].containers[0].startup_probe[0].http_get).toEqual([
        { path: '/health', port: 8000, http_headers: [] },
      ]);
      expect(change.after).not.toHaveProperty('etag');
      expect(change.after_unknown).toMatchObject({ etag: true, generation: true, uri: true });
      expect(json.output_changes.uri).toMatchObject({ actions: ['create'], after_unknown: true });
    });

    it('changes nothing but the template in an update: etag and generation stay known', async () => {
      await workspace.converge();
      nextRevision();
      await workspace.plan('update');
      const { change } = (await workspace.show('update')).resource_changes[0];
      const differing = Object.keys(change.after).filter(
        (key) => JSON.stringify(change.after[key]) !== JSON.stringify(change.before[key]),
      );
      expect(differing).toEqual(['template']);
      expect(change.after_unknown).toEqual({});
    });

    it('rejects a file that is not a plan', async () => {
      expect(await workspace.run('show', '-json', 'cdk.tf.json')).toMatchObject({ code: 1, out: '' });
      expect(await workspace.run('show', '-json', 'missing')).toMatchObject({ code: 1, out: '' });
    });
  });

  describe('apply', () => {
    it('rejects a plan when the state has changed since', async () => {
      await workspace.converge();
      nextRevision();
      await workspace.plan('first');
      await workspace.plan('second');
      expect((await workspace.apply('first')).code).toBe(0);
      workspace.cloud.writes.length = 0;
      const stale = await workspace.apply('second');
      expect(stale).toMatchObject({ code: 1, error: expect.stringContaining('Error: Saved plan is stale') });
      expect(workspace.cloud.writes).toEqual([]);
    });

    it('does not see that the cloud has changed since', async () => {
      await workspace.converge();
      nextRevision();
      await workspace.plan('saved');
      const service = workspace.cloud.services.get(SERVICE)!;
      workspace.cloud.services.set(SERVICE, { ...service, etag: '"new"', traffic: pinned('other') });
      expect((await workspace.apply('saved')).code).toBe(0);
    });

    it('applies the configuration that was planned, not the one that is there now', async () => {
      await workspace.plan('saved');
      nextRevision();
      await workspace.apply('saved');
      const { template } = workspace.cloud.writes[0]!.body as any;
      expect(template.revision).toBe('lightonocr-gpu-aaaaaaa-111111');
    });

    it('writes the outputs', async () => {
      await workspace.converge();
      const { out } = await workspace.run('output', '-json');
      expect(JSON.parse(out)).toEqual({
        uri: { sensitive: false, type: 'string', value: 'https://service-x.a.run.app' },
      });
    });
  });

  describe('other resources', () => {
    const withRepository = (format: string | undefined): void =>
      workspace.configure((json, service) => {
        if (format === undefined) return;
        json.resource.google_artifact_registry_repository = {
          repo: { '//': {}, repository_id: 'loan-repo', format },
        };
        service.description = 'from ${google_artifact_registry_repository.repo.repository_id}, at $${HOME}';
        service.template.labels = { repository: '${google_artifact_registry_repository.repo.id}' };
      });
    const counts = (out: string): unknown => /Resources: (.*)\./.exec(out)?.[1];

    it('are recorded: created, changed, deleted, and referred to', async () => {
      withRepository('DOCKER');
      await workspace.plan('create');
      const changes = (await workspace.show('create')).resource_changes;
      const service = changes.find((change: any) => change.name === 'service').change;
      expect(service.after.description).toBe('from loan-repo, at ${HOME}');
      expect(service.after_unknown.template[0].labels).toEqual({ repository: true });
      expect(counts((await workspace.apply('create')).out)).toBe('2 added, 0 changed, 0 destroyed');
      const { template } = workspace.cloud.writes[0]!.body as any;
      expect(template.labels.repository).toBe('recorded/google_artifact_registry_repository.repo');
      expect(await workspace.plan('again')).toBe(0);
      withRepository('NPM');
      expect(counts((await workspace.converge()).out)).toBe('0 added, 1 changed, 0 destroyed');
      withRepository(undefined);
      expect(counts((await workspace.converge()).out)).toBe('0 added, 1 changed, 1 destroyed');
    });

    it('have what the cloud gives them, where others refer to it; a second plan is empty', async () => {
      workspace.configure((json, service) => {
        const lifecycle = { create_before_destroy: true };
        json.resource.google_service_account = { runtime: { account_id: 'runtime', lifecycle } };
        service.description = '${google_service_account.runtime.member}';
      });
      expect(counts((await workspace.converge()).out)).toBe('2 added, 0 changed, 0 destroyed');
      expect((workspace.cloud.writes[0]!.body as any).description).toBe(
        'recorded/google_service_account.runtime',
      );
      expect(await workspace.plan('again')).toBe(0);
    });

    it('are recorded where there is a service: a grant on one that is not there fails as the provider does', async () => {
      const grant = (name: string) =>
        workspace.configure((json) => {
          json.resource.google_cloud_run_v2_service_iam_member = {
            caller: {
              name,
              location: 'us-central1',
              project: 'p',
              role: 'roles/run.invoker',
              member: 'user:a',
            },
          };
        });
      grant('of-another-name');
      const { code, error } = await workspace.converge();
      expect([code, error]).toEqual([
        1,
        expect.stringMatching(
          /Error retrieving IAM policy for cloudrunv2 service "projects\/p\/locations\/us-central1\/services\/of-another-name": googleapi: Error 404/,
        ),
      ]);
      expect((await workspace.run('state', 'list')).out).toBe(`${ADDRESS}\n`);
      grant('lightonocr-gpu');
      expect(counts((await workspace.converge()).out)).toBe('1 added, 0 changed, 0 destroyed');
      expect(await workspace.plan('again')).toBe(0);
    });

    it('rejects an attribute that it does not give, and create_before_destroy of the service', async () => {
      workspace.configure((_json, service) => {
        service.lifecycle.create_before_destroy = true;
      });
      await expect(workspace.plan('order')).rejects.toThrow('lifecycle.create_before_destroy');
      workspace.configure((json, service) => {
        delete service.lifecycle.create_before_destroy;
        json.resource.google_service_account = { runtime: { account_id: 'runtime' } };
        service.description = '${google_service_account.runtime.unique_id}';
      });
      await expect(workspace.plan('unknown')).rejects.toThrow('has no such attribute');
    });
  });

  describe('init', () => {
    it('locks the providers, and -lockfile=readonly accepts only that', async () => {
      const lock = readFileSync(join(workspace.directory, '.terraform.lock.hcl'), 'utf8');
      expect(lock).toContain('provider "registry.terraform.io/hashicorp/google" {\n  version     = "6.50.0"');
      expect((await workspace.run('init', '-lockfile=readonly', '-reconfigure')).code).toBe(0);
      workspace.configure(
        (json) =>
          (json.terraform.required_providers.docker = { source: 'kreuzwerker/docker', version: '3.6.2' }),
      );
      expect((await workspace.run('init', '-lockfile=readonly')).code).toBe(1);
    });

    it('rejects another version of the provider than was measured', async () => {
      workspace.configure((json) => (json.terraform.required_providers.google.version = '7.0.0'));
      expect(await workspace.run('init')).toMatchObject({ code: 1, error: expect.stringContaining('7.0.0') });
    });

    it('rejects a backend that it does not do', async () => {
      workspace.configure((json) => (json.terraform.backend = { gcs: { bucket: 'b' } }));
      expect(await workspace.run('init')).toMatchObject({
        code: 1,
        error: expect.stringContaining('backend "gcs" is not something the stand-in does'),
      });
    });
  });

  it.each([
    [['plan', '-bogus'], 'flag provided but not defined: -bogus'],
    [['plan', '-out'], 'flag needs an argument: -out'],
    [['plan', '-lock=maybe'], 'invalid boolean value: -lock=maybe'],
    [['plan', 'extra'], 'takes 0 argument(s)'],
    [['destroy'], 'no command named "destroy"'],
    [['toString'], 'no command named "toString"'],
    [['state', 'rm', 'x'], 'no command named "state rm"'],
    [[], 'no command named ""'],
    [['-chdir=/nowhere', 'plan'], 'no such file or directory'],
    [['untaint', 'google_x.y'], 'No such resource instance'],
    [['apply', 'missing'], 'Failed to load "missing" as a plan file'],
  ])('rejects %j', async (args, message) => {
    expect(await workspace.run(...args)).toMatchObject({ code: 1, error: expect.stringContaining(message) });
  });

  it('rejects to untaint what is not tainted', async () => {
    await workspace.converge();
    const ran = await workspace.run('untaint', 'google_cloud_run_v2_service.service');
    expect(ran).toMatchObject({ code: 1, error: expect.stringContaining('not tainted') });
  });

  it('rejects a state that is broken, and leaves it', async () => {
    const path = join(workspace.directory, 'terraform.tfstate');
    writeFileSync(path, '{');
    expect(await workspace.run('plan')).toMatchObject({ code: 1, error: expect.stringContaining(path) });
    expect(readFileSync(path, 'utf8')).toBe('{');
  });

  it('runs as an executable and says that it is a stand-in', async () => {
    const executable = join(__dirname, '../../../rehearsal/terraform/terraform');
    const { stdout } = await promisify(execFile)(executable, ['version', '-json'], {
      cwd: workspace.directory,
    });
    expect(JSON.parse(stdout)).toMatchObject({ terraform_version: '1.11.4', stand_in: true });
    const failed = promisify(execFile)(executable, ['bogus'], { cwd: workspace.directory });
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('bogus') });
  });
});
