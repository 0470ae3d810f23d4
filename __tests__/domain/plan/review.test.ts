import type { TerraformPlan } from '../../../domain/plan/plan';
import { planReview, type ReviewInput } from '../../../domain/plan/review';
import { reviewMarkdown } from '../../../domain/plan/reviewMarkdown';
import { DEPLOYMENT } from '../../constructs/deployment';
import { hold } from '../../fixtures/ledger';
import { PLACEHOLDER_DIGEST } from '../../../domain/plan/placeholder';
import { imageBy, resourceChange, servicePlan, serviceValues, withContainer } from '../../fixtures/plan';

const NEW_IMAGE = withContainer({ image: imageBy('sha256:b') });
const CANDIDATE = {
  sha: '0123456789abcdef0123456789abcdef01234567',
  digest: `sha256:${'a'.repeat(64)}`,
  templateHash: 'abcdef012345',
  revision: 'lightonocr-gpu-0123456-abcdef',
  reused: false,
};
const EMPTY: TerraformPlan = { terraform_version: '1.11.4' };

const review = (plan: TerraformPlan, change: Partial<ReviewInput> = {}) =>
  reviewMarkdown([
    planReview({
      deployment: DEPLOYMENT,
      plan,
      fingerprint: 'f'.repeat(64),
      candidate: CANDIDATE,
      holds: [],
      ...change,
    }),
  ]);
