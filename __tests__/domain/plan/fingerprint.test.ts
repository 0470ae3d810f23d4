import {
  fingerprint,
  fingerprintDifference,
  fingerprintDocument,
  type FingerprintDocument,
} from '../../../domain/plan/fingerprint';
import type { Change, TerraformPlan } from '../../../domain/plan/plan';
import {
  imageBy,
  resourceChange,
  SERVICE_ADDRESS,
  servicePlan,
  serviceValues,
  withContainer,
} from '../../fixtures/plan';

const PROVIDERS = { 'registry.terraform.io/hashicorp/google': '6.50.0' };
const SHA = 'a'.repeat(40);
const documentOf = (plan: TerraformPlan, sha = SHA, providers: Record<string, string> = PROVIDERS) =>
  fingerprintDocument(plan, sha, providers);

const AFTER = withContainer({ image: imageBy('sha256:b') });
const APPROVED = documentOf(servicePlan(serviceValues, AFTER));

const member = (name: string) =>
  resourceChange('google_cloud_run_v2_service_iam_member.invoker', {
    actions: ['create'],
    before: null,
    after: { member: name, etag: 'x' },
  });
const alert = (threshold: number) =>
  resourceChange('google_monitoring_alert_policy.errors', {
    actions: ['update'],
    before: { conditions: [{ threshold: 1 }] },
    after: { conditions: [{ threshold }] },
  });
const MORE = {
  resources: [member('user:a'), alert(5)],
  outputs: { url: { actions: ['create'], after: 'u' } satisfies Change as Change },
};
const WITH_MORE = documentOf(servicePlan(serviceValues, AFTER, MORE));

