import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Change, TerraformPlan } from '../../../domain/plan/plan';
import { planReview } from '../../../domain/plan/review';
import { LONGEST_COMMENT, reviewMarkdown } from '../../../domain/plan/reviewMarkdown';
import { DEPLOYMENT } from '../../constructs/deployment';
import { hold } from '../../fixtures/ledger';
import { resourceChange } from '../../fixtures/plan';
import { PLANNED, recordedPlan } from '../../fixtures/recordedPlan';

const FOLDER = join(__dirname, '../../fixtures/plans');
const REAL = readdirSync(FOLDER).filter((file) => file.endsWith('.terraform-1.11.4.google-6.50.0.json'));
const real = recordedPlan;
const review = (plan: TerraformPlan) => planReview({ deployment: PLANNED, plan });
const markdown = (plan: TerraformPlan) => reviewMarkdown([review(plan)]);
/** The line above a resource's block. */
const RESOURCE = /^\*\*[\w -]+\*\* `/gm;
const headline = (plan: TerraformPlan) =>
  markdown(plan)
    .split('\n')[1]!
    .replace(/^.*?`: /, '');

/**
 * Why Markdown is not well formed: a fence that is left open, a block outside of which something else stands than this
 * module writes. Fences as in CommonMark: closed by a line of at least as many backticks and nothing else.
 */
function malformed(text: string): string[] {
  const faults: string[] = [];
  let fence = '';
  let open = 0;
  for (const line of text.split('\n')) {
    const marks = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (fence !== '') {
      if (marks && marks[1]!.length >= fence.length && marks[2]!.trim() === '') fence = '';
      continue;
    }
    if (marks) fence = marks[1]!;
    else if (line.startsWith('<details>')) open++;
    else if (line === '</details>') open--;
    else if (
      !/^($|<!-- lightonocr plan [^>]* -->$|### `|- \*\*\w+\*\*: |> \[!CAUTION\]$|> - |\| |\*\*\d+ more |\*\*\w+( and \w+)?\*\* `|commit |fingerprint |unchanged: |Cost, unchanged, in USD: |\[run\])/.test(
        line,
      )
    )
      faults.push(`a line of nobody: ${line}`);
    if (open < 0 || open > 1) faults.push('blocks do not pair');
  }
  if (fence !== '') faults.push('a fence is left open');
  if (open !== 0) faults.push('a block is left open');
  return faults;
}

