import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git as gitIn } from '../../../release/adapters/git';

const directory = mkdtempSync(join(tmpdir(), 'lightonocr-git-'));
const run = (...args: string[]) =>
  execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...args], {
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  }).trim();
function commit(files: Record<string, string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  run('add', '--all');
  run('commit', '--quiet', '--message', 'c');
  return run('rev-parse', 'HEAD');
}

const git = gitIn(directory);
let first: string;
let second: string;
let side: string;

beforeAll(() => {
  run('init', '--quiet', '--initial-branch', 'main');
  first = commit({ 'box/Dockerfile': 'FROM a', 'box/ü b.py': 'b', 'build.yaml': 'steps', 'docs/x.md': 'x' });
  second = commit({ 'docs/x.md': 'y' });
  run('checkout', '--quiet', '-b', 'side', first);
  side = commit({ 'box/Dockerfile': 'FROM c' });
  run('checkout', '--quiet', 'main');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('git', () => {
  test('that is not installed is said, with exit code 2', () => {
    const root = join(__dirname, '../../..');
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'bin/lightonocr'), 'manual', 'guide', '--sha', 'HEAD'],
      { encoding: 'utf8', env: { PATH: directory } },
    );
    expect(stderr).toContain('NO_GIT');
    expect(status).toBe(2);
  });

  describe('resolve', () => {
    test.each(['HEAD', 'main'])('gives the full SHA of %s', async (revision) => {
      expect(await git.resolve(revision)).toBe(second);
    });

    test('gives the full SHA of a short one', async () => {
      expect(await git.resolve(first.slice(0, 7))).toBe(first);
    });

    test.each([
      'f'.repeat(40),
      'no-such-branch',
      '-abc123',
      '--all',
      '--output=/tmp/x',
      '',
      'HEAD:docs/x.md',
      'HEAD; id',
    ])('rejects %j', async (revision) => {
      await expect(git.resolve(revision)).rejects.toMatchObject({
        code: 'UNKNOWN_SHA',
        exitCode: 2,
        where: directory,
        got: revision,
      });
    });
  });

  describe('files', () => {
    test('lists mode, blob and path of the files below the paths', async () => {
      const listed = await git.files(first, ['box', 'build.yaml']);
      expect(listed.map((line) => line.replace(/[0-9a-f]{40}/, 'ID'))).toEqual([
        '100644 blob ID\tbox/Dockerfile',
        '100644 blob ID\tbox/ü b.py',
        '100644 blob ID\tbuild.yaml',
      ]);
    });

    test('is the same for a commit that touches other files, another for one that touches these', async () => {
      const before = await git.files(first, ['box', 'build.yaml']);
      expect(await git.files(second, ['box', 'build.yaml'])).toEqual(before);
      expect(await git.files(side, ['box', 'build.yaml'])).not.toEqual(before);
    });

    test('tells a file that became executable, as it is in the image', async () => {
      chmodSync(join(directory, 'box/Dockerfile'), 0o755);
      const executable = commit({});
      run('reset', '--quiet', '--hard', second);
      expect(await git.files(executable, ['box'])).not.toEqual(await git.files(second, ['box']));
    });
  });

  describe('show', () => {
    test('gives the text at the commit, not that of the working copy', async () => {
      expect([await git.show(first, 'docs/x.md'), await git.show(second, 'docs/x.md')]).toEqual(['x', 'y']);
    });
  });

  describe('archive', () => {
    test('holds the files below the paths, as committed, and no other', async () => {
      writeFileSync(join(directory, 'box/Dockerfile'), 'not committed');
      const archive = await git.archive(first, ['box', 'build.yaml']);
      run('checkout', '--quiet', '--', 'box');
      const listed = execFileSync('tar', ['-tz'], { input: archive, encoding: 'utf8' });
      const files = listed.split('\n').filter((name) => name !== '' && !name.endsWith('/'));
      expect(files).toHaveLength(3);
      expect(files).toEqual(expect.arrayContaining(['box/Dockerfile', 'build.yaml']));
      expect(execFileSync('tar', ['-xzO', 'box/Dockerfile'], { input: archive, encoding: 'utf8' })).toBe(
        'FROM a',
      );
    });
  });

  describe('isAncestor', () => {
    test.each<[string, () => [string, string], boolean]>([
      ['the parent', () => [first, second], true],
      ['the commit itself', () => [first, first], true],
      ['the child', () => [second, first], false],
      ['a commit of another branch', () => [side, second], false],
    ])('%s', async (_what, commits, expected) => {
      expect(await git.isAncestor(...commits())).toBe(expected);
    });

    test('rejects a commit that this clone lacks', async () => {
      await expect(git.isAncestor('f'.repeat(40), second)).rejects.toMatchObject({ code: 'UNKNOWN_SHA' });
    });
  });
});
