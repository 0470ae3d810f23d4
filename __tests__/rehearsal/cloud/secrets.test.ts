import { IMAGE, LOCATION, type Rig, startRig, template } from './harness';

const SECRET = '/v1/projects/p/secrets/hf';
const ACCOUNT = 'ocr@p.iam.gserviceaccount.com';

describe('secrets', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
    await rig.call('POST', '/v1/projects/p/secrets?secretId=hf', { replication: { automatic: {} } });
    for (const value of ['first', 'second']) {
      const payload = { data: Buffer.from(value).toString('base64') };
      await rig.call('POST', `${SECRET}:addVersion`, { payload });
    }
  });
  afterEach(() => rig.cloud.stop());

  const grant = () =>
    rig.call('POST', `${SECRET}:setIamPolicy`, {
      policy: {
        bindings: [{ role: 'roles/secretmanager.secretAccessor', members: [`serviceAccount:${ACCOUNT}`] }],
      },
    });
  function body(version: string) {
    const given = template(`${IMAGE}@${rig.digest}`, undefined);
    const [container] = given.containers as [object];
    const env = [{ name: 'HF_TOKEN', valueSource: { secretKeyRef: { secret: 'hf', version } } }];
    return { template: { ...given, serviceAccount: ACCOUNT, containers: [{ ...container, env }] } };
  }
  const deploy = (version: string) =>
    rig.call('PATCH', `/v2/${LOCATION}/services/s?allowMissing=true`, body(version));

  test.each([
    ['1', 'first'],
    ['2', 'second'],
    ['latest', 'second'],
  ])('version %s of a secret is a variable of the container', async (version, value) => {
    await grant();
    await rig.write('PATCH', `/v2/${LOCATION}/services/s?allowMissing=true`, body(version));
    const { env } = (await (await rig.invoke()).json()) as { env: Record<string, string> };
    expect(env.HF_TOKEN).toBe(value);
  });

  it('rejects a secret that the service’s account may not read', async () => {
    const { status, json } = await deploy('1');
    expect(status).toBe(400);
    expect(json.error.message).toMatch(
      /^Permission denied on secret: projects\/p\/secrets\/hf\/versions\/1 /,
    );
  });

  it('rejects a version that is not there', async () => {
    await grant();
    expect((await deploy('3')).status).toBe(404);
  });
});
