import { Testing } from 'cdktf';
import { AccessStack } from '../../stacks/accessStack';
import { deploymentStacks } from '../../stacks/deploymentStacks';
import { FoundationStack } from '../../stacks/foundationStack';
import { ObservabilityStack } from '../../stacks/observabilityStack';
import { OcrServiceStack } from '../../stacks/ocrServiceStack';
import { WorkstationStack } from '../../stacks/workstationStack';
import type { Deployment } from '../../domain/deployment';
import { stackKinds } from '../../domain/names';
import { DEPLOYMENT, RELEASE } from '../constructs/deployment';
import { addressesOf, parse, resourceOf, serviceOf } from '../constructs/terraformJson';
import { resourcesOf } from './policies';

const STACKS = {
  foundation: (deployment: Deployment) => Testing.synth(new FoundationStack(Testing.app(), deployment)),
  service: (deployment: Deployment) => Testing.synth(new OcrServiceStack(Testing.app(), deployment, RELEASE)),
  access: (deployment: Deployment) => Testing.synth(new AccessStack(Testing.app(), deployment)),
  observability: (deployment: Deployment) => Testing.synth(new ObservabilityStack(Testing.app(), deployment)),
  workstation: (deployment: Deployment) =>
    Testing.synth(new WorkstationStack(Testing.app(), deployment, RELEASE)),
};
const KINDS = Object.keys(STACKS) as (keyof typeof STACKS)[];

test('every kind of stack is here', () => {
  expect(KINDS).toEqual(stackKinds({ ...DEPLOYMENT, workstation: true }));
  expect(stackKinds({ ...DEPLOYMENT, workstation: false })).not.toContain('workstation');
});