/** The heading, which a reviewer reads first; above it there is only the comment that finds the review again. */
const headline = (text: string) => text.split('\n')[1];
/** What Markdown shows as code: the lines between a fence and the next line that is that fence. */
function fenced(text: string): string {
  const lines = text.split('\n');
  const open = lines.findIndex((line) => line.startsWith('```'));
  const close = lines.findIndex(
    (line, at) => at > open && /^`+$/.test(line) && line.length >= lines[open]!.replace('diff', '').length,
  );
  return lines.slice(open + 1, close).join('\n');
}

describe('planReview', () => {
  test('begins with a comment that finds it again', () => {
    expect(review(EMPTY).split('\n')[0]).toBe('<!-- lightonocr plan example service -->');
  });

  test.each<[string, TerraformPlan, Partial<ReviewInput>, string]>([
    ['no change', EMPTY, {}, 'no changes; no destroys'],
    [
      'a new revision',
      servicePlan(serviceValues, NEW_IMAGE),
      {},
      'new revision lightonocr-gpu-0123456-abcdef, 0 % traffic; no destroys',
    ],
    [
      'a revision that stays',
      servicePlan(serviceValues, NEW_IMAGE),
      { candidate: { ...CANDIDATE, reused: true } },
      'revision lightonocr-gpu-0123456-abcdef stays; no destroys',
    ],
    [
      'a hold first of all',
      EMPTY,
      { holds: [hold('svc-bad'), hold('svc-worse', { by: 'canary', reason: 'slow' })] },
      '**2 revisions held**; no changes; no destroys',
    ],
    [
      'destroys',
      servicePlan(serviceValues, NEW_IMAGE, {
        service: { actions: ['delete', 'create'] },
        resources: [resourceChange('google_x.y', { actions: ['delete'] })],
      }),
      {},
      '**2 destroyed or replaced**; **the service goes**; new service, first revision lightonocr-gpu-0123456-abcdef',
    ],
  ])('says %s in its heading', (_what, plan, change, verdict) => {
    expect(headline(review(plan, change))).toBe(`### \`example service\`: ${verdict}`);
  });

  test('names commit and fingerprint, and says that nothing changes', () => {
    const text = review(EMPTY);
    expect(text.trimEnd().split('\n').at(-1)).toBe('commit `0123456` · fingerprint `ffffffffffff`');
    expect(headline(text)).toContain('no changes');
  });

  test('says of an image that is not built that a placeholder stands for it', () => {
    const text = review(servicePlan(serviceValues, withContainer({ image: imageBy(PLACEHOLDER_DIGEST) })));
    expect(text).toContain(
      '| image | `' + imageBy('sha256:a') + '` | `not built yet; a placeholder stands for it` |',
    );
    expect(text.match(/^\| image/gm)).toHaveLength(1);
  });

  test('says in alarm that a plan moves traffic', () => {
    const moved = {
      ...serviceValues,
      traffic: [{ type: 'REVISION', revision: 'svc-b', percent: 100, tag: '' }],
    };
    expect(headline(review(servicePlan(serviceValues, moved)))).toContain('**moves traffic**');
    expect(headline(review(servicePlan(serviceValues, NEW_IMAGE)))).not.toContain('moves traffic');
  });

  test('counts the holds that the box has no room for', () => {
    const holds = Array.from({ length: 7 }, (_, index) => hold(`svc-${index}`));
    const text = review(EMPTY, { holds });
    expect(headline(text)).toContain('**7 revisions held**; no changes');
    expect(text).toContain(
      '> - **svc-4 is held**: `tables come out empty`, by `ada`\n> - **2 more are held**\n',
    );
  });

  test('names what is destroyed or replaced before any other change', () => {
    const text = review(
      servicePlan(serviceValues, NEW_IMAGE, {
        resources: [
          resourceChange('google_a.b', { actions: ['create', 'delete'] }),
          resourceChange('google_c.d', { actions: ['delete'] }),
        ],
      }),
    );
    const places = ['> - **replace** `google_a.b`', '> - **delete** `google_c.d`', '<details>'].map((part) =>
      text.indexOf(part),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(text).not.toContain('> - **update**');
  });

  test('shows each change in a block of its own, and nothing of what stays', () => {
    const text = review(
      servicePlan(serviceValues, NEW_IMAGE, {
        resources: [resourceChange('google_x.idle', { actions: ['no-op'] })],
      }),
    );
    expect(text).toContain('\n**update** `google_cloud_run_v2_service.ocr`\n\n```diff\n');
    const path = 'template.0.containers.0.image';
    expect(fenced(text)).toBe(`- ${path}: "${imageBy('sha256:a')}"\n+ ${path}: "${imageBy('sha256:b')}"`);
    expect(text).not.toContain('idle');
  });

  test.each(['```', '`````\n# Approved', '~~~', '</details>', '```\n\n**no changes**'])(
    'does not let a value leave its block: %j',
    (value) => {
      const text = review(servicePlan({ a: '' }, { a: value, b: 'last' }));
      expect(fenced(text)).toBe(`- a: ""\n+ a: ${JSON.stringify(value)}\n+ b: "last"`);
    },
  );

  test('does not let a key leave its block', () => {
    const text = review(servicePlan({}, { labels: { 'x\n```\n# Approved': 'y' }, z: 'last' }));
    expect(fenced(text)).toMatch(/last"$/);
  });

  test('keeps an address as code', () => {
    const address = 'google_x.y["</code><b>&"]';
    const text = review(
      servicePlan({}, { a: 1 }, { resources: [resourceChange(address, { actions: ['delete'] })] }),
    );
    expect(text).toContain(`**delete** \`${address}\`\n`);
  });

  test.each([
    ['a\n\n# Approved', '`a # Approved`'],
    ['<!-- <img> @everyone **', '`<!-- <img> @everyone **`'],
    ['` **no changes** `', '`` ` **no changes** ` ``'],
  ])('keeps the reason of a hold on its line and as code: %j', (reason, shown) => {
    expect(review(EMPTY, { holds: [hold('svc-bad', { reason })] })).toContain(
      `\n> - **svc-bad is held**: ${shown}, by \`ada\`\n`,
    );
  });

  test('does not show what Terraform marks as sensitive', () => {
    const text = review(
      servicePlan(
        { password: 'old-secret' },
        { password: 'new-secret' },
        { service: { after_sensitive: { password: true } } },
      ),
    );
    expect(text).not.toContain('secret"');
    expect(fenced(text)).toBe('- password: "(sensitive)"\n+ password: "(sensitive)"');
  });
});
