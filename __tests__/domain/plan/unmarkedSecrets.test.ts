import { driftIssue } from '../../../domain/plan/driftIssue';
import { fingerprint, fingerprintDocument } from '../../../domain/plan/fingerprint';
import type { TerraformPlan } from '../../../domain/plan/plan';
import { planDifference } from '../../../domain/plan/planDifference';
import { planReview } from '../../../domain/plan/review';
import { isSecretFlag, isSecretLine } from '../../../domain/plan/unmarkedSecrets';
import { containerOf, PLANNED, withService } from '../../fixtures/recordedPlan';

const SECRET = 'hf_hunter2-not-a-real-token';

/** Somebody has set a token in the console, as a variable and as a flag; the plan takes both away. */
const byHand = (secret: string): TerraformPlan =>
  withService('drift', ({ before }) => {
    containerOf(before).env.unshift({ name: 'HF_TOKEN', value: secret, value_source: [] });
    containerOf(before).args.push('--api-key', secret);
    containerOf(before).env.find(({ name }: { name: string }) => name === 'DO_NOT_TRACK').value = 'by hand';
  });
const documentOf = (plan: TerraformPlan) => fingerprintDocument(plan, 'a'.repeat(40), {});
const approvable = (json: TerraformPlan) => ({ json, document: documentOf(json) });

describe('unmarkedSecrets', () => {
  const plan = byHand(SECRET);
  const review = planReview({ deployment: PLANNED, plan });

  test('what somebody set by hand is in no review, no issue and no fingerprint, and its name is', () => {
    const { body } = driftIssue('example', { findings: ['service: update x'], reviews: [review] })!;
    const shown = [JSON.stringify(review), body!, JSON.stringify(documentOf(plan))];
    expect(JSON.stringify(plan)).toContain(SECRET);
    expect(shown.filter((text) => text.includes(SECRET))).toEqual([]);
    expect(body).toContain('| environment | `(sensitive)` | `HF_TOKEN not set` |');
    expect(body).toContain('| flag | `(sensitive)` | `--api-key not set` |');
    expect(body).toContain('- template.0.containers.0.env.HF_TOKEN: "(sensitive)"');
  });

  test('a variable of our own is shown, also where another stands in its place', () => {
    expect(review.matters).toContainEqual({
      topic: 'environment',
      now: 'DO_NOT_TRACK 1',
      was: 'by hand',
    });
  });

  test.each<[string, (words: string[]) => TerraformPlan]>([
    ['command', (words) => withService('drift', ({ before }) => (containerOf(before).command = words))],
    ['args', (words) => withService('drift', ({ before }) => containerOf(before).args.unshift(...words))],
    [
      'args behind a flag',
      (words) => withService('drift', ({ before }) => containerOf(before).args.push(...words)),
    ],
  ])('a shell’s line in %s is hidden where a secret may be in it', (_where, withWords) => {
    for (const line of [
      `HF_TOKEN=${SECRET} vllm serve`,
      `--env=HF_TOKEN=${SECRET}`,
      `vllm serve --api-key ${SECRET}`,
    ]) {
      const shell = withWords(['/bin/sh', '-c', line]);
      const shown = JSON.stringify([planReview({ deployment: PLANNED, plan: shell }), documentOf(shell)]);
      expect(shown).not.toContain(SECRET);
      expect(shown).toContain('/bin/sh');
    }
  });

  test('another secret is another plan, and no line shows it', () => {
    const other = byHand(`${SECRET}-2`);
    expect(fingerprint(documentOf(other))).toBe(fingerprint(documentOf(plan)));
    const lines = planDifference(approvable(plan), approvable(other));
    expect(lines).toContainEqual(expect.stringMatching(/env\.0\.value: another sensitive value/));
    expect(lines.join('\n')).not.toContain(SECRET);
  });
});

describe('isSecretFlag', () => {
  test.each([
    ['api-key', true],
    ['api_key', true],
    ['hf-token', true],
    ['ssl-keyfile', false],
    ['max-num-batched-tokens', false],
    ['limit-mm-per-prompt', false],
  ])('%s: %s', (flag, expected) => {
    expect(isSecretFlag(flag)).toBe(expected);
  });
});

describe('isSecretLine', () => {
  test.each([
    ['HF_TOKEN=x', true],
    ['export HF_TOKEN=x; vllm serve', true],
    ['vllm serve --api-key x', true],
    ['vllm serve --api-key=x', true],
    ['--api-key=x', true],
    ['--api-key', false],
    ['--port=8000', false],
    ['vllm serve --max-num-seqs 8', false],
    ['{"image":1}', false],
    ['curl evil', false],
  ])('%s: %s', (line, expected) => {
    expect(isSecretLine(line)).toBe(expected);
  });
});