describe('Terraform addresses', () => {
  // An address that changes is a resource destroyed and made anew: change a line here only with a `moved` block.
  test.each<[keyof typeof STACKS, string[]]>([
    [
      'foundation',
      [
        'google_artifact_registry_repository.images',
        'google_artifact_registry_repository_iam_member.builder_may_images_imageWriter',
        'google_artifact_registry_repository_iam_member.deployer_may_images_imageDeployer',
        'google_artifact_registry_repository_iam_member.main-planner_may_images_imageLookup',
        'google_artifact_registry_repository_iam_member.pr-planner_may_images_imageLookup',
        'google_artifact_registry_repository_iam_member.rollback_may_images_imageDeployer',
        'google_artifact_registry_repository_iam_member.submitter_may_images_imageTagger',
        'google_iam_workload_identity_pool.github',
        'google_iam_workload_identity_pool_provider.github',
        'google_project_iam_custom_role.role_actAs',
        'google_project_iam_custom_role.role_buildLogger',
        'google_project_iam_custom_role.role_buildSubmitter',
        'google_project_iam_custom_role.role_identityTokenMinter',
        'google_project_iam_custom_role.role_imageDeployer',
        'google_project_iam_custom_role.role_imageLookup',
        'google_project_iam_custom_role.role_imageTagger',
        'google_project_iam_custom_role.role_objectCreator',
        'google_project_iam_custom_role.role_objectLister',
        'google_project_iam_custom_role.role_objectReader',
        'google_project_iam_custom_role.role_objectWriter',
        'google_project_iam_custom_role.role_quotaReader',
        'google_project_iam_custom_role.role_serviceDeployer',
        'google_project_iam_custom_role.role_stackReader',
        'google_project_iam_custom_role.role_trafficMover',
        'google_project_iam_custom_role.role_vulnerabilityScanner',
        'google_project_iam_member.builder_may_project_objectReader',
        'google_project_iam_member.builder_may_project_vulnerabilityScanner',
        'google_project_iam_member.deployer_may_project_serviceDeployer',
        'google_project_iam_member.main-planner_may_project_quotaReader',
        'google_project_iam_member.main-planner_may_project_stackReader',
        'google_project_iam_member.pr-planner_may_project_quotaReader',
        'google_project_iam_member.pr-planner_may_project_stackReader',
        'google_project_iam_member.rollback_may_project_trafficMover',
        'google_project_iam_member.submitter_may_project_buildSubmitter',
        'google_project_iam_member.submitter_may_project_quotaReader',
        'google_project_service.api_artifactregistry',
        'google_project_service.api_cloudbuild',
        'google_project_service.api_cloudquotas',
        'google_project_service.api_cloudresourcemanager',
        'google_project_service.api_containeranalysis',
        'google_project_service.api_containerscanning',
        'google_project_service.api_iam',
        'google_project_service.api_iamcredentials',
        'google_project_service.api_logging',
        'google_project_service.api_monitoring',
        'google_project_service.api_ondemandscanning',
        'google_project_service.api_run',
        'google_project_service.api_serviceusage',
        'google_project_service.api_storage',
        'google_project_service.api_sts',
        'google_service_account.builder',
        'google_service_account.deployer',
        'google_service_account.main-planner',
        'google_service_account.pr-planner',
        'google_service_account.rollback',
        'google_service_account.runtime',
        'google_service_account.submitter',
        'google_service_account_iam_member.deployer_may_deployer_identityTokenMinter',
        'google_service_account_iam_member.deployer_may_runtime_actAs',
        'google_service_account_iam_member.github_deployer',
        'google_service_account_iam_member.github_main-planner',
        'google_service_account_iam_member.github_pr-planner',
        'google_service_account_iam_member.github_rollback',
        'google_service_account_iam_member.github_submitter',
        'google_service_account_iam_member.rollback_may_rollback_identityTokenMinter',
        'google_service_account_iam_member.rollback_may_runtime_actAs',
        'google_service_account_iam_member.submitter_may_builder_actAs',
        'google_storage_bucket.ledger',
        'google_storage_bucket.logs',
        'google_storage_bucket.plans',
        'google_storage_bucket.sources',
        'google_storage_bucket.state',
        'google_storage_bucket_iam_member.builder_may_logs_buildLogger',
        'google_storage_bucket_iam_member.builder_may_sources_objectReader',
        'google_storage_bucket_iam_member.deployer_may_ledger_objectWriter',
        'google_storage_bucket_iam_member.deployer_may_plans_objectReader',
        'google_storage_bucket_iam_member.deployer_may_state_objectLister',
        'google_storage_bucket_iam_member.deployer_may_state_objectWriter',
        'google_storage_bucket_iam_member.main-planner_may_ledger_objectReader',
        'google_storage_bucket_iam_member.main-planner_may_plans_objectCreator',
        'google_storage_bucket_iam_member.main-planner_may_state_objectReader',
        'google_storage_bucket_iam_member.main-planner_may_state_objectWriter',
        'google_storage_bucket_iam_member.pr-planner_may_ledger_objectReader',
        'google_storage_bucket_iam_member.pr-planner_may_state_objectReader',
        'google_storage_bucket_iam_member.rollback_may_ledger_objectWriter',
        'google_storage_bucket_iam_member.submitter_may_logs_objectReader',
        'google_storage_bucket_iam_member.submitter_may_sources_objectCreator',
        'google_storage_bucket_iam_member.submitter_may_sources_objectReader',
      ],
    ],
    ['service', ['google_cloud_run_v2_service.ocr']],
    [
      'access',
      [
        'google_cloud_run_v2_service_iam_member.invoker_serviceAccountbackendexample-projectiamgserviceaccountcom_75B43F0E',
        'google_cloud_run_v2_service_iam_member.release_serviceAccountlightonocr-deployerexample-projectiamgserviceaccountcom_DAEE524F',
        'google_cloud_run_v2_service_iam_member.release_serviceAccountlightonocr-rollbackexample-projectiamgserviceaccountcom_0AEAE6FB',
      ],
    ],
    [
      'observability',
      [
        'google_monitoring_alert_policy.alert_busy',
        'google_monitoring_alert_policy.alert_cold-start',
        'google_monitoring_alert_policy.alert_errors',
        'google_monitoring_alert_policy.alert_gpu-memory',
        'google_monitoring_alert_policy.alert_latency',
        'google_monitoring_alert_policy.alert_memory',
        'google_monitoring_alert_policy.alert_throttled',
        'google_monitoring_dashboard.dashboard',
        'google_monitoring_notification_channel.notify_https----hooksexamplecom--ocr_825F59C8',
        'google_monitoring_notification_channel.notify_oncallexamplecom_3E0125E9',
      ],
    ],
    ['workstation', ['docker_container.ocr', 'docker_image.ocr', 'docker_registry_image.ocr']],
  ])('of the %s stack are pinned', (kind, expected) => {
    expect(addressesOf(STACKS[kind](DEPLOYMENT)).sort()).toEqual(expected);
  });
});

