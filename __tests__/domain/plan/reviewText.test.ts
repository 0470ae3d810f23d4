import type { TerraformPlan } from '../../../domain/plan/plan';
import { planReview } from '../../../domain/plan/review';
import { reviewText } from '../../../domain/plan/reviewText';
import { hold } from '../../fixtures/ledger';
import { PLANNED, recordedPlan } from '../../fixtures/recordedPlan';

const review = (plan: TerraformPlan) => planReview({ deployment: PLANNED, plan });
const lines = (name: string) => reviewText([review(recordedPlan(name))]).split('\n');

describe('reviewText', () => {
  test('begins with the verdict, then says each setting that changes and none that stays', () => {
    const [verdict, ...rest] = lines('update');
    expect(verdict).toMatch(/^example service: new revision lightonocr-gpu-bbbbbbb-3369d5, 0 % traffic; /);
    const settings = rest.slice(0, rest.indexOf('resources:'));
    expect(settings.flatMap((line) => /^ {2}([^:]+): .+ → /.exec(line)?.[1] ?? [])).toEqual([
      'image',
      'commit label',
      'revision',
      'output revision',
    ]);
  });

  test('shows the attributes of an update, and the address alone of what is made or destroyed', () => {
    expect(lines('update').filter((line) => line.startsWith('    '))).toHaveLength(4);
    expect(lines('create').filter((line) => line.startsWith('    '))).toEqual([]);
    expect(lines('create').at(-1)).toBe('  create google_cloud_run_v2_service.ocr');
  });

  test('marks holds, alarms and destroys, each on a line of its own', () => {
    const plan = recordedPlan('replace');
    const text = reviewText([planReview({ deployment: PLANNED, plan, holds: [hold('svc-bad')] })]);
    expect(text.match(/^! .*/gm)).toEqual([
      '! svc-bad is held (tables come out empty, by ada)',
      '! the service goes: google_cloud_run_v2_service.ocr',
      '! replace google_cloud_run_v2_service.ocr, forced by name',
    ]);
  });

  test('lets no value move the cursor', () => {
    // eslint-disable-next-line no-control-regex
    expect(reviewText([review(recordedPlan('awkward'))])).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
    );
  });
});
