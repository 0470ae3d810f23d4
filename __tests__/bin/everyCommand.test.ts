import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../../bin/cli';
import { type Engine, openEngine } from '../release/engine/engine';

const ROOT = join(__dirname, '../..');
const BIN = join(ROOT, 'bin/lightonocr');

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

// The program as a shell starts it, each command that only looks, against a cloud on which two releases have served.
describe('bin/lightonocr, with nothing but an endpoint', () => {
  let engine: Engine;
  const folder = mkdtempSync(join(tmpdir(), 'every-command-'));
  beforeAll(async () => {
    engine = await openEngine({ real: true });
    await engine.twoReleases();
  });
  afterAll(() => engine.stop());

  const run = (...args: string[]) =>
    new Promise<Ran>((resolve) => {
      const env = {
        PATH: process.env.PATH,
        HOME: folder,
        LIGHTONOCR_ENDPOINT: engine.cloud.url,
        LIGHTONOCR_TERRAFORM: join(ROOT, 'rehearsal/terraform/terraform'),
        LIGHTONOCR_INVOKER: 'me@example.com',
        GOOGLE_OAUTH_ACCESS_TOKEN: 'rehearsal',
      };
      execFile(process.execPath, [BIN, ...args], { env, cwd: folder }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  /** What each is asked for besides the deployment, and how it ends: 3 where this cloud lacks what only a person applies. */
  const LOOKING: [command: string, code: number, args: string[]][] = [
    ['status', 0, []],
    ['revisions', 0, []],
    ['history', 0, []],
    ['logs', 0, ['--limit', '20']],
    ['image', 0, []],
    ['report', 0, ['--since', '1d', '--out', join(folder, 'report.html')]],
    ['quota', 0, []],
    ['cost', 0, []],
    ['capacity', 0, ['--pages', '1000', '--deadline', '2h']],
    ['bootstrap', 0, []],
    ['reconcile', 0, []],
    ['warmup', 0, []],
    ['doctor', 3, []],
    ['verify', 3, []],
    ['troubleshoot', 0, []],
  ];

  test.each(LOOKING)(
    '%s ends with %d and prints data with --json',
    async (command, code, args) => {
      const person = await run(command, 'rehearsal', ...args);
      expect({ ...person, stdout: '' }).toMatchObject({ code });
      expect(person.stdout.length).toBeGreaterThan(10);
      const machine = await run(command, 'rehearsal', ...args, '--json');
      expect(machine.code).toBe(code);
      const texts = command === 'logs' ? machine.stdout.trim().split('\n') : [machine.stdout];
      expect(texts.map((text) => typeof JSON.parse(text))).toEqual(texts.map(() => 'object'));
      expect(person.stderr + machine.stderr).not.toContain('This is a defect');
    },
    120_000,
  );

  test('report says where it may not write, and takes one span of time', async () => {
    const blocked = await run('report', 'rehearsal', '--since', '1d', '--out', join(BIN, 'report.html'));
    expect(blocked).toMatchObject({ code: 2, stderr: expect.stringMatching(/^OUTPUT_NOT_WRITABLE/m) });
    const both = await run('report', 'rehearsal', '--since', '1d', '--sha', 'HEAD');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be used with') });
  });

  /** These write, or need a plan, a document or GitHub; each has tests of its own. */
  const OTHERS =
    `init completion complete build plan apply release rollback preview review gate drift adopt manual scale restart ocr batch compare`.split(
      ' ',
    );

  test('is every command', () => {
    const names = program().commands.map((command) => command.name());
    expect([...LOOKING.map(([command]) => command), ...OTHERS].sort()).toEqual(names.sort());
  });

  const OF_NO_DEPLOYMENT = ['init', 'completion', 'complete'];

  test.each(OTHERS.filter((name) => !OF_NO_DEPLOYMENT.includes(name)))(
    '%s refuses a deployment that is not there, with exit code 2 and what mends it',
    async (command) => {
      const needs: Record<string, string[]> = {
        build: ['--sha', 'HEAD'],
        plan: ['--sha', 'HEAD'],
        apply: ['--plan', 'x', '--fingerprint', 'x'],
        release: ['--sha', 'HEAD'],
        rollback: ['--reason', 'test'],
        preview: ['--sha', 'HEAD'],
        review: ['--deployment', 'no-such'],
        manual: ['--sha', 'HEAD'],
        scale: ['zero', '--reason', 'test'],
        restart: ['--reason', 'test'],
        batch: ['gs://docs/in', '--out', 'gs://texts/in', '--estimate'],
        compare: ['--candidate', 'x', '--pages', folder],
        ocr: [join(ROOT, 'release/golden/page.png')],
      };
      const { code, stderr } = await run(command, 'no-such', ...(needs[command] ?? []));
      expect([code, stderr]).toEqual([2, expect.stringContaining('UNKNOWN_DEPLOYMENT')]);
      expect(stderr).toContain('rehearsal');
    },
  );
});
