import { audienceOf, googleIdentityToken } from '../../ocr/googleIdentityToken';

describe('audienceOf', () => {
  test.each([
    ['https://lightonocr-gpu-abc-uc.a.run.app', 'https://lightonocr-gpu-abc-uc.a.run.app'],
    ['https://c-1a2b3c---lightonocr-gpu-abc-uc.a.run.app', 'https://lightonocr-gpu-abc-uc.a.run.app'],
    [
      'https://c-1a2b3c---lightonocr-gpu-12.us-central1.run.app/v1/models',
      'https://lightonocr-gpu-12.us-central1.run.app',
    ],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
  ])('of %s is %s', (url, audience) => {
    expect(audienceOf(url)).toBe(audience);
  });
});

describe('googleIdentityToken', () => {
  const before = process.env.GOOGLE_APPLICATION_CREDENTIALS;
  afterEach(() => {
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before;
  });

  test.each([undefined, 'invoker@p.iam.gserviceaccount.com'])(
    'rejects without credentials, and says what to do (impersonating %s)',
    async (impersonate) => {
      process.env.GOOGLE_APPLICATION_CREDENTIALS = '/nowhere/credentials.json';
      const token = googleIdentityToken('https://t---svc.a.run.app', { impersonate });
      await expect(token()).rejects.toMatchObject({
        code: 'NO_IDENTITY_TOKEN',
        where: 'https://svc.a.run.app',
        exitCode: 2,
      });
    },
  );
});
