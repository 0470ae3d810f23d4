/* eslint-disable @typescript-eslint/no-explicit-any -- JSON is read as its readers read it. */
import measured from './measured.json';
import { ADDRESS, openWorkspace, pinned, SERVICE, type Workspace } from './workspace';

const A = 'lightonocr-gpu-aaaaaaa-111111';

/** Expected requests in `measured.json` were recorded from Terraform 1.11.4 with the google provider 6.50.0. */
describe('google_cloud_run_v2_service', () => {
  let workspace: Workspace;
  const release = (revision: string): void =>
    workspace.configure((_json, service) => {
      service.template.revision = revision;
      service.template.containers[0].image = `i@sha256:${revision}`;
    });
  const moveTraffic = (traffic: unknown[]): void => {
    const service = workspace.cloud.services.get(SERVICE)!;
    workspace.cloud.services.set(SERVICE, { ...service, traffic, generation: '2', etag: '"moved"' });
  };
  const actions = async (name: string): Promise<unknown> =>
    (await workspace.show(name)).resource_changes.map((change: any) => change.change.actions);

  beforeEach(async () => {
    workspace = await openWorkspace();
  });
  afterEach(() => workspace.close());

  describe('create', () => {
    it('sends what the real provider sends: no false, no 0, its own label', async () => {
      await workspace.converge();
      expect(workspace.cloud.writes).toHaveLength(1);
      const [post] = workspace.cloud.writes;
      expect(post).toMatchObject({ method: 'POST', authorization: 'Bearer token-1' });
      expect(new URL(`http://x${post!.url}`).searchParams.get('serviceId')).toBe('lightonocr-gpu');
      expect(post!.body).toEqual(measured.create);
    });

    it('leaves nothing for a second plan', async () => {
      await workspace.converge();
      expect(await workspace.plan('second')).toBe(0);
      expect(await actions('second')).toEqual([['no-op']]);
    });

    it('polls the operation until it is done', async () => {
      await workspace.converge();
      const polls = workspace.cloud.calls.filter(({ url }) => url.includes('/operations/1'));
      expect(polls).toHaveLength(2);
    });

    it('is stored tainted when the operation fails, cannot be replaced, and is mended by untaint', async () => {
      workspace.cloud.failures.push('Revision is not ready');
      const failed = await workspace.converge();
      expect(failed.code).toBe(1);
      expect(failed.error).toContain('Error code 9, message: Revision is not ready');
      expect(await workspace.plan('replace')).toBe(2);
      const {
        resource_changes: [change],
      } = await workspace.show('replace');
      expect(change).toMatchObject({
        action_reason: 'replace_because_tainted',
        change: { actions: ['delete', 'create'] },
      });
      const refused = await workspace.apply('replace');
      expect(refused.code).toBe(1);
      expect(refused.error).toContain(
        'cannot destroy service without setting deletion_protection=false and running `terraform apply`',
      );
      expect(workspace.cloud.writes.map(({ method }) => method)).toEqual(['POST']);
      expect((await workspace.run('untaint', ADDRESS)).code).toBe(0);
      await workspace.plan('mended');
      expect(await actions('mended')).toEqual([['no-op']]);
    });

    it('leaves no state when the API refuses it', async () => {
      workspace.cloud.refusals.push({ status: 400, message: 'bad thing' });
      const refused = await workspace.converge();
      expect(refused).toMatchObject({
        code: 1,
        error: expect.stringContaining('Error creating Service: googleapi: Error 400: bad thing'),
      });
      expect((await workspace.run('state', 'list')).out).toBe('');
    });
  });

  describe('update', () => {
    beforeEach(async () => {
      await workspace.converge();
      workspace.cloud.writes.length = 0;
    });

    it('undoes a rollback that came after the plan, and exits 0', async () => {
      release('b');
      await workspace.plan('saved');
      moveTraffic(pinned('rolled-back-to'));
      expect((await workspace.apply('saved')).code).toBe(0);
      expect(workspace.cloud.services.get(SERVICE)!.traffic).toEqual(pinned(A));
    });

    it('writes the traffic of the refreshed state, not of the configuration', async () => {
      moveTraffic(pinned('serving'));
      release('b');
      await workspace.converge();
      expect(workspace.cloud.services.get(SERVICE)!.traffic).toEqual(pinned('serving'));
    });

    it('is one PATCH of everything, without mask and etag, as measured', async () => {
      const old = { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'old', tag: 't' };
      moveTraffic([old, ...pinned('X')]);
      workspace.configure((_json, service) => {
        service.template.revision = 'r2';
        service.template.containers[0].image = 'i@sha256:2';
      });
      await workspace.converge();
      expect(workspace.cloud.writes.map(({ method, url }) => [method, url])).toEqual([
        ['PATCH', `/v2/${SERVICE}?alt=json`],
      ]);
      expect(workspace.cloud.writes[0]!.body).toEqual(measured.update);
    });

    it('does not mind in which order the API gives the variables', async () => {
      workspace.configure((_json, service) =>
        service.template.containers[0].env.push({ name: 'A', value: '1' }),
      );
      await workspace.converge();
      const { template } = workspace.cloud.services.get(SERVICE) as any;
      template.containers[0].env.reverse();
      expect(await workspace.plan('reversed')).toBe(0);
    });

    it('does not show traffic that was moved elsewhere, nor write it', async () => {
      moveTraffic(pinned('elsewhere'));
      expect(await workspace.plan('moved')).toBe(0);
      const { prior_state } = await workspace.show('moved');
      const [{ values }] = prior_state.values.root_module.resources;
      expect(values).toMatchObject({
        etag: '"moved"',
        generation: '2',
        traffic: [{ revision: 'elsewhere', percent: 100 }],
      });
    });

    it('shows moved traffic when it is not ignored', async () => {
      workspace.configure((_json, service) => delete service.lifecycle);
      moveTraffic(pinned('elsewhere'));
      expect(await workspace.plan('moved')).toBe(2);
    });

    it('turns green after a failure: the next plan sees the new template and nothing to do', async () => {
      release('b');
      workspace.cloud.failures.push('Revision b is not ready');
      const failed = await workspace.converge();
      expect(failed).toMatchObject({
        code: 1,
        error: expect.stringContaining('Error waiting for Updating Service'),
      });
      expect(await workspace.plan('again')).toBe(0);
    });

    it('stores the new values even when the API refuses them', async () => {
      release('b');
      await workspace.plan('refused');
      workspace.cloud.refusals.push({ status: 409, message: 'conflict' });
      const { error } = await workspace.apply('refused');
      expect(error).toContain(`Error updating Service "${SERVICE}": googleapi: Error 409: conflict`);
      expect(workspace.cloud.writes).toHaveLength(1); // A 409 is not tried again.
      const unrefreshed = await workspace.run('plan', '-refresh=false', '-detailed-exitcode');
      expect(unrefreshed.code).toBe(0);
      expect(await workspace.plan('refreshed')).toBe(2);
    });

    it.each([429, 500, 502, 503])('tries again after %i, later each time', async (status) => {
      release('b');
      await workspace.plan('busy');
      workspace.sleeps.length = 0;
      workspace.cloud.refusals.push({ status, message: 'busy' }, { status, message: 'busy' });
      expect((await workspace.apply('busy')).code).toBe(0);
      expect(workspace.cloud.writes).toHaveLength(3);
      expect(workspace.sleeps[1]).toBeGreaterThan(workspace.sleeps[0]!);
    });

    it('does not reset scaling, probe and resources that left the configuration', async () => {
      workspace.configure((_json, service) => {
        service.template.revision = 'b';
        delete service.template.scaling;
        delete service.template.containers[0].startup_probe;
        delete service.template.containers[0].resources;
      });
      await workspace.converge();
      const { template } = workspace.cloud.writes[0]!.body as any;
      expect(template.scaling).toEqual(measured.update.template.scaling);
      expect(template.containers[0]).toMatchObject({
        startupProbe: measured.update.template.containers[0]!.startupProbe,
        resources: measured.update.template.containers[0]!.resources,
      });
    });

    it('does remove variables and labels that left the configuration', async () => {
      workspace.configure((_json, service) => {
        delete service.template.containers[0].env;
        delete service.labels;
      });
      await workspace.converge();
      const body = workspace.cloud.writes[0]!.body as any;
      expect(body.template.containers[0].env).toBeUndefined();
      expect(body.labels).toEqual({ 'goog-terraform-provisioned': 'true' });
    });

    it('keeps labels that others have put on the service', async () => {
      const service = workspace.cloud.services.get(SERVICE)!;
      workspace.cloud.services.set(SERVICE, {
        ...service,
        labels: { ...(service.labels as object), theirs: '1' },
      });
      expect(await workspace.plan('foreign')).toBe(0);
      release('b');
      await workspace.converge();
      expect(workspace.cloud.writes[0]!.body.labels).toMatchObject({ a: 'b', theirs: '1' });
    });

    it('drops manual_instance_count = 0: no kill switch that way', async () => {
      workspace.configure((_json, service) => {
        service.lifecycle.ignore_changes = ['traffic'];
        service.scaling = { manual_instance_count: 0, scaling_mode: 'MANUAL' };
      });
      await workspace.converge();
      expect(workspace.cloud.writes[0]!.body.scaling).toEqual({ scalingMode: 'MANUAL' });
    });

    it.each(['name', 'location'])('is a replacement when the %s changes', async (key) => {
      workspace.configure((_json, service) => (service[key] = 'other'));
      await workspace.plan('replace');
      const {
        resource_changes: [change],
      } = await workspace.show('replace');
      expect(change.change).toMatchObject({ actions: ['delete', 'create'], replace_paths: [[key]] });
      expect((await workspace.apply('replace')).code).toBe(1);
      expect(workspace.cloud.writes).toEqual([]);
    });

    it('creates again what is gone from the cloud', async () => {
      workspace.cloud.services.clear();
      await workspace.plan('gone');
      expect(await actions('gone')).toEqual([['create']]);
    });

    it('deletes what left the configuration once deletion_protection is off', async () => {
      workspace.configure((_json, service) => (service.deletion_protection = false));
      await workspace.converge();
      workspace.configure((json) => {
        delete json.resource;
        delete json.output;
      });
      expect((await workspace.converge()).code).toBe(0);
      expect(workspace.cloud.services.size).toBe(0);
      expect((await workspace.run('state', 'list')).out).toBe('');
    });
  });
});
