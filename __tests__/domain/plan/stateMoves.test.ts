import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, fingerprintDifference, fingerprintDocument } from '../../../domain/plan/fingerprint';
import { hasChanges, SERVICE_TYPE, type TerraformPlan, writesService } from '../../../domain/plan/plan';
import { planReview, type Review } from '../../../domain/plan/review';
import { driftMatters } from '../../../domain/plan/reviewMatters';
import { DEPLOYMENT } from '../../constructs/deployment';
import { resourceChange, servicePlan, serviceValues } from '../../fixtures/plan';

/** Each made on 2026-11-29 of `terraform_data`, by the engine in the file's name. */
const ENGINES = ['terraform-1.11.4', 'opentofu-1.12.6'] as const;
const made = (name: string, engine: string) =>
  JSON.parse(
    readFileSync(join(__dirname, '../../fixtures/plans', `${name}.${engine}.json`), 'utf8'),
  ) as TerraformPlan;
const review = (plan: TerraformPlan): Review =>
  planReview({ deployment: DEPLOYMENT, stack: 'observability', plan });
const verdictOf = ({ verdict }: Review) => verdict.map(({ text }) => text).join('; ');
const KIND = 'a kind of resource that the stack does not make; ';

describe.each(ENGINES)('a plan of %s', (engine) => {
  test.each<[string, string, Review['matters']]>([
    [
      'moved',
      `${KIND}1 to move; no destroys`,
      [{ topic: 'moved in the state', now: 'terraform_data.b', was: 'terraform_data.a' }],
    ],
    [
      'moved-count-to-single',
      `${KIND}1 to move; no destroys`,
      [{ topic: 'moved in the state', now: 'terraform_data.a', was: 'terraform_data.a[0]' }],
    ],
    [
      'import',
      `${KIND}1 to import; no destroys`,
      [{ topic: 'imported into the state', now: 'terraform_data.a as there, as it is' }],
    ],
    [
      'import-update',
      `${KIND}1 to import and update; no destroys`,
      [{ topic: 'imported into the state', now: 'terraform_data.a as there, and then changed: update' }],
    ],
    [
      'outputs',
      '4 outputs to change; no destroys',
      [
        { topic: 'output changed', now: 'after', was: 'before' },
        { topic: 'output gone', now: 'taken away', was: 'old' },
        { topic: 'output hidden', now: '(sensitive)' },
        { topic: 'output new', now: 'n' },
      ],
    ],
    ['forget', 'Terraform forgets a resource, which stays in the cloud; 1 to forget; no destroys', []],
  ])('%s is something to apply: %s', (name, verdict, matters) => {
    const plan = made(name, engine);
    expect(hasChanges(plan)).toBe(true);
    const found = review(plan);
    expect(found.changes).toBe(true);
    expect(verdictOf(found)).toBe(verdict);
    expect(found.matters).toEqual(matters);
  });

  test('hides a secret that is encoded together with a user', () => {
    const plan = made('secret-base64', engine);
    const { value } = plan.variables!.password as { value: string };
    const shown = JSON.stringify(review(plan));
    expect(shown).not.toContain(Buffer.from(`user:${value}`).toString('base64'));
    expect(shown).toContain('(sensitive)');
  });
});

describe('the fingerprint', () => {
  const document = (plan: TerraformPlan) => fingerprintDocument(plan, 'a'.repeat(40), {});

  test('is the same of both engines, which say the same plan', () => {
    for (const name of ['moved-count-to-single', 'import', 'import-update', 'outputs']) {
      const [one, other] = ENGINES.map((engine) => fingerprint(document(made(name, engine))));
      expect([name, one]).toEqual([name, other]);
    }
  });

  test('says where a resource is moved from, and what it is imported as', () => {
    const nothing = document({ terraform_version: '1.11.4' });
    const lines = (name: string) => fingerprintDifference(nothing, document(made(name, ENGINES[0])));
    expect(lines('moved')).toEqual(['+ terraform_data.b no-op (moved from terraform_data.a)']);
    expect(lines('import')).toEqual(['+ terraform_data.a no-op (imported as there)']);
  });
});

describe('the service', () => {
  test('that is only imported or moved is applied, and not written', () => {
    const change = { actions: ['no-op'] as const, before: serviceValues, after: serviceValues };
    const resource = { address: `${SERVICE_TYPE}.ocr`, type: SERVICE_TYPE };
    for (const found of [
      { ...resource, change: { ...change, importing: { id: 'projects/p' } } },
      { ...resource, previous_address: `${SERVICE_TYPE}.old`, change },
    ]) {
      const plan: TerraformPlan = { terraform_version: '1.11.4', resource_changes: [found] };
      expect([hasChanges(plan), writesService(plan)]).toEqual([true, false]);
    }
  });

  test.each(['forget', 'delete'] as const)('is said first where a plan would %s it', (action) => {
    const plan = servicePlan(serviceValues, {});
    const [service] = plan.resource_changes!;
    const gone = { ...service!, change: { actions: [action], before: service!.change.before, after: null } };
    const { alarms } = planReview({ deployment: DEPLOYMENT, plan: { ...plan, resource_changes: [gone] } });
    expect(alarms[0]).toEqual({ words: 'the service goes', addresses: [service!.address] });
  });
});

describe('driftMatters', () => {
  const drift = (before: unknown, after: unknown, actions: readonly ['update' | 'delete'] = ['update']) =>
    driftMatters({
      terraform_version: '1.11.4',
      resource_drift: [
        {
          address: 'google_storage_bucket.logs',
          type: 'google_storage_bucket',
          change: { actions, before, after },
        },
      ],
    });

  test('says that a resource was deleted, and not each of its attributes', () => {
    expect(drift({ name: 'a', location: 'EU' }, null, ['delete'])).toEqual([
      { topic: 'deleted outside Terraform', now: 'google_storage_bucket.logs' },
    ]);
  });

  test('leaves out the deletion policy that a newer provider adds, and keeps one that somebody changed', () => {
    expect(drift({ name: 'a' }, { name: 'a', deletion_policy: 'DELETE' })).toEqual([]);
    expect(drift({ deletion_policy: 'PREVENT' }, { deletion_policy: 'DELETE' })).toEqual([
      { topic: 'changed outside Terraform', now: 'google_storage_bucket.logs: deletion_policy' },
    ]);
  });
});

describe('a grant', () => {
  test('of a role that the same plan makes says so', () => {
    const member = 'serviceAccount:lightonocr-deployer@example-project.iam.gserviceaccount.com';
    const grant = resourceChange('google_project_iam_member.deployer', {
      actions: ['create'],
      before: null,
      after: { member },
      after_unknown: { role: true },
    });
    const plan: TerraformPlan = { terraform_version: '1.11.4', resource_changes: [grant] };
    const { matters } = planReview({ deployment: DEPLOYMENT, stack: 'foundation', plan });
    expect(matters).toEqual([
      {
        topic: 'IAM',
        now: `create google_project_iam_member.deployer: a role that this plan makes for ${member}`,
      },
    ]);
  });
});
