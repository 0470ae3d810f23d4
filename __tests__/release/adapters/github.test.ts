import { githubEnvironment } from '../../../deployments/githubEnvironment';
import { checkGate } from '../../../release/verbs/gate';
import { type Github, github } from '../../../release/adapters/github';
import { BOT, githubHub, type Post } from '../../fixtures/github';

const MARKER = '<!-- lightonocr plan production service -->';

describe('github', () => {
  let fake: ReturnType<typeof githubHub>;
  let api: Github;
  beforeEach(async () => {
    fake = githubHub();
    const env = { GITHUB_REPOSITORY: 'o/r', GITHUB_TOKEN: 't', GITHUB_API_URL: await fake.open() };
    api = github(githubEnvironment(env));
  });
  afterEach(() => fake.close());
  const post = (body: string, login = BOT.login): Post => {
    const id = 1000 + fake.comments.length;
    return { id, number: id, body, user: { login } };
  };

  test('posts a comment once, edits it when it changes, and leaves an unchanged one alone', async () => {
    const write = (text: string) => api.stickyComment(7, MARKER, `${MARKER}\n${text}`);
    expect([await write('a'), await write('a'), await write('b')]).toEqual([
      'created',
      'unchanged',
      'edited',
    ]);
    expect(fake.comments.map(({ body }) => body)).toEqual([`${MARKER}\nb`]);
    expect(fake.writes).toEqual(['POST /issues/7/comments', 'PATCH /issues/comments/1']);
  });

  test('rejects with what to look at when GitHub cannot be reached', async () => {
    await fake.close();
    await expect(api.stickyComment(7, MARKER, MARKER)).rejects.toMatchObject({
      code: 'GITHUB_NOT_REACHABLE',
    });
    await fake.open();
  });

  test('does not edit the comment of somebody else who wrote our marker, nor ours that quotes it', async () => {
    fake.comments.push(post(`${MARKER}\nmine`, 'mallory'), post(`> ${MARKER}`), post(`x\n${MARKER}`));
    expect(await api.stickyComment(7, MARKER, `${MARKER}\nnew`)).toBe('created');
    expect(fake.comments.slice(0, 3).map(({ body }) => body)).not.toContain(`${MARKER}\nnew`);
  });

  test('does not take another stack’s comment for its own', async () => {
    fake.comments.push(post('<!-- lightonocr plan production service-2 -->\nx'));
    expect(await api.stickyComment(7, MARKER, `${MARKER}\nnew`)).toBe('created');
  });

  test('finds its comment behind a full page of others, and after an editor changed its line ends', async () => {
    fake.comments.push(...Array.from({ length: 100 }, () => post('chat', 'ada')), post(`${MARKER}\r\nold`));
    expect(await api.stickyComment(7, MARKER, `${MARKER}\nnew`)).toBe('edited');
  });

  test('brings an old comment up to date, and makes none, where told not to create', async () => {
    const write = () => api.stickyComment(7, MARKER, `${MARKER}\nnothing`, { create: false });
    expect(await write()).toBe('none');
    fake.comments.push(post(`${MARKER}\nsomething`));
    expect(await write()).toBe('edited');
  });

  test('opens one issue, edits it, and closes it when there is nothing more to say', async () => {
    const say = (body?: string) => api.stickyIssue(MARKER, 'Drift', body);
    expect([await say(), await say('a'), await say('a'), await say('b'), await say(), await say()]).toEqual([
      'none',
      'created',
      'unchanged',
      'edited',
      'closed',
      'none',
    ]);
    expect(fake.issues).toMatchObject([{ title: 'Drift', state: 'closed', body: `${MARKER}\nb` }]);
  });

  test('says what the token lacks', async () => {
    fake.refuse(403);
    await expect(api.stickyComment(7, MARKER, MARKER)).rejects.toMatchObject({
      code: 'GITHUB_403',
      exitCode: 3,
      message: 'Resource not accessible by integration',
      remedy: expect.stringContaining('permissions'),
    });
  });

  describe('checkGate', () => {
    const reviewers = { type: 'required_reviewers', reviewers: [{ type: 'User' }] };
    test.each([
      ['required reviewers', [reviewers]],
      ['a rule of somebody’s own', [{ type: 'branch_policy' }, { type: 'custom' }]],
    ])('passes with %s', async (_what, rules) => {
      fake.environments.production = { protection_rules: rules };
      expect(await checkGate(api, 'production')).toMatchObject({ ungated: false });
    });

    test('warns of owners of code whom GitHub does not know, and of none', async () => {
      fake.environments.production = { protection_rules: [reviewers] };
      expect(await checkGate(api, 'production')).toMatchObject({ warnings: [] });
      fake.codeowners.errors = [{ line: 2, column: 22, kind: 'Unknown owner', source: '*  @OWNER/ocr\n' }];
      const warnings = ['CODEOWNERS asks nobody for a review: line 2: Unknown owner: *  @OWNER/ocr'];
      expect(await checkGate(api, 'production')).toMatchObject({ warnings });
      fake.codeowners.errors = undefined;
      expect((await checkGate(api, 'production')).warnings[0]).toContain('there is no CODEOWNERS file');
    });

    test('is not stopped by a look at CODEOWNERS that fails', async () => {
      const rules = { protectionRules: async () => [reviewers] };
      const codeownersErrors = () => Promise.reject(new Error('HTTP 500'));
      expect(await checkGate({ ...api, ...rules, codeownersErrors }, 'production')).toMatchObject({
        ungated: false,
        warnings: ['CODEOWNERS was not checked: HTTP 500'],
      });
    });

    test.each<[string, object[] | undefined, string]>([
      ['no such environment, which GitHub would make by itself', undefined, 'there is no such environment'],
      ['no rule', [], 'protection rules: none'],
      [
        'a wait and a branch policy, which ask nobody',
        [{ type: 'wait_timer' }, { type: 'branch_policy' }],
        'wait_timer',
      ],
      [
        'required reviewers without a reviewer',
        [{ type: 'required_reviewers', reviewers: [] }],
        'required_reviewers',
      ],
    ])('rejects %s, says how to mend it, and lets it pass on purpose', async (_what, rules, got) => {
      if (rules) fake.environments.production = { protection_rules: rules };
      await expect(checkGate(api, 'production')).rejects.toMatchObject({
        code: 'NO_GATE',
        exitCode: 3,
        got: expect.stringContaining(got),
        remedy: expect.stringContaining('ALLOW_UNGATED'),
      });
      expect(await checkGate(api, 'production', { allowUngated: true })).toMatchObject({ ungated: true });
    });
  });
});

