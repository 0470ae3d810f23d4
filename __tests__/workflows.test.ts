import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly id?: string;
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}
interface Job {
  readonly env?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly with?: Readonly<Record<string, unknown>>;
  readonly concurrency?: unknown;
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = '.github/workflows';
const FILES = readdirSync(FOLDER);
const read = (file: string) => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow;
const stepsOf = (job: Job) => job.steps ?? [];
const runsOf = (job: Job) =>
  stepsOf(job)
    .flatMap((step) => step.run ?? [])
    .join('\n');
const ACTIONS = readdirSync('.github/actions').map((name) => join('.github/actions', name, 'action.yml'));

/** The value of an expression; of ==, !=, &&, ||, !, indexes, calls and strings alone, which are the same in JavaScript. */
function evaluate(expression: string, contexts: Readonly<Record<string, unknown>>): unknown {
  const bare = expression.replace(/^\$\{\{ (.*) \}\}$/, '$1');
  expect(bare).toMatch(/^[\w\s.,'()!&|=[\]-]+$/);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the workflow's own words
  const evaluated = new Function(...Object.keys(contexts), `return ${bare}`) as (
    ...values: unknown[]
  ) => unknown;
  return evaluated(...Object.values(contexts));
}

/** Git in a folder, as nobody in particular. */
const gitIn =
  (directory: string) =>
  (...args: string[]) => {
    const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.com', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', ['-C', directory, ...who, ...args], { encoding: 'utf8' }).trim();
  };

/** Every `uses` is ours or pinned by commit, and no expression gets into a shell. */
function expectPinned(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.uses !== undefined) expect(step.uses).toMatch(/^(\.\/|[\w./-]+@[0-9a-f]{40}$)/);
    expect(step.run ?? '').not.toContain('${{');
  }
}

describe.each(ACTIONS)('%s', (file) => {
  test('pins every action by commit and puts no expression into a shell', () => {
    const action = parse(readFileSync(file, 'utf8')) as { runs: { steps: Step[] } };
    expectPinned(action.runs.steps);
  });
});

/** What each job may do beside reading the code: whoever widens it has to widen it here too. */
const RELEASES = 'actions: read, id-token: write';
const BEYOND_READING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'deploy.yml': { staging: RELEASES, production: RELEASES },
  'drift.yml': { drift: 'id-token: write, issues: write' },
  'plan.yml': { plan: 'id-token: write, pull-requests: write' },
  'reconcile.yml': { reconcile: 'id-token: write' },
  'release.yml': { build: 'id-token: write', plan: RELEASES, release: 'id-token: write' },
  'rollback.yml': { rollback: 'id-token: write' },
};