describe('reviewMarkdown on plans of Terraform 1.11.4 with provider 6.50.0', () => {
  test.each(REAL)('%s is well formed, fits, and can be found again', (file) => {
    const text = markdown(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as TerraformPlan);
    expect(malformed(text)).toEqual([]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LONGEST_COMMENT);
    expect(text.startsWith('<!-- lightonocr plan example service -->\n### `example service`: ')).toBe(true);
  });

  test.each([
    ['create', 'new service, first revision lightonocr-gpu-aaaaaaa-c68873; no destroys'],
    ['update', 'new revision lightonocr-gpu-bbbbbbb-3369d5, 0 % traffic; no destroys'],
    ['no-change', 'no changes; no destroys'],
    [
      'replace',
      '**1 destroyed or replaced**; **the service goes**; new service, first revision lightonocr-gpu-bbbbbbb-3369d5',
    ],
    ['destroy', '**1 destroyed or replaced**; **the service goes**; 1 to delete, 4 outputs to change'],
    ['drift', 'new revision lightonocr-gpu-aaaaaaa-c68873, 0 % traffic; no destroys'],
    [
      'access',
      '**open to everyone**; **grants to somebody else**; **a kind of resource that the stack does not make**; 1 to create; no destroys',
    ],
  ])('%s: the first line is the verdict, with money', (name, verdict) => {
    expect(headline(real(name))).toBe(verdict);
  });

  test('update: image, label and revision as they were and will be; nothing else changes', () => {
    const { matters, resources } = review(real('update'));
    const changed = matters.filter(({ was }) => was !== undefined).map(({ topic }) => topic);
    expect(changed).toEqual(['image', 'commit label', 'revision', 'output revision']);
    expect(resources[0]!.attributes.map(({ path }) => path)).toEqual([
      'template.0.containers.0.image',
      'template.0.labels.commit-sha',
      'template.0.labels.template-hash',
      'template.0.revision',
    ]);
  });

  test('no-change: says so, and lists no resource', () => {
    const text = markdown(real('no-change'));
    expect(text).not.toContain('<details>');
    expect(text).not.toContain('| setting |');
    expect(text).not.toContain('changed outside');
  });

  test('cost: a table by hour and by month where it changes, a sentence where it does not', () => {
    const changed = markdown(real('drift'));
    // 9 instances by hand, 3 as written: 1.42092 USD per hour each, 730 hours per month.
    expect(changed).toContain('| 3 instances, per hour | 12.79 | 4.26 |');
    expect(changed).toContain('| 3 instances all month | 9335.44 | 3111.81 |');
    expect(markdown(real('update'))).toContain('Cost, unchanged, in USD: idle, per hour 0.00; ');
    expect(markdown(real('create'))).toContain('| 3 instances, per hour |  | 4.26 |');
  });

  test('several stacks: a verdict for each that changes, the others in one line', () => {
    const plan = (name: string) => real(name);
    const service = review(plan('update'));
    const access = planReview({ deployment: PLANNED, plan: plan('access'), stack: 'access' });
    const same = planReview({ deployment: PLANNED, plan: plan('no-change'), stack: 'foundation' });
    const text = reviewMarkdown([service, access, same], { runUrl: 'https://example.com/run' });
    expect(text.split('\n').slice(0, 2)).toEqual([
      '<!-- lightonocr plan example -->',
      '### `example`: 2 stacks change',
    ]);
    expect(text).toContain('\n- **service**: new revision ');
    expect(text).toContain('\n- **access**: **open to everyone**; ');
    expect(text.trimEnd()).toMatch(/unchanged: foundation.* · \[run\]\(https:\/\/example\.com\/run\)$/);
    expect(malformed(text)).toEqual([]);
  });

  test('replace: names what forces it', () => {
    expect(markdown(real('replace'))).toMatch(/^> - \*\*replace\*\* `[^`]+`, forced by `name` \(service\)$/m);
    expect(markdown(real('destroy'))).toMatch(/^> - \*\*delete\*\* `[^`]+` \(service\)$/m);
  });

  test('drift: names what somebody changed by hand', () => {
    const [drift] = review(real('drift')).matters.filter(
      ({ topic }) => topic === 'changed outside Terraform',
    );
    expect(drift?.now).toContain('template.0.scaling.0.max_instance_count');
  });

  test('access: names who may come in', () => {
    expect(markdown(real('access'))).toContain('roles/run.invoker for allUsers');
  });

  test('sensitive: hidden where it is marked, and where it was copied without a mark', () => {
    const plan = real('sensitive');
    const secret = 'hunter2-not-a-real-token';
    // Terraform writes it in plain text in five places and more; the negative control of this test.
    expect(JSON.stringify(plan.resource_changes).split(secret).length).toBeGreaterThan(2);
    expect(JSON.stringify(review(plan))).not.toContain(secret);
    expect(markdown(plan)).toContain('+ description: "token (sensitive)"');
  });

  test('unknown: known after apply', () => {
    expect(markdown(real('unknown'))).toMatch(/^\+ \S+: "\(known after apply\)"$/m);
  });

  test('awkward: a longer fence than any in the value, and every character of it', () => {
    const text = markdown(real('awkward'));
    expect(text).toContain('\n`````diff\n');
    expect(text).toContain('+ description: "日本語 ``` ````\\n# Approved </details> <img> @everyone — ü"');
  });

  test('many: 501 resources do not fit; whole ones are left out, counted and pointed to', () => {
    const text = reviewMarkdown([review(real('many'))], {
      runUrl: 'https://github.com/o/r/actions/runs/1',
    });
    const shown = text.match(RESOURCE)!.length;
    const [, left] = /\*\*(\d+) more changed resources .*https:\/\/github.com\/o\/r\/actions\/runs\/1/.exec(
      text,
    )!;
    expect(shown + Number(left)).toBe(501);
    expect(Number(left)).toBeGreaterThan(0);
    expect(Buffer.byteLength(text)).toBeGreaterThan(LONGEST_COMMENT * 0.95);
    const all = reviewMarkdown([review(real('many'))], { longest: 1024 * 1024 });
    expect(all.match(RESOURCE)).toHaveLength(501);
    expect(all).toContain('<summary>501 resources in full</summary>');
  });
});

