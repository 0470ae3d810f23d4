import { loadDeployment } from '../../deployments/load';
import { openRelease } from '../../release/open';
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
