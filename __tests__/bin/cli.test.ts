import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { writeOutputs } from '../../bin/github';
import { systemFailure } from '../../domain/systemFailure';
import { runProgram } from './program';

const ROOT = join(__dirname, '../..');

/** The command whose output nobody reads any more, as behind `| head`: the pipe is closed before it writes. */
async function unread(stream: 'stdout' | 'stderr', ...args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'bin/lightonocr'), ...args], { cwd: ROOT });
  let other = '';
  child[stream === 'stdout' ? 'stderr' : 'stdout'].on('data', (chunk: Buffer) => (other += chunk.toString()));
  child[stream].destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, other };
}

describe('main', () => {
  test('ends without a word where nobody reads its output any more', async () => {
    expect(await unread('stdout', '--help')).toEqual({ code: 0, other: '' });
  });

  test('goes on and keeps its exit code where nobody reads what it says meanwhile', async () => {
    expect(await unread('stderr', 'cost', 'no-such-deployment')).toEqual({ code: 2, other: '' });
  });
});

describe('a full disk', () => {
  /** The system answers every write with ENOSPC (full(4)). */
  const FULL = '/dev/full';

  test('is said where the result is written, and is no success', () => {
    const ran = spawnSync('sh', ['-c', `"${process.execPath}" bin/lightonocr cost production > ${FULL}`], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect([ran.status, ran.stderr]).toEqual([
      3,
      expect.stringMatching(/^SYSTEM_REFUSED: The disk is full\.\n/),
    ]);
  });

  test('is a failure of its own where a workflow reads outputs', async () => {
    const error: unknown = await writeOutputs({ digest: 'd' }, FULL).catch((thrown: unknown) => thrown);
    expect(systemFailure(error)).toMatchObject({ code: 'SYSTEM_REFUSED', message: 'The disk is full.' });
  });
});

describe('an error', () => {
  const lastLine = (text: string) => JSON.parse(text.trim().split('\n').at(-1)!) as object;

  test('of a command with --json is one line of JSON, the last of standard error', async () => {
    const { code, out, err } = await runProgram(['status', 'prodution', '--json']);
    expect([code, out]).toEqual([2, '']);
    expect(lastLine(err)).toEqual({
      code: 'UNKNOWN_DEPLOYMENT',
      message: expect.any(String),
      where: 'deployments',
      observed: 'prodution',
      remedy: expect.stringContaining('did you mean production?'),
      exitCode: 2,
    });
  });

  test('of the command line with --json is JSON alone', async () => {
    const { code, err } = await runProgram(['apply', 'production', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(err)).toMatchObject({
      code: 'USAGE',
      message: "required options '--plan <id>', '--fingerprint <fingerprint>' not specified",
      exitCode: 2,
    });
  });
});
