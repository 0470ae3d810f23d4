import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { environmentFile } from '../../deployments/environmentFile';
import { loadDeployment } from '../../deployments/load';
import { Failure } from '../../domain/failure';
import { openRelease, type OpenOptions } from '../../release/open';
import { createRepository } from '../repository';
import { ACCESS_TOKEN, DEPLOYMENT, deployRun, openStage, planRun } from '../stage';
import { terraformEnvironment } from '../terraformEnvironment';

/** What the sandbox tells whoever started it. */
export type SandboxMessage =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'ready'; readonly url: string; readonly pid: number }
  | { readonly kind: 'failed'; readonly text: string; readonly exitCode: number };

const ROOT = join(__dirname, '../..');
const tell = (message: SandboxMessage) => process.connected && process.send?.(message);

/**
 * A local cloud that stays: an older image has served on it, and now serves the commit that is checked out, so that a rollback
 * has somewhere to go. What a command needs to find it is in the deployment's file of variables; that file goes with the cloud.
 */
async function start(): Promise<void> {
  const deployment = loadDeployment(DEPLOYMENT);
  const progress = (line: string) => void tell({ kind: 'progress', line });
  const file = environmentFile(ROOT, DEPLOYMENT);
  const own = join(dirname(file), DEPLOYMENT);
  await rm(own, { recursive: true, force: true }); // stacks and state of an earlier sandbox
  const stage = await openStage({ deployment, progress });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const left = [file, own, stage.directory].map((path) => rm(path, { recursive: true, force: true }));
      void Promise.allSettled([stage.stop(), ...left]).then(() => process.exit(0));
    });
  }
  const { url } = stage.cloud;
  const variables = {
    ...terraformEnvironment(url, ACCESS_TOKEN, deployment.terraform.google),
    LIGHTONOCR_ENDPOINT: url,
    LIGHTONOCR_TERRAFORM: stage.terraform,
    LIGHTONOCR_INVOKER: `deployer@${deployment.project}.iam.gserviceaccount.com`,
  };
  await mkdir(dirname(file), { recursive: true });
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
  await writeFile(file, lines.join(''));

  const before = await createRepository(ROOT, join(stage.directory, 'before'));
  await release(
    { deployment, progress, repository: before.directory },
    await before.merge('the release before', { image: 'LABEL sandbox=before' }),
  );
  await release({ deployment, progress });
  tell({ kind: 'ready', url, pid: process.pid });
  process.disconnect();
}

/** Build, plan, apply and release, as one would type them. @param sha default what is checked out. */
async function release(options: OpenOptions, sha?: string): Promise<void> {
  const context = openRelease(options);
  const commit = sha ?? (await context.git.resolve('HEAD'));
  await context.git.needCheckedOut(commit);
  await deployRun(context, commit, await planRun(context, commit), { initLedger: true, push: false });
}

export function main(): void {
  start().catch((error: unknown) => {
    const text = error instanceof Failure ? error.toString() : String((error as Error).stack);
    tell({ kind: 'failed', text, exitCode: error instanceof Failure ? error.exitCode : 3 });
    process.kill(process.pid, 'SIGTERM');
  });
}