describe('fingerprint', () => {
  test.each<[what: string, change: object]>([
    ['traffic', { traffic: [{ type: 'REVISION', revision: 'svc-b', percent: 100, tag: 't' }] }],
    ['traffic statuses', { traffic_statuses: [{ revision: 'svc-b' }] }],
    ['service-level scaling', { scaling: [{ min_instance_count: 5 }] }],
    ['etag', { etag: '"e2"' }],
    ['generation', { generation: '8', observed_generation: '8' }],
    ['times', { update_time: '2027-01-01T00:00:00Z', create_time: '2027-01-01T00:00:00Z' }],
    [
      'conditions',
      { conditions: [], terminal_condition: [{ state: 'CONDITION_FAILED' }], reconciling: true },
    ],
    ['the latest revisions', { latest_ready_revision: 'x', latest_created_revision: 'y' }],
    ['who wrote last', { client: 'gcloud', client_version: '1', last_modifier: 'ada' }],
    ['URLs and ids', { uri: 'https://x', urls: ['https://x'], uid: 'u' }],
  ])('is the same whatever the %s before and after', (_what, change) => {
    const moved = documentOf(servicePlan({ ...serviceValues, ...change }, AFTER));
    const written = documentOf(servicePlan(serviceValues, { ...AFTER, ...change }));
    const unknown = documentOf(
      servicePlan(serviceValues, AFTER, {
        service: { after_unknown: Object.fromEntries(Object.keys(change).map((key) => [key, true])) },
      }),
    );
    expect([moved, written, unknown].map(fingerprint)).toEqual(Array(3).fill(fingerprint(APPROVED)));
  });

  test('is the same in another order and without what is not touched', () => {
    const { resource_changes: resources = [], ...plan } = servicePlan(serviceValues, AFTER, MORE);
    const idle = [
      resourceChange('google_x.idle', { actions: ['no-op'] }),
      resourceChange('data.google_x.y', { actions: ['read'] }),
    ];
    const again = documentOf({ ...plan, resource_changes: [...idle, ...[...resources].reverse()] });
    expect(fingerprint(again)).toBe(fingerprint(WITH_MORE));
  });

  test.each<[what: string, document: FingerprintDocument, difference: string[]]>([
    [
      'another image',
      documentOf(servicePlan(serviceValues, withContainer({ image: imageBy('sha256:c') }), MORE)),
      [
        `- ${SERVICE_ADDRESS}.template.0.containers.0.image: "${imageBy('sha256:a')}" -> "${imageBy('sha256:b')}"`,
        `+ ${SERVICE_ADDRESS}.template.0.containers.0.image: "${imageBy('sha256:a')}" -> "${imageBy('sha256:c')}"`,
      ],
    ],
    [
      'an arg',
      documentOf(
        servicePlan(
          serviceValues,
          withContainer({ image: imageBy('sha256:b'), args: ['--max-num-seqs', '16'] }),
          MORE,
        ),
      ),
      [`+ ${SERVICE_ADDRESS}.template.0.containers.0.args.1: "8" -> "16"`],
    ],
    [
      'scaling of the revision',
      documentOf(
        servicePlan(
          serviceValues,
          { ...AFTER, template: [{ ...AFTER.template[0], scaling: [{ max: 9 }] }] },
          MORE,
        ),
      ),
      [`+ ${SERVICE_ADDRESS}.template.0.scaling.0.max: null -> 9`],
    ],
    [
      'an attribute that becomes unknown',
      documentOf(
        servicePlan(serviceValues, AFTER, { ...MORE, service: { after_unknown: { project: true } } }),
      ),
      [`+ ${SERVICE_ADDRESS}.project: null -> "(known after apply)"`],
    ],
    [
      'an IAM member',
      documentOf(servicePlan(serviceValues, AFTER, { ...MORE, resources: [member('allUsers'), alert(5)] })),
      [
        '- google_cloud_run_v2_service_iam_member.invoker.member: null -> "user:a"',
        '+ google_cloud_run_v2_service_iam_member.invoker.member: null -> "allUsers"',
      ],
    ],
    [
      'a resource more',
      documentOf(
        servicePlan(serviceValues, AFTER, {
          ...MORE,
          resources: [...MORE.resources, resourceChange('google_x.y', { actions: ['delete'] })],
        }),
      ),
      ['+ google_x.y delete'],
    ],
    [
      "a condition that is another resource's own setting",
      documentOf(servicePlan(serviceValues, AFTER, { ...MORE, resources: [member('user:a'), alert(6)] })),
      [
        '- google_monitoring_alert_policy.errors.conditions.0.threshold: 1 -> 5',
        '+ google_monitoring_alert_policy.errors.conditions.0.threshold: 1 -> 6',
      ],
    ],
    [
      'an action',
      documentOf(servicePlan(serviceValues, AFTER, { ...MORE, service: { actions: ['delete', 'create'] } })),
      [`- ${SERVICE_ADDRESS} update`, `+ ${SERVICE_ADDRESS} delete,create`],
    ],
    [
      'a replace path',
      documentOf(
        servicePlan(serviceValues, AFTER, { ...MORE, service: { replace_paths: [['template', 0, 'x']] } }),
      ),
      [`- ${SERVICE_ADDRESS} update`, `+ ${SERVICE_ADDRESS} update (replaced for template.0.x)`],
    ],
    [
      'an output',
      documentOf(
        servicePlan(serviceValues, AFTER, { ...MORE, outputs: { url: { actions: ['create'], after: 'v' } } }),
      ),
      ['- output url create "u"', '+ output url create "v"'],
    ],
    [
      'a provider version',
      documentOf(servicePlan(serviceValues, AFTER, MORE), SHA, {
        'registry.terraform.io/hashicorp/google': '6.51.0',
      }),
      [
        '- provider registry.terraform.io/hashicorp/google 6.50.0',
        '+ provider registry.terraform.io/hashicorp/google 6.51.0',
      ],
    ],
    [
      'the SHA',
      documentOf(servicePlan(serviceValues, AFTER, MORE), 'b'.repeat(40)),
      [`- sha ${SHA}`, `+ sha ${'b'.repeat(40)}`],
    ],
  ])('is another for %s, and the difference says so', (_what, document, difference) => {
    expect(fingerprint(document)).not.toBe(fingerprint(WITH_MORE));
    expect(fingerprintDifference(WITH_MORE, document)).toEqual(difference);
  });
});

describe('fingerprintDifference', () => {
  test('is empty for the same document', () => {
    expect(fingerprintDifference(WITH_MORE, documentOf(servicePlan(serviceValues, AFTER, MORE)))).toEqual([]);
  });
});

describe('fingerprintDocument', () => {
  test('holds no sensitive value', () => {
    const plan = servicePlan(
      { password: 'old-secret' },
      { password: 'new-secret' },
      {
        service: { after_sensitive: { password: true } },
        outputs: {
          key: { actions: ['update'], before: 'old-secret', after: 'new-secret', after_sensitive: true },
        },
      },
    );
    const document = documentOf(plan);
    expect(JSON.stringify(document)).not.toContain('secret');
    expect(document).toMatchObject({
      resources: [{ attributes: [{ path: 'password' }] }],
      outputs: [{ name: 'key', after: null }],
    });
  });
});