describe.each(KINDS)('the %s stack', (kind) => {
  test('is as it was', () => {
    expect(parse(STACKS[kind](DEPLOYMENT))).toMatchSnapshot();
  });
});

describe.each(KINDS.filter((kind) => kind !== 'workstation'))('the %s stack', (kind) => {
  test('uses exactly the provider that the protocol was measured with', () => {
    expect(parse(STACKS[kind](DEPLOYMENT)).terraform.required_providers).toEqual({
      google: { source: 'google', version: '6.50.0' },
    });
  });

  test('asks for the range of providers that the deployment names', () => {
    const ranged = { ...DEPLOYMENT, terraform: { engine: 'tofu', google: '~> 8.0' } } as const;
    expect(parse(STACKS[kind](ranged)).terraform.required_providers).toEqual({
      google: { source: 'google', version: '~> 8.0' },
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

describe('FoundationStack with secrets', () => {
  const secrets = {
    HF_TOKEN: { secret: 'hf', version: '3' },
    HF_TOKEN_AGAIN: { secret: 'hf', version: '4' },
    VLLM_API_KEY: { secret: 'key', version: '1' },
  };
  const before = resourcesOf(STACKS.foundation(DEPLOYMENT));
  const after = resourcesOf(STACKS.foundation({ ...DEPLOYMENT, secrets }));

  test('lets the service’s account read just these, and switches Secret Manager on', () => {
    const added = [...after.keys()].filter((address) => !before.has(address)).sort();
    expect(added).toEqual([
      'google_project_service.api_secretmanager',
      'google_secret_manager_secret_iam_member.runtime_may_secret_hf_secretReader',
      'google_secret_manager_secret_iam_member.runtime_may_secret_key_secretReader',
    ]);
    expect(after.get(added[1]!)).toMatchObject({
      secret_id: 'hf',
      role: 'roles/secretmanager.secretAccessor',
      member: '${google_service_account.runtime.member}',
    });
  });
});

describe('WorkstationStack', () => {
  const synthesized = STACKS.workstation(DEPLOYMENT);
  const container = resourceOf(synthesized, 'docker_container.ocr');
  const { args, env } = serviceOf(STACKS.service(DEPLOYMENT)).template.containers[0]!;

  test('runs what Cloud Run runs: the same args and environment, on a GPU', () => {
    expect(container.command).toEqual(args);
    expect(container.env).toEqual(
      (env as { name: string; value: string }[]).map(({ name, value }) => `${name}=${value}`),
    );
    expect(container.gpus).toBe('all');
  });

  test('listens on port 8000 of this machine alone, whatever the port in the container', () => {
    expect(container.ports).toEqual([{ internal: 8000, external: 8000, ip: '127.0.0.1' }]);
    const other = resourceOf(STACKS.workstation({ ...DEPLOYMENT, port: 9000 }), 'docker_container.ocr');
    expect(other.ports).toEqual([{ internal: 9000, external: 8000, ip: '127.0.0.1' }]);
  });

  test('pushes under a tag of its own, never as a commit', () => {
    expect(resourceOf(synthesized, 'docker_image.ocr').name).toBe(
      'us-central1-docker.pkg.dev/example-project/loan-repo/lightonocr-gpu:workstation',
    );
    expect(synthesized).not.toContain(RELEASE.sha.slice(0, 7));
  });

  test('is written for those alone that ask for it', () => {
    const written = (workstation: boolean) => {
      const app = Testing.app();
      deploymentStacks(app, { ...DEPLOYMENT, workstation }, RELEASE);
      return app.node.children.map(({ node }) => node.id).filter((id) => id.includes('workstation'));
    };
    expect(written(false)).toEqual([]);
    expect(written(true)).toEqual(['example-workstation']);
  });
});
