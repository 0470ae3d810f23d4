import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { program } from '../../bin/cli';
import { dropLease } from '../../domain/releases/ledger';
import { bucketName } from '../../domain/names';
import { placeholderIdentity } from '../../domain/plan/placeholder';
import { LATEST, REVISION } from '../../domain/releases/traffic';
import type { ReleaseContext } from '../../release/ports/context';
import { planManualStacks } from '../../release/checks/manualStacks';
import type { OpenOptions } from '../../release/open';
import { deploymentStacks } from '../../stacks/deploymentStacks';
import { githubHub } from '../fixtures/github';
import { type Engine, openEngine, type Released } from '../release/engine/engine';

/** What a command opens: the engine's own context instead of Google's public APIs. */
let mockOpened: ((options: OpenOptions) => ReleaseContext) | undefined;
jest.mock('../../release/open', () => {
  const real = jest.requireActual<typeof import('../../release/open')>('../../release/open');
  return {
    ...real,
    // The engine opens its own with an environment that is handed in.
    openRelease: (options: OpenOptions) =>
      ((options.environment === undefined && mockOpened) || real.openRelease)(options),
  };
});

/** The commands as a workflow calls them, against the local cloud and a GitHub of their own. */
describe('with a service that has released', () => {
  const environment = process.env;
  let engine: Engine;
  let directory: string;
  let released: Released;
  let hub: ReturnType<typeof githubHub>;
  let printed: string;

  /** Every stack, as `npm run synth` writes them. */
  const open = (name: string, deployment = engine.deployment) =>
    engine.run(name, ({ workspace }) => ({
      deployment,
      workspace: {
        ...workspace,
        async synth(identity) {
          const outdir = workspace.file('.');
          mkdirSync(outdir, { recursive: true });
          const app = new App({ outdir, stackTraces: false });
          deploymentStacks(app, deployment, identity);
          app.synth();
        },
      },
    }));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cloud-commands-'));
    engine = await openEngine({ real: true });
    released = await engine.release({ initLedger: true });
    // What a person applies.
    const person = open('owner');
    await person.workspace.synth(placeholderIdentity(engine.deployment));
    for (const { stack, changes } of await planManualStacks(person, { refresh: true }))
      if (changes)
        await person.terraform.apply(person.workspace.stack(stack), person.workspace.file(`${stack}.tfplan`));
  });
  afterAll(async () => {
    await engine.stop();
    await rm(directory, { recursive: true });
  });

  beforeEach(async () => {
    hub = githubHub();
    printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)) !== '');
    mockOpened = ({ deployment: { name } }) => open(name);
    process.env = {
      ...environment,
      GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
      GITHUB_OUTPUT: join(directory, 'output'),
      GITHUB_API_URL: await hub.open(),
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_TOKEN: 't',
      GITHUB_REF: 'refs/pull/7/merge',
    };
    await Promise.all(['summary.md', 'output'].map((name) => writeFile(join(directory, name), '')));
  });
  afterEach(async () => {
    process.env = environment;
    mockOpened = undefined;
    jest.restoreAllMocks();
    await hub.close();
  });

  const run = (...words: string[]) => program().parseAsync(words, { from: 'user' });
  const written = (name: string) => readFile(join(directory, name), 'utf8');

  describe('lightonocr gate', () => {
    const reviewers = { type: 'required_reviewers', reviewers: [{ type: 'Team' }] };

    test('says who is asked, and warns of code owners whom GitHub does not know', async () => {
      hub.environments.rehearsal = { protection_rules: [reviewers] };
      hub.codeowners.errors = [{ line: 2, kind: 'Unknown owner', source: '* @OWNER/ocr' }];
      await run('gate', 'rehearsal');
      expect(printed).toMatch(
        /^a deploy to rehearsal waits: required_reviewers\nwarning: CODEOWNERS .*@OWNER\/ocr\n$/,
      );
      expect(await written('summary.md')).toContain('- warning: `CODEOWNERS asks nobody');
    });

    test.each([
      ['without a word', []],
      ['with the word for another environment', ['--allow-ungated=staging']],
      ['with an empty word, as a variable that is not set makes it', ['--allow-ungated=']],
    ])('rejects an environment without a rule, %s', async (_what, words) => {
      hub.environments.rehearsal = { protection_rules: [{ type: 'branch_policy' }] };
      await expect(run('gate', 'rehearsal', ...words)).rejects.toMatchObject({
        code: 'NO_GATE',
        exitCode: 3,
      });
      expect(await written('summary.md')).toContain('**NO_GATE**');
    });

    test.each(['rehearsal', 'staging,rehearsal', 'staging, rehearsal'])(
      'lets "%s" pass on purpose',
      async (names) => {
        await run('gate', 'rehearsal', `--allow-ungated=${names}`);
        expect(printed).toContain('nobody approves a deploy to rehearsal; that is allowed on purpose');
      },
    );
  });

  describe('lightonocr preview', () => {
    test('comments once on the service of a pull request, and keeps no plan', async () => {
      const sha = await engine.merge();
      const plans = () => engine.cloud.storage.list(bucketName(engine.deployment, 'plans'));
      const before = plans();
      await run('preview', 'rehearsal', '--sha', sha, '--github', '--refuse-destroys');
      await run('preview', 'rehearsal', '--sha', sha, '--github', '--refuse-destroys');
      expect(hub.writes).toEqual(['POST /issues/7/comments']);
      expect(hub.comments[0]!.body).toContain('new revision lightonocr-gpu-');
      expect(printed).toMatch(/^rehearsal access: no changes/m);
      expect(plans()).toEqual(before);
      expect(engine.revisions()).toEqual([released.revision]);
    });

    test('rejects a destroy once it has commented, and not where that is meant', async () => {
      const sha = await engine.merge();
      const nobody = { ...engine.deployment, access: { ...engine.deployment.access, invokers: [] } };
      mockOpened = () => open('nobody', nobody);
      const preview = ['preview', 'rehearsal', '--sha', sha, '--github'];
      await expect(run(...preview, '--refuse-destroys')).rejects.toMatchObject({
        code: 'PLAN_DESTROYS',
        exitCode: 3,
      });
      expect(hub.comments.map(({ body }) => body)).toEqual([
        expect.stringMatching(
          /^### `rehearsal`: 2 stacks change$[^]*- \*\*access\*\*: \*\*1 destroyed or replaced/m,
        ),
      ]);
      await run(...preview);
    });

    test('rejects a working copy that is not the commit', async () => {
      await engine.merge();
      await expect(run('preview', 'rehearsal', '--sha', released.sha)).rejects.toMatchObject({
        code: 'NOT_THE_COMMIT',
        exitCode: 2,
      });
    });
  });

  describe('lightonocr drift', () => {
    const drift = (...words: string[]) => run('drift', 'rehearsal', ...words);
    const pinned = { type: REVISION, revision: '', percent: 100 };
    afterEach(async () => {
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_ALL' }, 'ingress');
      await engine.byHand({ traffic: [{ ...pinned, revision: released.revision }] }, 'traffic');
    });

    test('finds none after a release, opens no issue, and changes nothing', async () => {
      const { generation } = engine.service();
      await drift('--github');
      expect(printed).toBe('no drift\n');
      expect(await written('output')).toBe('drift=false\n');
      expect([hub.issues, engine.service().generation]).toEqual([[], generation]);
    });

    test('--applied prints the commit whose code it wants, and no more', async () => {
      await drift('--applied');
      expect(printed).toBe(`${released.sha}\n`);
    });

    test('keeps one issue while something was changed by hand, and closes it when that is gone', async () => {
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }, 'ingress');
      await drift('--github');
      await drift('--github');
      expect(hub.issues).toHaveLength(1);
      expect(hub.issues[0]).toMatchObject({
        body: expect.stringContaining('service: update google_cloud_run_v2_service'),
      });
      expect(hub.issues[0]!.body).toContain(
        '- ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY"\n+ ingress: "INGRESS_TRAFFIC_ALL"',
      );
      expect(await written('output')).toContain('drift=true\n');
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_ALL' }, 'ingress');
      await drift('--github');
      expect(hub.issues[0]!.state).toBe('closed');
    });

    test('finds traffic that is not as intended, without a change of any stack', async () => {
      await engine.byHand({ traffic: [{ type: LATEST, percent: 100 }] }, 'traffic');
      await drift();
      expect(printed).toMatch(/^traffic: it follows the latest revision, .*\n$/); // which is the intended one today
      const other = await engine.release();
      await engine.byHand({ traffic: [{ ...pinned, revision: released.revision }] }, 'traffic');
      await drift();
      expect(printed).toContain(
        `traffic: ${released.revision} 100 %, and the ledger means ${other.revision} to serve`,
      );
      released = other;
    });

    test('leaves an open issue alone while a release is at work', async () => {
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }, 'ingress');
      await drift('--github');
      const { ledger, clock } = engine.run('release');
      const expiresAt = new Date(clock.now().getTime() + 600_000).toISOString();
      const { epoch } = (await ledger.read())!;
      await ledger.update((found) => ({ ...found!, lease: { holder: 'run-9', epoch, expiresAt } }));
      await drift('--github');
      expect(printed).toContain('not looked at: run-9 is at work');
      expect(hub.issues[0]!.state).toBeUndefined();
      await ledger.update((found) => dropLease(found!, found!.lease!));
    });
  });

  describe('lightonocr plan --check-stacks', () => {
    test('rejects a first release, before there is a plan that somebody could approve', async () => {
      const sha = await engine.merge();
      await run('build', 'rehearsal', '--sha', sha);
      const context = open('first');
      const ledger = { ...context.ledger, read: async () => undefined };
      mockOpened = () => ({ ...context, ledger });
      const planning = run('plan', 'rehearsal', '--sha', sha, '--check-stacks');
      await expect(planning).rejects.toMatchObject({
        code: 'NO_LEDGER',
        exitCode: 3,
        remedy: expect.stringContaining('bin/lightonocr bootstrap rehearsal --run next'),
      });
      expect(await written('output')).not.toContain('plan=');
    });
  });

  describe('lightonocr plan --push', () => {
    const older = () => open('look').git.resolve(`${released.sha}^`);
    beforeEach(() => {
      mockOpened = ({ deployment: { name } }) => {
        const context = open(name);
        return { ...context, git: { ...context.git, needCheckedOut: () => Promise.resolve() } };
      };
    });

    test('stops where a newer commit was applied, before there is anything to approve', async () => {
      await run('plan', 'rehearsal', '--sha', await older(), '--push', '--superseded-ok');
      expect(printed).toMatch(/^superseded: A newer commit has been applied already: /);
      expect(await written('output')).toBe('superseded=true\n');
    });

    test('without it goes on: a person may release an older commit', async () => {
      await expect(run('plan', 'rehearsal', '--sha', await older())).rejects.toMatchObject({
        code: 'NO_IMAGE',
      });
    });
  });

  describe('lightonocr apply', () => {
    test('rejects a working copy that is not the commit of the plan, before it touches anything', async () => {
      const sha = await engine.merge();
      await run('build', 'rehearsal', '--sha', sha);
      await run('plan', 'rehearsal', '--sha', sha);
      const outputs = await written('output');
      const output = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(outputs)![1]!;
      const words = ['--plan', output('plan'), '--fingerprint', output('fingerprint')];
      const before = [engine.service().generation, await engine.run('look').ledger.read()];
      await engine.merge();
      await expect(run('apply', 'rehearsal', ...words)).rejects.toMatchObject({
        code: 'NOT_THE_COMMIT',
        exitCode: 2,
      });
      expect([engine.service().generation, await engine.run('look').ledger.read()]).toEqual(before);

      execFileSync('git', ['-C', engine.repository.directory, 'checkout', '--quiet', sha]);
      await run('apply', 'rehearsal', ...words);
      expect(printed).toContain(`applied: ${engine.revisions().at(-1)} is ready`);
    });
  });
});
