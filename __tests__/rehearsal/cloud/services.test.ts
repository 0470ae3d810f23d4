import { protos, RevisionsClient, ServicesClient } from '@google-cloud/run';
import {
  type Json,
  clientOptions,
  IMAGE,
  LATEST,
  LOCATION,
  REVISION,
  type Rig,
  startRig,
  template,
  to,
} from './harness';

const S = `/v2/${LOCATION}/services/s`;
const NAME = `${LOCATION}/services/s`;

describe('services', () => {
  let rig: Rig;
  const image = () => `${IMAGE}@${rig.digest}`;
  const service = () => rig.cloud.run.service('s') as Json;

  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.cloud.stop());

  describe("through Google's own client", () => {
    it('creates, reads, lists, updates by mask with integer enums, and deletes', async () => {
      const client = new ServicesClient(clientOptions(rig));
      const [creating] = await client.createService({
        parent: LOCATION,
        serviceId: 's',
        service: { template: template(image(), 's-a') },
      });
      const [created] = await creating.promise();
      expect(created.latestReadyRevision).toBe(`${NAME}/revisions/s-a`);
      expect(created.terminalCondition?.state).toBe(
        protos.google.cloud.run.v2.Condition.State.CONDITION_SUCCEEDED,
      );

      const [read] = await client.getService({ name: NAME });
      expect(read.trafficStatuses).toMatchObject([{ type: LATEST, percent: 100 }]);
      const [listed] = await client.listServices({ parent: LOCATION });
      expect(listed.map(({ name }) => name)).toEqual([NAME]);

      const traffic = [{ type: 2, revision: 's-a', percent: 100 }];
      const [updating] = await client.updateService({
        service: { name: NAME, etag: read.etag, traffic },
        updateMask: { paths: ['traffic'] },
      });
      const [updated] = await updating.promise();
      expect(updated.trafficStatuses).toMatchObject([{ type: 2, revision: 's-a', percent: 100 }]);
      expect(String(updated.generation)).toBe('2');
      expect(updated.template).toMatchObject({ revision: 's-a' });

      const [deleting] = await client.deleteService({ name: NAME });
      await deleting.promise();
      await expect(client.getService({ name: NAME })).rejects.toMatchObject({ code: 404 });
      await client.close();
    });

    it('pages through revisions, newest first', async () => {
      for (const name of ['a', 'b', 'c']) await rig.deploy(name, { env: { N: name } });
      const client = new RevisionsClient(clientOptions(rig));
      const names: string[] = [];
      for await (const revision of client.listRevisionsAsync({ parent: NAME, pageSize: 2 }))
        names.push(revision.name ?? '');
      expect(names.map((name) => name.slice(-1))).toEqual(['c', 'b', 'a']);
      const [revision] = await client.getRevision({ name: `${NAME}/revisions/s-b` });
      expect(revision.conditions?.find(({ type }) => type === 'Ready')?.state).toBe('CONDITION_SUCCEEDED');
      expect(revision.containers?.[0]).toMatchObject({ image: image(), args: ['--model', 'm'] });
      await client.close();
    });
  });

  it('takes a while, and says so with an unfinished operation and reconciling', async () => {
    const slow = await startRig({ operationSeconds: 0.2 });
    const { json } = await slow.call('POST', `/v2/${LOCATION}/services?serviceId=s`, {
      template: template(`${IMAGE}@${slow.digest}`, 's-a'),
    });
    expect(json.done).toBeUndefined();
    expect((await slow.call('GET', S)).json).toMatchObject({
      reconciling: true,
      observedGeneration: '0',
      terminalCondition: { state: 'CONDITION_RECONCILING' },
    });
    expect((await slow.call('GET', `/v2/${json.name}`)).json.done).toBeUndefined();
    expect(
      (await slow.call('POST', `/v2/${json.name}:wait`, { timeout: '0.01s' })).json.done,
    ).toBeUndefined();
    expect((await slow.call('POST', `/v2/${json.name}:wait`, {})).json).toMatchObject({
      done: true,
      response: { reconciling: false, observedGeneration: '1' },
    });
    await slow.cloud.stop();
  });

  it('replaces the whole service without a mask, traffic and labels included', async () => {
    await rig.write('POST', `/v2/${LOCATION}/services?serviceId=s`, {
      labels: { team: 'ocr' },
      template: template(image(), 's-a'),
    });
    await rig.route([to('a', 100)]);
    await rig.write('PATCH', S, { template: service().template });
    expect(service()).toMatchObject({
      traffic: [{ type: LATEST, percent: 100 }],
      trafficStatuses: [{ type: LATEST, percent: 100 }],
    });
    expect(service().labels).toBeUndefined();
  });

  it('changes with a mask only what it names', async () => {
    await rig.write('POST', `/v2/${LOCATION}/services?serviceId=s`, {
      labels: { team: 'ocr' },
      template: template(image(), 's-a'),
    });
    await rig.write('PATCH', `${S}?updateMask=traffic`, {
      labels: {},
      description: 'no',
      traffic: [to('a', 100)],
    });
    expect(service()).toMatchObject({
      labels: { team: 'ocr' },
      traffic: [{ revision: 's-a' }],
      latestCreatedRevision: `${NAME}/revisions/s-a`,
    });
    expect(service().description).toBeUndefined();
  });

  it('gives every write a new etag and one more generation', async () => {
    await rig.deploy('a');
    const { etag } = service();
    await rig.route([to('a', 100)]);
    expect(service()).toMatchObject({ generation: '2', observedGeneration: '2' });
    expect(service().etag).not.toBe(etag);
  });

  it('rejects a stale etag with 409 ABORTED and changes nothing', async () => {
    await rig.deploy('a');
    const { etag } = service();
    expect(
      (await rig.call('PATCH', `${S}?updateMask=traffic`, { etag, traffic: [to('a', 100)] })).status,
    ).toBe(200);
    const before = service();
    const { status, json } = await rig.call('PATCH', `${S}?updateMask=traffic`, {
      etag,
      traffic: [{ type: LATEST, percent: 100 }],
    });
    expect([status, json.error.status]).toEqual([409, 'ABORTED']);
    expect(service().traffic).toEqual(before.traffic);
  });

  it('rejects the name of a revision with another template with 409, and takes it with the same', async () => {
    await rig.deploy('a');
    const changed = template(image(), 's-a', { env: { X: '1' } });
    const { status, json } = await rig.call('PATCH', S, { template: changed });
    expect([status, json.error.status]).toEqual([409, 'ALREADY_EXISTS']);
    expect((await rig.call('PATCH', S, { template: template(image(), 's-a') })).status).toBe(200);
    expect(rig.cloud.run.revisions('s')).toHaveLength(1);
  });

  it('names a revision itself when the template does not', async () => {
    await rig.write('POST', `/v2/${LOCATION}/services?serviceId=s`, {
      template: template(image(), undefined),
    });
    expect(service().latestReadyRevision).toMatch(/\/s-00001-[a-z]{3}$/);
    await rig.write('PATCH', S, { template: template(image(), undefined), labels: { x: 'y' } });
    expect(rig.cloud.run.revisions('s')).toHaveLength(1);
  });

  it.each([
    ['dies', { env: { BEHAVIOUR: 'crash' } }, /Container called exit\(3\)/],
    [
      'never listens',
      {
        env: { BEHAVIOUR: 'deaf' },
        probe: { tcpSocket: {}, timeoutSeconds: 1, periodSeconds: 1, failureThreshold: 1 },
      },
      /startup probe checks/,
    ],
    [
      'fails its HTTP probe',
      {
        env: { BEHAVIOUR: 'unhealthy' },
        probe: { httpGet: { path: '/health' }, timeoutSeconds: 1, periodSeconds: 1, failureThreshold: 2 },
      },
      /startup probe checks/,
    ],
  ])(
    'fails the operation of a revision that %s; the spec is new, traffic and latestReady stay',
    async (_what, change, message) => {
      await rig.deploy('a', { traffic: [to('a', 100)] });
      const { error } = await rig.deploy('bad', { ...change, traffic: [{ type: LATEST, percent: 100 }] });
      expect(error.message).toMatch(
        /^Revision 's-bad' is not ready and cannot serve traffic\. The user-provided container failed the configured/,
      );
      expect(error.message).toMatch(message);
      expect(service()).toMatchObject({
        terminalCondition: { state: 'CONDITION_FAILED', message: error.message },
        template: { revision: 's-bad' },
        traffic: [{ type: LATEST, percent: 100 }],
        trafficStatuses: [{ revision: 's-a', percent: 100 }],
        latestCreatedRevision: `${NAME}/revisions/s-bad`,
        latestReadyRevision: `${NAME}/revisions/s-a`,
      });
      expect((await rig.invoke()).status).toBe(200);
    },
  );

  it('passes an HTTP probe only once the path answers', async () => {
    const probe = { httpGet: { path: '/health' }, periodSeconds: 1, failureThreshold: 20 };
    expect((await rig.deploy('a', { probe })).error).toBeUndefined();
  });

  it('fails the operation of an image that the registry does not have', async () => {
    const unknown = `${IMAGE}@sha256:${'0'.repeat(64)}`;
    const { error } = await rig.write('POST', `/v2/${LOCATION}/services?serviceId=s`, {
      template: template(unknown, 's-a'),
    });
    expect(error.message).toContain(`Image '${unknown}' not found`);
    expect(service()).toMatchObject({
      terminalCondition: { state: 'CONDITION_FAILED' },
      trafficStatuses: [],
    });
    expect(service().latestReadyRevision).toBeUndefined();
  });

  it('fails a traffic write that names an unready revision, and serves on as before', async () => {
    await rig.deploy('a', { traffic: [to('a', 100)] });
    await rig.deploy('bad', { env: { BEHAVIOUR: 'crash' }, traffic: [to('a', 100)] });
    expect((await rig.route([to('bad', 100)])).error.message).toMatch(/'s-bad' is not ready/);
    expect(service().trafficStatuses).toMatchObject([{ revision: 's-a', percent: 100 }]);
    expect((await rig.route([to('a', 100)])).error).toBeUndefined();
  });

  it('does not undo a traffic write that came while a revision was starting', async () => {
    await rig.deploy('a', { traffic: [to('a', 100)] });
    await rig.deploy('b', { env: { B: '1' }, traffic: [to('b', 100)] });
    const probe = {
      tcpSocket: {},
      initialDelaySeconds: 1,
      timeoutSeconds: 20,
      periodSeconds: 20,
      failureThreshold: 1,
    };
    const applying = rig.deploy('c', { probe, env: { C: '1' }, traffic: [to('b', 100)] });
    while (!String(service().latestCreatedRevision).endsWith('s-c')) await rig.clock.sleep(0.1);
    await rig.route([to('a', 100)]);
    expect(service()).toMatchObject({ reconciling: true, trafficStatuses: [{ revision: 's-a' }] });
    await applying;
    expect(service()).toMatchObject({
      reconciling: false,
      generation: '4',
      trafficStatuses: [{ revision: 's-a' }],
      latestReadyRevision: `${NAME}/revisions/s-c`,
    });
  });

  it('puts tag-only entries first in trafficStatuses and leaves traffic as it was asked for', async () => {
    await rig.deploy('a');
    await rig.route([to('a', 100), to('a', 0, 'c-a')]);
    expect(service().traffic).toMatchObject([{ percent: 100 }, { tag: 'c-a' }]);
    expect(service().trafficStatuses).toEqual([
      { type: REVISION, revision: 's-a', tag: 'c-a', uri: `${rig.cloud.url}/run/c-a---s` },
      { type: REVISION, revision: 's-a', percent: 100 },
    ]);
  });

  it.each<[string, (body: Json) => void, RegExp]>([
    [
      'an unknown field',
      (body) => (body.template.containers[0].arg = []),
      /"arg" at 'service\.template\.containers\[0\]'/,
    ],
    ['a bad enum', (body) => (body.ingress = 'INGRESS_TRAFFIC_SOME'), /'service\.ingress'/],
    [
      'a bad enum number',
      (body) => (body.traffic = [{ type: 77, percent: 100 }]),
      /'service\.traffic\[0\]\.type'/,
    ],
    [
      'a wrong type',
      (body) => (body.template.maxInstanceRequestConcurrency = 'many'),
      /'service\.template\.maxInstanceRequestConcurrency' \(int32\)/,
    ],
    [
      'a fraction for an integer',
      (body) => (body.traffic = [{ type: LATEST, percent: 99.5 }]),
      /'service\.traffic\[0\]\.percent'/,
    ],
    ['a duration without unit', (body) => (body.template.timeout = '300'), /'service\.template\.timeout'/],
    ['a value in a map', (body) => (body.labels = { a: 1 }), /'service\.labels\[a\]'/],
    [
      'two probe types',
      (body) => (body.template.containers[0].startupProbe.httpGet = {}),
      /oneof 'probeType'/,
    ],
    ['no container', (body) => delete body.template.containers, /template\.containers/],
    ['a foreign revision name', (body) => (body.template.revision = 'other-a'), /must start with "s-"/],
    ['a long revision name', (body) => (body.template.revision = `s-${'a'.repeat(62)}`), /longer than 63/],
    [
      'percents that do not add up',
      (body) => (body.traffic = [{ type: LATEST, percent: 99 }]),
      /add up to 100, got 99/,
    ],
    [
      'traffic to no revision',
      (body) => (body.traffic = [to('x', 100)]),
      /Revision 's-x' of service 's' does not exist/,
    ],
    [
      'one tag twice',
      (body) =>
        (body.traffic = [
          { type: LATEST, percent: 100, tag: 't' },
          { type: LATEST, tag: 't' },
        ]),
      /used twice/,
    ],
    [
      'a GPU with too little memory',
      (body) => (
        (body.template = template(IMAGE, 's-a', { gpu: true })),
        (body.template.containers[0].resources.limits.memory = '8Gi')
      ),
      /16Gi/,
    ],
    [
      'a GPU without its kind',
      (body) => ((body.template = template(IMAGE, 's-a', { gpu: true })), delete body.template.nodeSelector),
      /accelerator/,
    ],
    [
      'a probe longer than its period',
      (body) => (body.template.containers[0].startupProbe.periodSeconds = 5),
      /longer than periodSeconds/,
    ],
  ])('rejects %s with 400', async (_what, spoil, message) => {
    const body = { template: template(image(), 's-a') };
    const valid = JSON.stringify(body);
    spoil(body);
    expect(JSON.stringify(body)).not.toBe(valid);
    const { status, json } = await rig.call('POST', `/v2/${LOCATION}/services?serviceId=s`, body);
    expect([status, json.error.status]).toEqual([400, 'INVALID_ARGUMENT']);
    expect(json.error.message).toMatch(message);
    expect(rig.cloud.run.service('s')).toBeUndefined();
  });

  it('rejects a mask with an unknown or a nested field', async () => {
    await rig.deploy('a');
    expect((await rig.call('PATCH', `${S}?updateMask=traffik`, {})).json.error.message).toMatch(/"traffik"/);
    expect((await rig.call('PATCH', `${S}?updateMask=template.timeout`, {})).status).toBe(400);
  });

  it('ignores output-only fields and reads int64 and enums in both forms', async () => {
    const body = {
      template: template(image(), 's-a'),
      generation: 7,
      uid: 'mine',
      reconciling: true,
      launchStage: 4,
      traffic: [{ type: 1, percent: '100' }],
    };
    await rig.write('POST', `/v2/${LOCATION}/services?serviceId=s`, body);
    expect(service()).toMatchObject({
      generation: '1',
      reconciling: false,
      launchStage: 'GA',
      traffic: [{ type: LATEST, percent: 100 }],
    });
    expect(service().uid).not.toBe('mine');
  });

  it('keeps an IAM policy and rejects a stale one', async () => {
    await rig.deploy('a');
    const bindings = [{ role: 'roles/run.invoker', members: ['user:a@b.c'] }];
    const { json } = await rig.call('POST', `${S}:setIamPolicy`, { policy: { bindings } });
    expect((await rig.call('GET', `${S}:getIamPolicy`)).json).toEqual({ bindings, etag: json.etag });
    await rig.call('POST', `${S}:setIamPolicy`, { policy: { bindings: [], etag: json.etag } });
    expect(
      (await rig.call('POST', `${S}:setIamPolicy`, { policy: { bindings, etag: json.etag } })).status,
    ).toBe(409);
  });

  it('deletes a revision that is not in use, and rejects one that is', async () => {
    await rig.deploy('a');
    await rig.deploy('b', { env: { B: '1' } });
    expect((await rig.call('DELETE', `${S}/revisions/s-b`)).status).toBe(400);
    expect((await rig.call('DELETE', `${S}/revisions/s-a`)).json.done).toBe(true);
    expect((await rig.call('GET', `${S}/revisions/s-a`)).status).toBe(404);
  });
});