describe.each(FILES)('%s', (file) => {
  const { on, permissions, jobs } = read(file);

  test('grants nothing to the workflow, and to each job what it needs', () => {
    expect(permissions).toEqual({});
    const beyond = Object.entries(jobs).flatMap(([name, job]) => {
      const { contents, ...more } = job.permissions!;
      // A job that checks nothing out asks for nothing.
      expect(contents).toBe(stepsOf(job).some((step) => step.uses) || job.uses ? 'read' : undefined);
      const words = Object.entries(more).map(([what, right]) => `${what}: ${right}`);
      return words.length > 0 ? [[name, words.sort().join(', ')]] : [];
    });
    expect(Object.fromEntries(beyond)).toEqual(BEYOND_READING[file] ?? {});
    expect(on).not.toHaveProperty('pull_request_target');
  });

  test('bounds each job’s time, and hands no file from job to job', () => {
    for (const job of Object.values(jobs)) {
      if (job.uses === undefined) expect(job['timeout-minutes']).toBeGreaterThan(0);
      // A plan file holds secrets in plain text; whoever may read the repository may read an artifact.
      for (const { uses = '' } of stepsOf(job)) expect(uses).not.toContain('artifact');
    }
  });

  test('pins every action by commit and puts no expression into a shell', () => {
    expectPinned(Object.values(jobs).flatMap(stepsOf));
    for (const { uses } of Object.values(jobs)) if (uses) expect(uses).toMatch(/^\.\/\.github\/workflows\//);
  });
});

describe('deploy.yml', () => {
  const { jobs, concurrency } = read('deploy.yml');

  test('releases to staging first where there is one, and to production only after one that served', () => {
    expect(jobs.staging!.if).toBe("needs.deployments.outputs.staging == 'true'");
    expect(jobs.production!.needs).toEqual(['deployments', 'staging']);
    for (const name of ['staging', 'production']) {
      expect(jobs[name]!.uses).toBe('./.github/workflows/release.yml');
      expect(jobs[name]!.with).toMatchObject({
        deployment: name,
        sha: '${{ needs.deployments.outputs.sha }}', // the one that was looked at, not what was typed
      });
    }
    expect(concurrency).toBeUndefined();
  });

  // What GitHub says of a job that ended so; a called workflow that fails or is cancelled has no outputs.
  test.each<
    [begins: boolean, staging: string, superseded: string, deployments?: string, isCancelled?: boolean]
  >([
    [true, 'none', ''],
    [false, 'skipped', 'true'], // should GitHub call a release so whose last job was skipped
    [true, 'success', 'false'],
    [false, 'success', 'true'],
    [false, 'success', ''],
    [false, 'failure', ''],
    [false, 'cancelled', ''],
    [false, 'none', '', 'failure'],
    [false, 'none', '', 'skipped'],
    [false, 'success', 'false', 'success', true],
  ])(
    'production begins: %s, after a staging that ended in %s (superseded: "%s")',
    (begins, staging, superseded, deployments = 'success', isCancelled = false) => {
      const needs = {
        deployments: { result: deployments, outputs: { staging: String(staging !== 'none') } },
        staging: { result: staging === 'none' ? 'skipped' : staging, outputs: { superseded } },
      };
      expect(evaluate(jobs.production!.if!, { needs, cancelled: () => isCancelled })).toBe(begins);
    },
  );

  describe('the commit to deploy', () => {
    const directory = mkdtempSync(join(tmpdir(), 'deploy-'));
    const git = gitIn(directory);
    const commit = (message: string) => {
      git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    };
    git('init', '--quiet', '--initial-branch=main');
    const older = commit('older');
    git('checkout', '--quiet', '-b', 'unreviewed');
    const elsewhere = commit('unreviewed');
    git('tag', 'deadbeef');
    git('checkout', '--quiet', 'main');
    const newest = commit('newest');
    const steps = stepsOf(jobs.deployments!);
    const ran = (SHA: string) => {
      git('checkout', '--quiet', 'main');
      const output = join(directory, '.git/output');
      writeFileSync(output, '');
      const { run } = steps.find(({ id }) => id === 'commit')!;
      const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', run!], {
        cwd: directory,
        env: { ...process.env, SHA, GITHUB_OUTPUT: output },
        encoding: 'utf8',
      });
      return [status, readFileSync(output, 'utf8') || stdout.split('::')[1]];
    };

    test.each([
      ['an older one', older, older],
      ['the newest', newest, newest],
      ['a short one', older.slice(0, 9), older],
    ])('may be %s of main', (_what, given, sha) => {
      expect(ran(given)).toEqual([0, `sha=${sha}\n`]);
      expect(git('rev-parse', 'HEAD')).toBe(sha);
    });

    test.each([
      ['of another branch', elsewhere, 'error title=not in main'],
      ['that a tag passes for', 'deadbeef', 'error title=not in main'],
      ['that nobody knows', '0'.repeat(40), 'error title=not in main'],
      ['that is a branch', 'unreviewed', 'error title=no SHA'],
      ['that is an option', '--help', 'error title=no SHA'],
    ])('rejects one %s', (_what, given, error) => {
      expect(ran(given)).toEqual([2, error]);
      expect(git('rev-parse', 'HEAD')).toBe(newest);
    });

    test('is looked at before any code of it runs', () => {
      expect(steps.findIndex(({ id }) => id === 'commit')).toBeLessThan(
        steps.findIndex(({ uses }) => uses?.startsWith('./')),
      );
      expect(steps[0]).toMatchObject({ with: { ref: 'main', 'fetch-depth': 0 } });
    });
  });
});

