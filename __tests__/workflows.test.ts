import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
}
interface Job {
  readonly environment?: string;
  readonly concurrency?: unknown;
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = '.github/workflows';
const FILES = readdirSync(FOLDER);
const read = (file: string) => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow;
const runsOf = (job: Job) => job.steps.flatMap((step) => step.run ?? []).join('\n');

describe.each(FILES)('%s', (file) => {
  const { on, permissions, jobs } = read(file);

  test('grants nothing to the workflow, little to each job, and bounds each job’s time', () => {
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) {
      expect(job.permissions).toMatchObject({ contents: 'read' });
      expect(job['timeout-minutes']).toBeGreaterThan(0);
    }
    expect(on).not.toHaveProperty('pull_request_target');
  });

  test('pins every action by commit and puts no expression into a shell', () => {
    for (const step of Object.values(jobs).flatMap((job) => job.steps)) {
      if (step.uses !== undefined) expect(step.uses).toMatch(/^(\.\/|[\w./-]+@[0-9a-f]{40}$)/);
      expect(step.run ?? '').not.toContain('${{');
    }
  });
});

describe('deploy.yml', () => {
  const { concurrency, jobs } = read('deploy.yml');

  test('asks for one approval, and holds no concurrency group while it waits', () => {
    expect(Object.values(jobs).filter((job) => job.environment !== undefined)).toEqual([jobs.release]);
    expect([concurrency, ...Object.values(jobs).map((job) => job.concurrency)]).toEqual(
      Array.from({ length: 1 + Object.keys(jobs).length }, () => undefined),
    );
  });

  test('applies, releases, and reconciles whatever happened before', () => {
    const commands = jobs.release!.steps.filter((step) => step.run?.startsWith('bin/lightonocr'));
    expect(commands.map((step) => [step.run!.split(' ')[1], step.if])).toEqual([
      ['apply', undefined],
      ['release', undefined],
      ['reconcile', 'always()'],
    ]);
  });
});

describe('plan.yml', () => {
  const { jobs } = read('plan.yml');

  test('gives a fork’s pull request a synth without rights, and no plan', () => {
    expect(jobs.synth!.permissions).toEqual({ contents: 'read' });
    expect(runsOf(jobs.synth!)).toContain('npm run synth');
    expect(jobs.plan!.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
  });
});

describe('rollback.yml', () => {
  const { concurrency, jobs } = read('rollback.yml');

  test('waits for nobody, under an identity of its own', () => {
    expect([concurrency, jobs.rollback!.concurrency]).toEqual([undefined, undefined]);
    expect(jobs.rollback!.environment).toBe('${{ inputs.deployment }}-rollback');
  });
});