describe('githubEnvironment', () => {
  const whole = { GITHUB_REPOSITORY: 'o/r', GITHUB_TOKEN: 't' };
  test('reads repository, token, pull request and run', () => {
    const env = {
      ...whole,
      GITHUB_REF: 'refs/pull/12/merge',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_RUN_ID: '3',
    };
    expect(githubEnvironment(env)).toEqual({
      apiUrl: 'https://api.github.com',
      repository: 'o/r',
      token: 't',
      pullRequest: 12,
      runUrl: 'https://github.com/o/r/actions/runs/3',
    });
    expect(githubEnvironment({ ...whole, GITHUB_REF: 'refs/heads/pull/1' })).not.toHaveProperty(
      'pullRequest',
    );
  });

  test.each([
    [{ GITHUB_REPOSITORY: 'o/r/../x', GITHUB_TOKEN: 't' }, 'GITHUB_REPOSITORY'],
    [{ GITHUB_REPOSITORY: 'o/r', GITHUB_TOKEN: '' }, 'GITHUB_TOKEN'],
    [{}, 'GITHUB_REPOSITORY, GITHUB_TOKEN'],
  ])('rejects %j', (env, where) => {
    expect(() => githubEnvironment(env)).toThrow(
      expect.objectContaining({ code: 'NO_GITHUB', where, exitCode: 2 }),
    );
  });
});
