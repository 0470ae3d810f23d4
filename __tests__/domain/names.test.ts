import {
  accountEmail,
  BUCKETS,
  bucketName,
  candidateTag,
  imageName,
  ledgerObject,
  MAX_NAME_LENGTH,
  revisionName,
  servicePath,
  shortSha,
  stackName,
} from '../../domain/names';
import { DEPLOYMENT } from '../constructs/deployment';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const HASH = 'abcdef012345';

describe('shortSha', () => {
  test('is as long as git rev-parse --short=7', () => {
    expect(shortSha(SHA)).toBe('0123456');
  });
});

describe('revisionName', () => {
  test.each<[attempt: number | undefined, name: string]>([
    [undefined, 'svc-0123456-abcdef'],
    [1, 'svc-0123456-abcdef'],
    [2, 'svc-0123456-abcdef-2'],
    [99, 'svc-0123456-abcdef-99'],
  ])('of attempt %s is %s', (attempt, name) => {
    expect(revisionName('svc', SHA, HASH, attempt)).toBe(name);
  });
});

describe('candidateTag', () => {
  test.each([1, 2])("is the revision's own, and no other attempt's: %d", (attempt) => {
    const suffix = attempt === 1 ? '' : '-2';
    expect(candidateTag('svc', revisionName('svc', SHA, HASH, attempt))).toBe(`c-0123456-abcdef${suffix}`);
  });

  test("is a DNS label together with the service's name, on the last attempt as well", () => {
    const { service } = DEPLOYMENT;
    const revision = revisionName(service, SHA, HASH, 99);
    const host = `${candidateTag(service, revision)}---${service}`;
    for (const label of [revision, host]) {
      expect(label).toMatch(/^[a-z][-a-z0-9]*[a-z0-9]$/);
      expect(label.length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
    }
  });
});

describe('bucketName', () => {
  test.each(BUCKETS)('%s fits in 63 characters for the longest project', (bucket) => {
    const project = `p${'x'.repeat(29)}`;
    const name = bucketName({ ...DEPLOYMENT, project }, bucket);
    expect(name).toBe(`${project}-lightonocr-${bucket}`);
    expect(name.length).toBeLessThanOrEqual(63);
  });
});

describe('names in Google Cloud', () => {
  test.each([
    ['image', imageName(DEPLOYMENT), 'us-central1-docker.pkg.dev/example-project/loan-repo/lightonocr-gpu'],
    [
      'service',
      servicePath(DEPLOYMENT),
      'projects/example-project/locations/us-central1/services/lightonocr-gpu',
    ],
    ['ledger', ledgerObject(DEPLOYMENT), 'example/us-central1.json'],
    ['stack', stackName(DEPLOYMENT, 'service'), 'example-service'],
    ['account', accountEmail('p', 'lightonocr-gpu'), 'lightonocr-gpu@p.iam.gserviceaccount.com'],
  ])('%s', (_what, name, expected) => {
    expect(name).toBe(expected);
  });
});
