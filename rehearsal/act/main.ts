import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Command } from 'commander';
import { loadDeployment } from '../../deployments/load';
import { expectations } from '../expectations';
import { startLoad } from '../load';
import { goldenPage, openStage } from '../stage';
import { terraformEnvironment } from '../terraformEnvironment';
import { firstRelease } from './firstRelease';
import { startGithubApi } from './githubApi';
import type { RunWorkflow } from './play';
import { plays } from './plays';
import { WORKFLOW_DEPLOYMENT, workflowRepository } from './project';
import { runWorkflow } from './workflowRun';

const ROOT = join(__dirname, '../..');
const REPOSITORY = 'example/lightonocr';
/** How many `plays` there are; what is skipped where act is not. */
const PLAYS = 2;
/** Lines that a failed play shows of its last workflow. */
const TAIL_LINES = 60;

/** What whoever runs this may have set, and a runner has not; empty counts as not set. */
const NOBODYS_OWN = { LIGHTONOCR_TERRAFORM: '', LIGHTONOCR_ID_TOKEN: '', GOOGLE_OAUTH_ACCESS_TOKEN: '' };

/** `go install` puts programs here, often outside the PATH. */
const PATH = [process.env.PATH, join(homedir(), 'go', 'bin')].join(delimiter);

/** What `npm run rehearse:workflows --` takes. */
export const workflowsCommand = (): Command =>
  new Command('npm run rehearse:workflows --').option('--verbose', 'print what the steps print');

/**
 * The workflows themselves, run by nektos/act on this machine against the local cloud. Ends with
 * `workflows under act: N passed, N failed, N skipped`.
 */
async function run(argv: readonly string[]): Promise<number> {
  const command = workflowsCommand().parse(argv);
  const { verbose = false } = command.opts<{ verbose?: boolean }>();
  process.env.PATH = PATH;
  if (spawnSync('act', ['--version']).error) {
    process.stdout.write('skipped: act is not installed (go install github.com/nektos/act@v0.2.89)\n');
    process.stdout.write(`workflows under act: 0 passed, 0 failed, ${PLAYS} skipped\n`);
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'lightonocr-act-'));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const failed = await playAll(directory, verbose, stop.signal);
    process.stdout.write(`workflows under act: ${PLAYS - failed} passed, ${failed} failed, 0 skipped\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function playAll(directory: string, verbose: boolean, stop: AbortSignal): Promise<number> {
  const root = join(directory, 'project');
  const repository = await workflowRepository(ROOT, root, join(directory, 'state'));
  await repository.merge('the project', {});
  const deployment = loadDeployment(WORKFLOW_DEPLOYMENT, join(root, 'deployments'));
  const print = (line: string) => verbose && process.stdout.write(`  ${line}\n`);
  const stage = await openStage({ deployment, root, repository, progress: print });
  const github = await startGithubApi(REPOSITORY, deployment.name);
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  let tail: readonly string[] = [];
  let runs = 0;
  const runOnce: RunWorkflow = async (options) => {
    const result = await runWorkflow({
      ...options,
      signal: stop,
      act: 'act',
      repository: root,
      variables: {
        GCP_PROJECT: deployment.project,
        WORKLOAD_IDENTITY_PROVIDER: 'of-the-rehearsal',
      },
      github: {
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_API_URL: github.url,
        GITHUB_RUN_ID: String(++runs),
        GITHUB_ACTOR: 'rehearsal',
      },
      environment: {
        LIGHTONOCR_ENDPOINT: stage.cloud.url,
        ...endpoints(stage.cloud.url),
        ...NOBODYS_OWN,
        ACT_REHEARSAL_REPOSITORY: root,
        ACT_REHEARSAL_NPM: npm,
        ACT_REHEARSAL_PROGRAMS: join(__dirname, 'programs'),
        ACT_REHEARSAL_TERRAFORM: join(ROOT, 'rehearsal/terraform'),
        ACT_REHEARSAL_NODE_MODULES: join(ROOT, 'node_modules'),
      },
      onLine: print,
    });
    tail = result.lines.slice(-TAIL_LINES);
    stop.throwIfAborted();
    return result;
  };

  try {
    const all = plays(stage, repository, expectations(), runOnce, {
      bootstrap: (sha) => firstRelease(stage.context('owner'), sha),
      startLoad: async () => startLoad(stage.context('backend'), await goldenPage()),
    });
    for (const [index, play] of all.entries()) {
      try {
        await play.run(index + 1);
        process.stdout.write(`passed: ${play.title}\n`);
      } catch (error) {
        stop.throwIfAborted();
        const shown = verbose ? '' : `${tail.join('\n')}\n`;
        process.stdout.write(`${shown}FAILED: ${play.title}: ${String(error)}\n`);
        // The plays build on one another: those after it have not passed.
        return all.length - index;
      }
    }
    return 0;
  } finally {
    await github.stop();
    await stage.stop();
    await rm(stage.directory, { recursive: true, force: true });
  }
}

/** Where Terraform finds the local cloud; the token comes of the workflow's own sign-in. */
function endpoints(url: string): Record<string, string> {
  const { GOOGLE_OAUTH_ACCESS_TOKEN: _token, ...rest } = terraformEnvironment(url, '');
  return rest;
}

/** The process: ends with the exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  try {
    process.exit(await run(argv));
  } catch (error) {
    const stopped = (error as Error).name === 'AbortError';
    process.stderr.write(stopped ? 'stopped\n' : `${String((error as Error).stack)}\n`);
    process.exit(3);
  }
}