describe('a deployment that is not set up', () => {
  const ALL = {
    GCP_PROJECT: 'p',
    WORKLOAD_IDENTITY_PROVIDER: 'w',
    STAGING_GCP_PROJECT: 'staging-p',
    STAGING_WORKLOAD_IDENTITY_PROVIDER: 'staging-w',
  };
  const { GCP_PROJECT, WORKLOAD_IDENTITY_PROVIDER } = ALL;
  const UNSET = { GCP_PROJECT: '', WORKLOAD_IDENTITY_PROVIDER: '' };
  const uses = FILES.flatMap((file) =>
    Object.entries(read(file).jobs).flatMap(([name, job]) =>
      stepsOf(job).flatMap((step) =>
        step.uses === './.github/actions/cloud' ? [{ file, name, job, given: step.with! }] : [],
      ),
    ),
  );
  const valuesFor = (deployment: string, vars: object, given: Readonly<Record<string, string>>) =>
    ['deployment', 'project', 'provider'].map((input) =>
      evaluate(given[input]!, { vars, matrix: { deployment }, inputs: { deployment } }),
    );

  test.each(uses)(
    '$file, $name: staging never takes production’s project, nor the other way round',
    ({ job, given }) => {
      expect(valuesFor('production', ALL, given)).toEqual(['production', 'p', 'w']);
      expect(valuesFor('staging', ALL, given)).toEqual(['staging', 'staging-p', 'staging-w']);
      const without = {
        GCP_PROJECT,
        WORKLOAD_IDENTITY_PROVIDER,
        STAGING_GCP_PROJECT: '',
        STAGING_WORKLOAD_IDENTITY_PROVIDER: '',
      };
      expect(valuesFor('staging', without, given)).toEqual(['staging', '', '']);
      expect(valuesFor('production', { ...ALL, ...UNSET }, given)).toEqual(['production', '', '']);
      const invoker = job.env?.LIGHTONOCR_INVOKER;
      if (invoker)
        expect(invoker).toBe(`lightonocr-${given.account}@${given.project}.iam.gserviceaccount.com`);
    },
  );

  test('every job that may become an account is one of these', () => {
    const becoming = FILES.flatMap((file) =>
      Object.entries(read(file).jobs).flatMap(([name, { permissions, uses: called }]) =>
        permissions?.['id-token'] === 'write' && called === undefined ? [`${file} ${name}`] : [],
      ),
    );
    expect(uses.map(({ file, name }) => `${file} ${name}`)).toEqual(becoming);
  });

  const action = parse(readFileSync('.github/actions/cloud/action.yml', 'utf8')) as {
    runs: { steps: Step[] };
  };
  test.each([
    ['production', 'p', 'w', 0, undefined],
    ['production', '', 'w', 2, 'GCP_PROJECT'],
    ['staging', 'p', '', 2, 'STAGING_WORKLOAD_IDENTITY_PROVIDER'],
    ['staging', '', '', 2, 'STAGING_GCP_PROJECT STAGING_WORKLOAD_IDENTITY_PROVIDER'],
  ])(
    '%s with project "%s" and provider "%s" ends with %d, by name',
    (DEPLOYMENT, PROJECT, PROVIDER, code, name) => {
      const [first] = action.runs.steps;
      const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', first!.run!], {
        env: { ...process.env, DEPLOYMENT, PROJECT, PROVIDER },
        encoding: 'utf8',
      });
      expect([status, / no repository variable (.+?)\. /.exec(stdout)?.[1]]).toEqual([code, name]);
    },
  );

  test.each<[begins: string[], isFork: boolean, provider: string]>([
    [['fork'], false, ''],
    [['fork'], true, ''],
    [['plan'], false, 'w'],
    [['fork'], true, 'w'],
  ])('a pull request begins %j (of a fork: %s, provider "%s")', (begins, isFork, provider) => {
    const { plan, fork } = read('plan.yml').jobs;
    const contexts = {
      vars: { WORKLOAD_IDENTITY_PROVIDER: provider },
      github: {
        repository: 'o/r',
        event: { pull_request: { head: { repo: { full_name: isFork ? 'x/r' : 'o/r' } } } },
      },
    };
    const begun = Object.entries({ plan, fork }).filter(([, job]) => evaluate(job!.if!, contexts));
    expect(begun.map(([name]) => name)).toEqual(begins);
  });

  test.each([
    ['', ['not-set-up']],
    ['w', ['deployments']],
  ])('a merge with provider "%s" begins %j', (WORKLOAD_IDENTITY_PROVIDER, begins) => {
    const { jobs } = read('deploy.yml');
    const first = Object.entries(jobs).filter(([, { needs }]) => needs === undefined);
    const begun = first.filter(([, job]) => evaluate(job.if!, { vars: { WORKLOAD_IDENTITY_PROVIDER } }));
    expect(begun.map(([name]) => name)).toEqual(begins);
    expect(runsOf(jobs['not-set-up']!)).toMatch(/^echo '::notice title=not set up::.*repository-setup\.md/);
  });
});

