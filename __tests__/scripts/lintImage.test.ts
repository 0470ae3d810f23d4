import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkovProblems, type Exception, EXCEPTIONS } from '../../scripts/checkovExceptions';

const folder = mkdtempSync(join(tmpdir(), 'lint-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the script where only these linters are installed, each a shell script that writes its words down. */
function lint(installed: Record<string, string>) {
  const path = mkdtempSync(join(folder, 'path-'));
  const calls = join(path, 'calls');
  writeFileSync(calls, '');
  for (const [command, script] of Object.entries(installed)) {
    const text = `#!/bin/bash\necho "${command} $*" >>${calls}\n${script}\n`;
    writeFileSync(join(path, command), text, { mode: 0o755 });
  }
  const { status, stdout } = spawnSync(process.execPath, ['bin/start.js', 'scripts/lint-image'], {
    encoding: 'utf8',
    env: { PATH: path, HOME: path, TMPDIR: tmpdir() },
  });
  return { status, stdout, lastLine: stdout.trim().split('\n').at(-1), calls: readFileSync(calls, 'utf8') };
}

describe('scripts/lint-image.ts', () => {
  test('looks at the Dockerfile, the build’s scripts and the Terraform of all deployments', () => {
    const list = 'for file in "$@"; do case $file in *.sh) /usr/bin/head -n 1 "$file" ;; esac; done';
    const stacks = `[ -d "$2/production-service" ] && [ -d "$2/guide-foundation" ] && printf '{}'`;
    const { calls, stdout } = lint({ hadolint: '', shellcheck: list, checkov: stacks });
    expect(calls).toContain('hadolint gpu-container/Dockerfile\n');
    expect(calls).toMatch(/^shellcheck \.ci\/run \S+\/build\.sh \S+\/vulnerabilities\.sh$/m);
    expect(stdout.match(/^#!\/usr\/bin\/env bash$/gm)).toHaveLength(2);
    expect(calls).toMatch(/^checkov --directory \S+ --framework terraform_json --skip-download /m);
    expect(stdout).toContain('checkov: it has looked at no resource');
  });

  test('fails on a finding, and still runs the others', () => {
    const { status, lastLine } = lint({ hadolint: 'exit 1', shellcheck: '' });
    expect([status, lastLine]).toEqual([1, 'image: 1 passed, 1 failed, 1 skipped']);
  });

  test('counts linters that are not installed as skipped, not as passed', () => {
    const { status, lastLine } = lint({});
    expect([status, lastLine]).toEqual([0, 'image: 0 passed, 0 failed, 3 skipped']);
  });
});

describe('checkovProblems', () => {
  const finding = (check_id: string, resource: string) => ({
    check_id,
    check_name: 'Is safe',
    resource: `resource.${resource}`,
    file_path: '/production-foundation/cdk.tf.json',
  });
  const report = (...failed_checks: object[]) =>
    JSON.stringify({ results: { failed_checks }, summary: { passed: 3 } });
  const versioning: Exception = { id: 'CKV_GCP_78', resource: /^logs$/, reason: 'Only appended to.' };

  test('finds nothing where each finding has its exception', () => {
    expect(checkovProblems(report(finding('CKV_GCP_78', 'logs')), [versioning])).toEqual([]);
  });

  test.each<[string, string, readonly Exception[], string]>([
    ['a finding', report(finding('CKV_GCP_114', 'state')), [], 'CKV_GCP_114 at /production-foundation/'],
    [
      'a finding that is excepted for another resource',
      report(finding('CKV_GCP_78', 'logs'), finding('CKV_GCP_78', 'state')),
      [versioning],
      'resource.state: Is safe',
    ],
    ['an exception that nothing needs', report(), [versioning], 'CKV_GCP_78 is excepted'],
    ['a run that saw nothing', '{"passed": 0, "failed": 0}', [], 'it has looked at no resource'],
    ['a run that died', 'Traceback', [], 'no report: Traceback'],
  ])('rejects %s', (_what, stdout, exceptions, words) => {
    expect(checkovProblems(stdout, exceptions)).toEqual([expect.stringContaining(words)]);
  });

  test('each exception of the project has its reason', () => {
    expect(EXCEPTIONS.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});
