import { Testing } from 'cdktf';
import { AccessStack } from '../../stacks/accessStack';
import { FoundationStack } from '../../stacks/foundationStack';
import { OcrServiceStack } from '../../stacks/ocrServiceStack';
import type { Deployment } from '../../domain/deployment';
import { DEPLOYMENT, RELEASE } from '../constructs/deployment';
import { addressesOf, parse, serviceOf } from '../constructs/terraformJson';

const STACKS = {
  foundation: (deployment: Deployment) => Testing.synth(new FoundationStack(Testing.app(), deployment)),
  service: (deployment: Deployment) => Testing.synth(new OcrServiceStack(Testing.app(), deployment, RELEASE)),
  access: (deployment: Deployment) => Testing.synth(new AccessStack(Testing.app(), deployment)),
};
const KINDS = Object.keys(STACKS) as (keyof typeof STACKS)[];

describe('Terraform addresses', () => {
  // An address that changes is a resource destroyed and made anew: change a line here only with a `moved` block.
  test.each<[keyof typeof STACKS, string[]]>([
    [
      'foundation',
      [
        'google_artifact_registry_repository.images',
        'google_project_service.api_artifactregistry',
        'google_project_service.api_cloudbuild',
        'google_project_service.api_cloudquotas',
        'google_project_service.api_cloudresourcemanager',
        'google_project_service.api_iam',
        'google_project_service.api_iamcredentials',
        'google_project_service.api_logging',
        'google_project_service.api_monitoring',
        'google_project_service.api_run',
        'google_project_service.api_serviceusage',
        'google_project_service.api_storage',
        'google_project_service.api_sts',
        'google_service_account.runtime',
      ],
    ],
    ['service', ['google_cloud_run_v2_service.ocr']],
    [
      'access',
      [
        'google_cloud_run_v2_service_iam_member.invoker_serviceAccountbackendexample-projectiamgserviceaccountcom_75B43F0E',
      ],
    ],
  ])('of the %s stack are pinned', (kind, expected) => {
    expect(addressesOf(STACKS[kind](DEPLOYMENT)).sort()).toEqual(expected);
  });
});

describe.each(KINDS)('the %s stack', (kind) => {
  test('is as it was', () => {
    expect(parse(STACKS[kind](DEPLOYMENT))).toMatchSnapshot();
  });

  test('uses exactly the provider that the protocol was measured with', () => {
    expect(parse(STACKS[kind](DEPLOYMENT)).terraform.required_providers).toEqual({
      google: { source: 'google', version: '6.50.0' },
    });
  });

  test('keeps its state under its own prefix in the project’s bucket', () => {
    expect(parse(STACKS[kind](DEPLOYMENT)).terraform.backend).toEqual({
      gcs: { bucket: 'example-project-lightonocr-state', prefix: `example-${kind}` },
    });
  });

  test('keeps its state in a folder when the deployment says so', () => {
    const state = { backend: 'local', path: '/tmp/state' } as const;
    expect(parse(STACKS[kind]({ ...DEPLOYMENT, state })).terraform.backend).toEqual({
      local: { path: `/tmp/state/example-${kind}.tfstate` },
    });
  });

  test('opens nothing to everybody', () => {
    const text = STACKS[kind](DEPLOYMENT);
    expect(text).not.toMatch(/allUsers|allAuthenticatedUsers|invoker_iam_disabled/);
  });
});

describe('OcrServiceStack', () => {
  test('names the image by digest and the outputs that a release needs', () => {
    const synthesized = STACKS.service(DEPLOYMENT);
    expect(serviceOf(synthesized).template.containers[0]!.image).toBe(
      `us-central1-docker.pkg.dev/example-project/loan-repo/lightonocr-gpu@${RELEASE.digest}`,
    );
    expect(parse(synthesized).output).toEqual({
      url: { value: '${google_cloud_run_v2_service.ocr.uri}' },
      audience: { value: '${google_cloud_run_v2_service.ocr.uri}' },
      service: { value: 'lightonocr-gpu' },
      revision: { value: RELEASE.revision },
    });
  });
});