describe('release.yml', () => {
  const { concurrency, jobs } = read('release.yml');

  test('asks for one approval, and holds no concurrency group while it waits', () => {
    expect(Object.values(jobs).filter((job) => job.environment !== undefined)).toEqual([jobs.release]);
    expect([concurrency, ...Object.values(jobs).map((job) => job.concurrency)]).toEqual(
      Array.from({ length: 1 + Object.keys(jobs).length }, () => undefined),
    );
  });

  test('looks at the gate and at the stacks that a person applies before anybody is asked', () => {
    const runs = stepsOf(jobs.plan!).flatMap(({ run }) => run ?? []);
    expect(runs.findIndex((run) => run.includes('lightonocr gate'))).toBeLessThan(
      runs.findIndex((run) => run.includes('lightonocr plan') && run.includes('--check-stacks')),
    );
    expect(runs.some((run) => run.includes('lightonocr gate'))).toBe(true);
    expect(jobs.plan!.environment).toBeUndefined();
  });

  test.each([
    ['true', false, 'true'],
    ['', true, 'false'],
  ])('asks somebody unless its plan was superseded (superseded: "%s")', (superseded, asks, said) => {
    const { release } = read('release.yml').jobs;
    expect(evaluate(release!.if!, { needs: { plan: { outputs: { superseded } } } })).toBe(asks);
    const { outputs } = (
      read('release.yml').on as { workflow_call: { outputs: Record<string, { value: string }> } }
    ).workflow_call;
    const ended = {
      plan: { outputs: { superseded } },
      release: { outputs: { superseded: asks ? 'false' : '' } },
    };
    expect(evaluate(outputs.superseded!.value, { jobs: ended })).toBe(said);
  });

  test('looks for something newer with all of main at hand, before anybody is asked and after', () => {
    for (const [job, verb] of [
      ['plan', 'plan'],
      ['release', 'apply'],
    ] as const) {
      const steps = stepsOf(jobs[job]!);
      expect(steps[0]).toMatchObject({ with: { 'fetch-depth': 0 } });
      const { run, env } = steps.find((step) => step.run?.includes(`bin/lightonocr ${verb}`))!;
      expect(run).toContain('${PUSH:+--push}');
      const pushed = (event_name: string) => evaluate(env!.PUSH!, { github: { event_name } });
      expect([pushed('push'), pushed('workflow_dispatch')]).toEqual(['yes', '']);
    }
  });

  test('applies, releases unless superseded, and reconciles whatever happened before', () => {
    const commands = stepsOf(jobs.release!).flatMap(({ run = '', if: when }) => {
      const [, verb] = /bin\/lightonocr (\w+)/.exec(run) ?? [];
      return verb ? [[verb, when]] : [];
    });
    expect(commands).toEqual([
      ['apply', undefined],
      ['release', "steps.apply.outputs.superseded != 'true'"],
      ['reconcile', 'always()'],
    ]);
  });

  test('tells each command that may be superseded that this is no failure, and asks for what it said', () => {
    const steps = stepsOf(jobs.release!);
    for (const id of ['apply', 'release'])
      expect(steps.find((step) => step.id === id)!.run).toContain('--superseded-ok');
    expect(steps.find((step) => step.id === 'end')).toMatchObject({
      env: {
        SUPERSEDED:
          "${{ steps.apply.outputs.superseded == 'true' || steps.release.outputs.superseded == 'true' }}",
      },
    });
  });
});

