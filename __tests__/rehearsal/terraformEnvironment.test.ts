import { terraformEnvironment } from '../../rehearsal/terraformEnvironment';

const of = (google?: string) => terraformEnvironment('http://127.0.0.1:1', 'token', google);

describe('terraformEnvironment', () => {
  test.each([undefined, '6.50.0', '~> 6.50'])(
    'for provider %s leaves the version to the provider',
    (google) => {
      expect(of(google)).toMatchObject({
        GOOGLE_IAM_CUSTOM_ENDPOINT: 'http://127.0.0.1:1/',
        GOOGLE_CLOUD_RESOURCE_MANAGER_CUSTOM_ENDPOINT: 'http://127.0.0.1:1/',
        GOOGLE_SERVICE_USAGE_CUSTOM_ENDPOINT: 'http://127.0.0.1:1/',
      });
    },
  );

  test.each(['7.45.0', '~> 8.0'])('for provider %s writes it, and not the two that are gone', (google) => {
    const found = of(google);
    for (const api of ['SERVICE_USAGE', 'RESOURCE_MANAGER', 'IAM_CREDENTIALS'])
      expect(found[`GOOGLE_${api}_CUSTOM_ENDPOINT`]).toBe('http://127.0.0.1:1/v1/');
    expect(Object.keys(found)).not.toContain('GOOGLE_IAM_CUSTOM_ENDPOINT');
    expect(Object.keys(found)).not.toContain('GOOGLE_CLOUD_RESOURCE_MANAGER_CUSTOM_ENDPOINT');
  });

  test.each(['6.50.0', '~> 8.0'])(
    'sends what a bucket asks Compute Engine to the same cloud, with %s',
    (google) => {
      expect(of(google).GOOGLE_COMPUTE_CUSTOM_ENDPOINT).toBe('http://127.0.0.1:1/compute/v1/');
    },
  );
});
