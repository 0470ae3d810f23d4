import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { environmentFile } from '../../deployments/environmentFile';
import { loadDeployment } from '../../deployments/load';
import type { Service } from '../../release/adapters/google/cloudRun';
import { ocrService } from '../../release/checks/ocrService';
import { openRelease } from '../../release/open';
import { readQuota } from '../../release/adapters/google/quota';
import { startService } from '../ocr/service';

const JSON_TYPE = { 'content-type': 'application/json' };
const AUDIENCE = 'https://svc.a.run.app';

describe('the identity tokens of openRelease', () => {
  test('are minted by IAM Credentials for the invoker, with the access token that was handed in', async () => {
    const iam = await startService({ headers: JSON_TYPE, body: { token: 'minted' } });
    const environment = { accessToken: 'access', invoker: 'invoker@p.iam.gserviceaccount.com' };
    const deployment = loadDeployment('rehearsal');
    const context = openRelease({ deployment, endpoint: `${iam.url}/`, environment });
    const tokens = await Promise.all([context.identityToken(AUDIENCE), context.identityToken(AUDIENCE)]);
    await iam.close();
    expect(tokens).toEqual(['minted', 'minted']);
    expect(iam.requests).toHaveLength(1);
    expect(iam.requests[0]).toMatchObject({
      method: 'POST',
      url: '/v1/projects/-/serviceAccounts/invoker@p.iam.gserviceaccount.com:generateIdToken',
      authorization: 'Bearer access',
    });
    expect(JSON.parse(iam.requests[0]?.body ?? '')).toMatchObject({ audience: AUDIENCE, includeEmail: true });
  });

  test('rejects what IAM Credentials refuses, and says which variable helps', async () => {
    const iam = await startService({
      status: 403,
      headers: JSON_TYPE,
      body: { error: { message: 'getOpenIdToken denied' } },
    });
    const environment = { accessToken: 'access', invoker: 'invoker@p.iam.gserviceaccount.com' };
    const context = openRelease({ deployment: loadDeployment('rehearsal'), endpoint: iam.url, environment });
    await expect(context.identityToken(AUDIENCE)).rejects.toMatchObject({
      code: 'NO_IDENTITY_TOKEN',
      message: expect.stringContaining('getOpenIdToken denied'),
      remedy: expect.stringContaining('LIGHTONOCR_INVOKER'),
    });
    await iam.close();
  });
});

describe('openRelease', () => {
  const deployment = loadDeployment('rehearsal');

  test.each(['127.0.0.1:40267', 'localhost', 'ftp://host', 'http://', ''])(
    'rejects %j for the root of an API',
    (endpoint) => {
      expect(() => openRelease({ deployment, endpoint, environment: {} })).toThrow(
        expect.objectContaining({ code: 'BAD_INPUT', exitCode: 2, got: endpoint }) as Error,
      );
    },
  );

  test('rejects a call without credentials, and says how to get some', async () => {
    process.env.GOOGLE_APPLICATION_CREDENTIALS = '/no/such/file.json';
    try {
      const context = openRelease({ deployment, endpoint: 'http://127.0.0.1:1', environment: {} });
      const refused = { code: 'NO_CREDENTIALS', exitCode: 2, remedy: expect.stringContaining('gcloud auth') };
      await expect(context.cloudRun.service()).rejects.toMatchObject(refused);
      await expect(readQuota(context)).rejects.toMatchObject(refused);
    } finally {
      delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    }
  });
});

describe('ocrService', () => {
  test('rejects a stopped service at once: no instance would start', async () => {
    const context = openRelease({
      deployment: loadDeployment('rehearsal'),
      environment: { accessToken: 'x' },
    });
    const scaling = { scalingMode: 'MANUAL', manualInstanceCount: 0 } as const;
    const service = { uri: 'http://127.0.0.1:1', scaling } as Service;
    const stopped = {
      ...context,
      cloudRun: { ...context.cloudRun, service: () => Promise.resolve(service) },
    };
    await expect(ocrService(stopped)).rejects.toMatchObject({ code: 'SERVICE_STOPPED', exitCode: 3 });
  });
});

describe('the variables of openRelease', () => {
  test("are a deployment's own file under the process's", async () => {
    const iam = await startService({ headers: JSON_TYPE, body: { token: 'minted' } });
    const root = mkdtempSync(join(tmpdir(), 'open-'));
    const file = environmentFile(root, 'rehearsal');
    mkdirSync(dirname(file), { recursive: true });
    const own = {
      LIGHTONOCR_ENDPOINT: iam.url,
      LIGHTONOCR_INVOKER: 'own@example.com',
      GOOGLE_OAUTH_ACCESS_TOKEN: 'a',
    };
    writeFileSync(
      file,
      Object.entries(own)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const context = openRelease({ deployment: loadDeployment('rehearsal'), root });
    expect(await context.identityToken(AUDIENCE)).toBe('minted');
    expect(iam.requests[0]?.url).toContain('own@example.com');
    await iam.close();
  });
});
