import 'cdktf/lib/testing/adapters/jest';
import { CloudRunV2ServiceIamMember } from '@cdktf/provider-google/lib/cloud-run-v2-service-iam-member';
import { Testing } from 'cdktf';
import { Invokers } from '../../constructs/invokers';
import { addressesOf, failureOf } from './terraformJson';

Testing.setupJest();

function synthesize(members: string[]): string {
  return Testing.synthScope(
    (scope) => void new Invokers(scope, 'invoker', { service: 'ocr', region: 'us-central1', members }),
  );
}

describe('Invokers', () => {
  test('lets each member call the one service', () => {
    expect(synthesize(['group:ocr@example.com'])).toHaveResourceWithProperties(CloudRunV2ServiceIamMember, {
      name: 'ocr',
      location: 'us-central1',
      role: 'roles/run.invoker',
      member: 'group:ocr@example.com',
    });
  });

  test('keeps apart members that differ only in a character that an address cannot hold', () => {
    expect(new Set(addressesOf(synthesize(['user:a.b@example.com', 'user:ab@example.com']))).size).toBe(2);
  });

  test.each(['allUsers', 'allAuthenticatedUsers'])('rejects %s', (member) => {
    const failure = failureOf(() => synthesize(['group:ocr@example.com', member]));
    expect(failure).toMatchObject({ code: 'INVOKER_PUBLIC', got: member, exitCode: 2 });
  });
});
