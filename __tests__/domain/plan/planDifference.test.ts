import { fingerprint, fingerprintDocument } from '../../../domain/plan/fingerprint';
import type { Change, TerraformPlan } from '../../../domain/plan/plan';
import { planDifference } from '../../../domain/plan/planDifference';
import { resourceChange, SERVICE_ADDRESS, servicePlan } from '../../fixtures/plan';

const approvable = (json: TerraformPlan) => ({
  json,
  document: fingerprintDocument(json, 'a'.repeat(40), {}),
});
/** A change of a password, which is marked, with more attributes that are not. */
const withPassword = (
  password: unknown,
  change: Record<string, unknown> = {},
  mark: object = { password: true },
) =>
  approvable(
    servicePlan(
      { image: 'a', password: 'hunter1' },
      { image: 'b', password, ...change },
      { service: { after_sensitive: mark, before_sensitive: mark } },
    ),
  );

describe('planDifference', () => {
  const approved = withPassword('hunter2');

  test('is empty for the same change', () => {
    expect(planDifference(approved, withPassword('hunter2'))).toEqual([]);
  });

  test.each<[string, unknown, unknown, object]>([
    ['a value', 'hunter2', 'hunter3', { password: true }],
    ['one in a list', ['x', 'hunter2'], ['x', 'hunter3'], { password: [false, true] }],
    ['one in a map', { token: 'hunter2' }, { token: 'hunter3' }, { password: { token: true } }],
    ['all of a map', { token: 'hunter2' }, { other: 'hunter2' }, { password: true }],
  ])(
    'tells two sensitive values apart that share a fingerprint, and shows neither: %s',
    (_what, then, now, mark) => {
      const [one, other] = [withPassword(then, {}, mark), withPassword(now, {}, mark)];
      expect(fingerprint(one.document)).toBe(fingerprint(other.document));
      const lines = planDifference(one, other);
      expect(lines).toEqual([
        expect.stringMatching(/^~ .*password.*: another sensitive value than the approved one$/),
      ]);
      expect(lines.join()).not.toContain('hunter');
    },
  );

  test('tells one apart that another resource lacks, and a sensitive output', () => {
    const key = (after: string): Record<string, Change> => ({
      key: { actions: ['update'], before: 'x', after, after_sensitive: true },
    });
    const more = resourceChange('google_x.y', {
      actions: ['create'],
      before: null,
      after: { token: 'hunter9' },
      after_sensitive: { token: true },
    });
    const plain = approvable(servicePlan({}, {}, { outputs: key('hunter1') }));
    expect(planDifference(plain, approvable(servicePlan({}, {}, { outputs: key('hunter2') })))).toEqual([
      '~ output key: another sensitive value than the approved one',
    ]);
    expect(
      planDifference(plain, approvable(servicePlan({}, {}, { outputs: key('hunter1'), resources: [more] }))),
    ).toContain('~ google_x.y.token: another sensitive value than the approved one');
  });

  test('hides a sensitive value also where it was copied without its mark, of either plan', () => {
    const lines = planDifference(
      withPassword('hunter2', { args: 'token=hunter2' }),
      withPassword('hunter3', { args: 'token=hunter3' }),
    );
    expect(lines).toContain(`- ${SERVICE_ADDRESS}.args: null -> "token=(sensitive)"`);
    expect(lines).toContain(`+ ${SERVICE_ADDRESS}.args: null -> "token=(sensitive)"`);
    expect(lines.join()).not.toMatch(/hunter[23]/);
  });
});
