import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the script where only these linters are installed, each ending with its code. */
function lint(installed: Record<string, number>): { status: number | null; lastLine: string | undefined } {
  const path = mkdtempSync(join(folder, 'path-'));
  for (const [command, status] of Object.entries(installed)) {
    writeFileSync(join(path, command), `#!/bin/sh\nexit ${status}\n`, { mode: 0o755 });
  }
  const { status, stdout } = spawnSync(process.execPath, ['bin/start.js', 'scripts/lint-workflows'], {
    encoding: 'utf8',
    env: { PATH: path, HOME: path },
  });
  return { status, lastLine: stdout.trim().split('\n').at(-1) };
}

describe('scripts/lint-workflows.ts', () => {
  test('passes when no linter finds anything', () => {
    expect(lint({ actionlint: 0, zizmor: 0, 'check-jsonschema': 0 })).toEqual({
      status: 0,
      lastLine: 'workflows: 5 passed, 0 failed, 0 skipped',
    });
  });

  test('fails on a finding, and still runs the other linters', () => {
    expect(lint({ actionlint: 1, zizmor: 0, 'check-jsonschema': 0 })).toEqual({
      status: 1,
      lastLine: 'workflows: 4 passed, 1 failed, 0 skipped',
    });
  });

  test('counts a linter that is not installed as skipped, not as passed', () => {
    expect(lint({ zizmor: 0 })).toEqual({ status: 0, lastLine: 'workflows: 1 passed, 0 failed, 4 skipped' });
  });
});