describe('the signal of a cancelled job, which goes to the shell of its step alone', () => {
  const directory = mkdtempSync(join(tmpdir(), 'signal-'));
  mkdirSync(join(directory, 'bin'));
  const command =
    '#!/bin/sh\ntrap "echo stops in order; exit 3" INT\necho at work\nsleep 2 & wait\necho to the end\n';
  writeFileSync(join(directory, 'bin/lightonocr'), command, { mode: 0o755 });
  const steps = [
    ['release.yml', 'build', 'build'],
    ['release.yml', 'release', 'apply'],
    ['release.yml', 'release', 'release'],
    ['release.yml', 'release', 'reconcile'],
    ['rollback.yml', 'rollback', 'rollback'],
    ['reconcile.yml', 'reconcile', 'reconcile'],
  ] as const;

  test.each(steps)('%s, job %s: reaches `%s`', async (file, job, verb) => {
    const { run } = stepsOf(read(file).jobs[job]!).find((step) =>
      step.run?.includes(`bin/lightonocr ${verb}`),
    )!;
    const script = join(directory, `${job}-${verb}.sh`); // a file, as on a runner: of `-c` bash makes an `exec` itself
    writeFileSync(script, `${run}\n`);
    const shell = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: directory,
      env: { ...process.env, TARGET: '', NOW: '', REASON: 'r', DEPLOYMENT: 'd' },
    });
    let printed = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (text.includes('at work')) shell.kill('SIGINT');
    });
    const code = await new Promise((resolve) => shell.on('close', resolve));
    expect([code, printed]).toEqual([3, 'at work\nstops in order\n']);
  });
});

describe('plan.yml', () => {
  const { env, jobs } = read('plan.yml');

  test.each([
    [[], '--refuse-destroys'],
    [['other'], '--refuse-destroys'],
    [['other', 'allow-destroy'], ''],
  ])('with the labels %j hands on "%s" to what reviews', (labels, flag) => {
    // GitHub's `labels.*.name` and `contains`, in JavaScript.
    const expression = env!.REFUSE!.replace('github.event.pull_request.labels.*.name', 'labels');
    const contains = (list: readonly string[], item: string) => list.includes(item);
    expect(evaluate(expression, { labels, contains })).toBe(flag);
    for (const job of [jobs.plan!, jobs.fork!]) expect(runsOf(job)).toContain('${REFUSE:+"$REFUSE"}');
  });

  test('gives a fork’s pull request a review without rights, and everybody else a plan', () => {
    expect(jobs.fork!.permissions).toEqual({ contents: 'read' });
    expect(runsOf(jobs.fork!)).toContain('--base');
  });

  test.each([
    [['production.yaml', 'staging.yaml'], ['base', 'head'], '/base/stacks/staging-service/cdk.tf.json'],
    [['production.yaml'], ['head'], '/none/cdk.tf.json'],
  ])('compares staging with a base that has %j', (files, synthesized, base) => {
    const directory = mkdtempSync(join(tmpdir(), 'fork-'));
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    mkdirSync(join(directory, 'base/deployments'), { recursive: true });
    for (const name of files) writeFileSync(join(directory, 'base/deployments', name), '');
    const program = (name: string, text: string) =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
    // As synth does: a deployment that is in no file is refused.
    program(
      'npm',
      `[ "$2" = synth ] || exit 0
      [ "$(basename "$PWD")" != base ] || [ -f "deployments/$LIGHTONOCR_DEPLOYMENT.yaml" ] || exit 2
      echo "synth $(basename "$LIGHTONOCR_OUT")"; mkdir -p "$LIGHTONOCR_OUT/stacks/staging-service"\n`,
    );
    program('lightonocr', 'echo "against $4"\n');
    const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', runsOf(jobs.fork!)], {
      cwd: directory,
      env: { PATH: `${bin}:${process.env.PATH}`, RUNNER_TEMP: directory, LIGHTONOCR_DEPLOYMENT: 'staging' },
      encoding: 'utf8',
    });
    expect([status, stdout.trim().split('\n')]).toEqual([
      0,
      [...synthesized.map((name) => `synth ${name}`), `against ${directory}${base}`],
    ]);
  });

  test.each([
    ['success success skipped', 0],
    ['success skipped success', 0],
    ['success failure skipped', 1],
    ['success skipped skipped', 1],
    ['success skipped failure', 1],
    ['failure skipped skipped', 1],
    ['success cancelled skipped', 1],
  ])('the check to require: synth, plan, fork: %s ends with %d', (RESULTS, code) => {
    const { status } = spawnSync('bash', ['-e', '-c', runsOf(jobs.reviewed!)], {
      env: { ...process.env, RESULTS },
    });
    expect(status).toBe(code);
    expect(jobs.reviewed!.if).toBe('always()');
  });
});

