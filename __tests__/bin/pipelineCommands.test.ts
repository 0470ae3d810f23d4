import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../../bin/cli';
import { githubHub } from '../fixtures/github';

const plan = (name: string) =>
  join(__dirname, '../fixtures/plans', `${name}.terraform-1.11.4.google-6.50.0.json`);

describe('lightonocr review', () => {
  const environment = process.env;
  let directory: string;
  let hub: ReturnType<typeof githubHub>;
  let printed: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'review-'));
    hub = githubHub();
    printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)) !== '');
    process.env = {
      ...environment,
      GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
      GITHUB_API_URL: await hub.open(),
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_TOKEN: 't',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_RUN_ID: '5',
      GITHUB_REF: 'refs/pull/7/merge',
    };
  });
  afterEach(async () => {
    process.env = environment;
    jest.restoreAllMocks();
    await hub.close();
    await rm(directory, { recursive: true });
  });

  const review = (file: string, ...flags: string[]) =>
    program().parseAsync(['review', file, '--deployment', 'production', ...flags], { from: 'user' });

  test('rejects a file that cannot be written', async () => {
    const markdown = join(directory, 'no', 'review.md');
    await expect(review(plan('update'), '--markdown', markdown)).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
      where: markdown,
    });
  });

  test('prints the review, and writes it into the summary and the file', async () => {
    const markdown = join(directory, 'review.md');
    await review(plan('update'), '--markdown', markdown);
    expect(printed).toMatch(/^production service: new revision lightonocr-gpu-/);
    expect(printed).toMatch(/^ {2}revision: \S+ → \S+$/m);
    const comment = await readFile(markdown, 'utf8');
    expect(comment).toContain('### `production service`: new revision');
    expect((await readFile(join(directory, 'summary.md'), 'utf8')).trim()).toBe(comment.trim());
    expect(hub.comments).toEqual([]);
  });

  test('comments on the pull request once, points to the run for what does not fit, and prints all of it', async () => {
    await review(plan('many'), '--github');
    await review(plan('many'), '--github');
    expect(hub.comments).toHaveLength(1);
    expect(hub.writes).toEqual(['POST /issues/7/comments']);
    expect(hub.comments[0]!.body).toContain('(https://github.com/o/r/actions/runs/5)');
    expect(printed).not.toContain('do not fit into a comment');
  });

  test('starts no comment for another stack that does not change', async () => {
    await review(plan('no-change'), '--github', '--stack', 'access');
    expect(hub.comments).toEqual([]);
    await review(plan('access'), '--github', '--stack', 'access');
    expect(hub.comments).toHaveLength(1);
    await review(plan('no-change'), '--github', '--stack', 'access');
    expect(hub.comments.map(({ body }) => body)).toEqual([
      expect.stringContaining('no changes; no destroys'),
    ]);
  });

  test('fails on a destroy after it has commented', async () => {
    await expect(review(plan('replace'), '--github', '--refuse-destroys')).rejects.toMatchObject({
      code: 'PLAN_DESTROYS',
      exitCode: 3,
    });
    expect(hub.comments).toHaveLength(1);
    await review(plan('replace'), '--github');
    await review(plan('update'), '--refuse-destroys');
  });

  test('rejects a run that is of no pull request', async () => {
    process.env.GITHUB_REF = 'refs/heads/main';
    await expect(review(plan('update'), '--github')).rejects.toMatchObject({
      code: 'NO_PULL_REQUEST',
      exitCode: 2,
    });
  });

  test.each([
    ['a state', '{"format_version": "1.0", "values": {}}'],
    ['a list', '[]'],
    ['text', 'Terraform will perform the following actions'],
    ['an entry without a change', '{"resource_changes": [{"address": "a.b", "type": "a"}]}'],
    ['a change without actions', '{"resource_changes": [{"address": "a.b", "type": "a", "change": {}}]}'],
  ])('rejects %s, which would review as no change', async (_what, text) => {
    const file = join(directory, 'other.json');
    await writeFile(file, text);
    await expect(review(file)).rejects.toMatchObject({ code: 'NO_PLAN_JSON', exitCode: 2 });
  });

  test('compares two synthesized stacks and says what it does not know', async () => {
    const stack = (max: number) =>
      JSON.stringify({
        resource: {
          google_cloud_run_v2_service: { ocr: { template: { scaling: { max_instance_count: max } } } },
        },
      });
    const [base, head] = [join(directory, 'base.json'), join(directory, 'head.json')];
    await Promise.all([writeFile(base, stack(1)), writeFile(head, stack(3))]);
    await review(head, '--base', base);
    expect(printed).toContain('template.scaling.max_instance_count: 1 -> 3');
    expect(printed).toContain('neither the state nor the cloud was read');
  });
});
