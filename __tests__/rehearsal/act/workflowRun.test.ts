import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWorkflow } from '../../../rehearsal/act/workflowRun';

/** A stand-in for act that prints its arguments, then what it is told to. */
function folder(prints: readonly string[], code: number): { act: string; repository: string } {
  const repository = mkdtempSync(join(tmpdir(), 'act-'));
  cpSync('.github', join(repository, '.github'), { recursive: true });
  const act = join(repository, 'act');
  writeFileSync(join(repository, 'prints'), prints.map((line) => `${line}\n`).join(''));
  writeFileSync(act, `#!/bin/sh\nprintf '%s\\n' "$@"\nenv\ncat prints\nexit ${code}\n`);
  chmodSync(act, 0o755);
  return { act, repository };
}

const run = (
  where: { act: string; repository: string },
  change: Partial<Parameters<typeof runWorkflow>[0]> = {},
) =>
  runWorkflow({
    ...where,
    workflow: 'deploy.yml',
    event: 'workflow_dispatch',
    inputs: { no_cache: 'true' },
    variables: { GCP_PROJECT: 'p' },
    github: { GITHUB_API_URL: 'http://127.0.0.1:1' },
    environment: {},
    onLine: () => undefined,
    ...change,
  });

describe('runWorkflow', () => {
  test('tells how each step ended, and keeps what is no JSON', async () => {
    const step = { job: 'production/release', msg: 'Failure - Main Apply', step: 'Apply', stage: 'Main' };
    const where = folder(
      [
        JSON.stringify({ ...step, stepResult: 'failure' }),
        JSON.stringify({ ...step, msg: 'Cleaning up', stage: 'Post', stepResult: 'success' }),
        JSON.stringify({ ...step, msg: 'a line that the step prints\n' }),
        'Error: Job failed',
      ],
      1,
    );
    const { code, steps, lines } = await run(where);
    expect([code, steps]).toEqual([1, [{ job: 'production/release', step: 'Apply', result: 'failure' }]]);
    expect(lines).toContain('production/release: a line that the step prints');
    expect(lines.at(-1)).toBe('Error: Job failed');
  });

  test('replaces every remote action that the workflows use, in the version that they name', async () => {
    const { lines } = await run(folder([], 0));
    const replaced = lines.filter((_line, index) => lines[index - 1] === '--local-repository');
    expect(replaced.map((each) => each.replace(/@[0-9a-f]{40}=.*\/actions\//, ' by '))).toEqual(
      expect.arrayContaining([
        'actions/checkout by checkout',
        'actions/setup-node by setup-node',
        'google-github-actions/auth by auth',
        'hashicorp/setup-terraform by setup-terraform',
      ]),
    );
  });

  test('hands on the event, and nothing of a workflow that it may be a step of itself', async () => {
    process.env.GITHUB_SHA = 'of-the-workflow-around';
    try {
      const where = folder([], 0);
      const { lines } = await run(where, { event: 'push' });
      expect(lines[0]).toBe('push');
      expect(lines.filter((line) => line.startsWith('GITHUB_SHA'))).toEqual([]);
    } finally {
      delete process.env.GITHUB_SHA;
    }
  });

  test('dies when it is told to', async () => {
    const where = folder(['SLEEP'], 0);
    writeFileSync(where.act, '#!/bin/sh\necho at work\nsleep 60\n');
    const signal = new AbortController();
    const onLine = (line: string) => line === 'at work' && signal.abort();
    const { lines } = await run(where, { signal: signal.signal, onLine });
    expect(lines).toEqual(['at work']);
    await expect(run(where, { signal: signal.signal })).rejects.toThrow('aborted');
  });

  test('rejects a workflow with an action that nothing stands in for', async () => {
    const where = folder([], 0);
    const added = join(where.repository, '.github/actions/more');
    mkdirSync(added);
    writeFileSync(join(added, 'action.yml'), '- uses: example/unheard-of@0123abc # v1\n');
    await expect(run(where)).rejects.toThrow('example/unheard-of@0123abc');
  });
});