describe('reconcile.yml and drift.yml', () => {
  test('put back as the account that asks nobody; look as the one that reads', () => {
    expect(read('reconcile.yml').jobs.reconcile!.environment).toBe('${{ matrix.deployment }}-rollback');
    expect(read('drift.yml').jobs.drift!.environment).toBeUndefined();
  });

  test('a release whose runner died goes back within half an hour', () => {
    const { schedule } = read('reconcile.yml').on as { schedule: { cron: string }[] };
    const [minutes, ...rest] = schedule[0]!.cron.split(' ');
    expect(rest).toEqual(['*', '*', '*', '*']);
    const at = minutes!.split(',').map(Number);
    const gaps = at.map((minute, index) => (at[(index + 1) % at.length]! - minute + 60) % 60 || 60);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30);
    // Each run is billed on a private repository.
    expect(at).toHaveLength(2);
  });
});

describe('drift.yml, the code that was applied', () => {
  const directory = mkdtempSync(join(tmpdir(), 'drift-'));
  const git = gitIn(directory);
  const commit = (lock: string) => {
    writeFileSync(join(directory, 'package-lock.json'), lock);
    git('add', 'package-lock.json');
    git('commit', '--quiet', '--allow-empty', '-m', lock);
    return git('rev-parse', 'HEAD');
  };
  git('init', '--quiet', '--initial-branch=main');
  const commits = {
    older: commit('1'),
    old: commit('2'),
    newest: commit('2'),
    none: '',
    gone: 'f'.repeat(40),
  };
  const program = (name: string, text: string) => {
    mkdirSync(join(directory, 'bin'), { recursive: true });
    writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  program('npm', 'echo npm "$1"');

  test.each<[keyof typeof commits, keyof typeof commits, string]>([
    ['newest', 'newest', ''],
    ['none', 'newest', ''],
    ['gone', 'newest', ''],
    ['old', 'old', ''],
    ['older', 'older', 'npm ci\n'],
  ])('applied is %s: looks with %s, and prints "%s"', (applied, looksWith, printed) => {
    git('checkout', '--quiet', 'main');
    program('lightonocr', `[ "$1 $3" = 'drift --applied' ] && echo '${commits[applied]}'`);
    const { run } = stepsOf(read('drift.yml').jobs.drift!).find(
      ({ name }) => name === 'The code that was applied',
    )!;
    const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', run!], {
      cwd: directory,
      env: { ...process.env, PATH: `${join(directory, 'bin')}:${process.env.PATH}`, DEPLOYMENT: 'd' },
      encoding: 'utf8',
    });
    expect([status, stdout, git('rev-parse', 'HEAD')]).toEqual([0, printed, commits[looksWith]]);
  });
});

describe('rollback.yml', () => {
  const { concurrency, jobs } = read('rollback.yml');

  test('waits for nobody, under an identity of its own', () => {
    expect([concurrency, jobs.rollback!.concurrency]).toEqual([undefined, undefined]);
    expect(jobs.rollback!.environment).toBe('${{ inputs.deployment }}-rollback');
  });

  test.each([
    [{}, ''],
    [{ TARGET: '0123456' }, ' --to=0123456'],
    [{ NOW: 'true' }, ' --now'],
    [{ FURTHER: 'true' }, ' --further'],
  ])('hands %j on', (form, words) => {
    const folder = mkdtempSync(join(tmpdir(), 'rollback-'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/lightonocr'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    const { run } = stepsOf(jobs.rollback!).find((step) => step.run?.includes('bin/lightonocr rollback'))!;
    const env = { TARGET: '', NOW: 'false', FURTHER: 'false', REASON: 'r', DEPLOYMENT: 'd', ...form };
    const { stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', run!], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    expect(stdout).toBe(`rollback d --reason=r${words}\n`);
    rmSync(folder, { recursive: true });
  });
});
