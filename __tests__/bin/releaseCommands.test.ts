import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { verb } from '../../bin/releaseCommands';
import { type ExitCode, Failure } from '../../domain/failure';

describe('verb', () => {
  const environment = process.env;
  let directory: string;
  let output: string;
  let printed: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'verb-'));
    output = join(directory, 'output');
    await writeFile(output, '');
    printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)) !== '');
    process.env = { ...environment, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: join(directory, 'summary') };
  });
  afterEach(async () => {
    process.env = environment;
    jest.restoreAllMocks();
    await rm(directory, { recursive: true });
  });

  /** A command that ends so, as a workflow or a person calls it. */
  const ended = (exitCode: ExitCode, ...flags: string[]) => {
    const failure = new Failure({
      code: 'ENDED',
      message: 'So it ended.',
      where: 'w',
      remedy: 'r',
      exitCode,
    });
    const root = new Command();
    verb(root, 'try', 'd', 'production', () => Promise.reject(failure)).option('--superseded-ok');
    return root.parseAsync(['try', 'production', ...flags], { from: 'user' });
  };

  test('superseded is no failure where a workflow says so: an output and a summary tell of it', async () => {
    await ended(4, '--superseded-ok');
    expect(await readFile(output, 'utf8')).toBe('superseded=true\n');
    expect(printed).toBe('superseded: So it ended.\n');
    expect(await readFile(join(directory, 'summary'), 'utf8')).toContain('exit code 4: superseded');
  });

  test.each<[ExitCode, string[]]>([
    [4, []],
    [1, ['--superseded-ok']],
    [2, ['--superseded-ok']],
    [3, ['--superseded-ok']],
  ])('rejects exit code %d with %j', async (exitCode, flags) => {
    await expect(ended(exitCode, ...flags)).rejects.toMatchObject({ code: 'ENDED', exitCode });
    expect(await readFile(output, 'utf8')).toBe('');
  });
});