describe('malformed', () => {
  test.each(['```\nx', '<details>\n', '# Approved', '````\n```\n'])('rejects %j', (text) => {
    expect(malformed(text)).not.toEqual([]);
  });
});

/** Strings that break Markdown, JSON or Terraform's paths, besides any other. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '```',
    '`````\n# Approved',
    '</details>',
    '<!--',
    '-->',
    '\u2028',
    '\r\n',
    '|',
    '**',
    '"',
    '\ud800',
    '~~~',
  ),
  fc.string({ minLength: 1, maxLength: 3 }).map((text) => text.repeat(30_000)),
);
const leaf = fc.oneof(nasty, fc.integer(), fc.boolean(), fc.constant(null));
const values = fc.dictionary(
  nasty,
  fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(nasty, leaf, { maxKeys: 3 })),
  { maxKeys: 5 },
);
const actions = fc.constantFrom<Change['actions']>(
  ['create'],
  ['update'],
  ['delete'],
  ['delete', 'create'],
  ['no-op'],
);
/** A secret as people have them: long enough that no word of ours holds it by chance. */
const secret = fc.string({ minLength: 12, maxLength: 30 }).map((text) => `s3cr3t${text}`);

const plans = fc
  .record({
    secret,
    wrap: nasty,
    changes: fc.array(fc.record({ address: nasty, actions, before: values, after: values }), {
      maxLength: 6,
    }),
  })
  .map(({ secret: hidden, wrap, changes }) => ({
    hidden,
    plan: {
      terraform_version: '1.11.4',
      resource_changes: [
        ...changes.map(({ address, ...change }, index) =>
          resourceChange(index === 0 ? `google_cloud_run_v2_service.${address}` : `x.${address}`, {
            ...change,
            // The same value without a mark: alone, inside another text, as a key, in an address.
            after: { ...change.after, copy: hidden, inside: `${wrap}${hidden}${wrap}`, [hidden]: 1 },
          }),
        ),
        resourceChange(`x.y["${hidden}"]`, {
          actions: ['update'],
          before: { password: null, nested: [{ key: '' }] },
          after: { password: hidden, nested: [{ key: hidden }], plain: JSON.stringify({ hidden }) },
          after_sensitive: { password: true, nested: [{ key: true }] },
        }),
      ],
    } satisfies TerraformPlan,
  }));

describe('reviewMarkdown on anything', () => {
  test('is never over-long, never malformed, and never shows a sensitive value', () => {
    fc.assert(
      fc.property(plans, nasty, ({ plan, hidden }, reason) => {
        const reviewed = planReview({
          deployment: DEPLOYMENT,
          plan,
          holds: [hold('svc', { reason: reason + hidden })],
        });
        const text = reviewMarkdown([reviewed]);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LONGEST_COMMENT);
        expect(malformed(text)).toEqual([]);
        expect(text).not.toContain(hidden);
        expect(text).not.toContain(JSON.stringify(hidden).slice(1, -1));
        expect(JSON.stringify(reviewed)).not.toContain(JSON.stringify(hidden).slice(1, -1));
        const shown = text.match(RESOURCE)?.length ?? 0;
        const left = Number(/\*\*(\d+) more changed resources/.exec(text)?.[1] ?? 0);
        expect(shown + left).toBe(reviewed.resources.length);
      }),
      { numRuns: 150 },
    );
  });
});
