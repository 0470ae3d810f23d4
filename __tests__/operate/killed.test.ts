import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from '../../domain/failure';
import { stackName } from '../../domain/names';
import { checkSteps, runStep } from '../../operate/bootstrap';
import { applyStack } from '../../operate/personStack';
import { openStage, type Stage } from '../../rehearsal/stage';
import type { ReleaseContext } from '../../release/ports/context';

/** What a SIGKILL in the middle of `terraform apply` leaves: the cloud has what was being made, the state has not. */
describe('bootstrap, killed while Terraform makes something', () => {
  let stage: Stage;
  let sha: string;
  beforeAll(async () => {
    stage = await openStage({
      progress: () => undefined,
      cloud: {
        imageEntrypoint: [process.execPath, join(__dirname, '../release/engine/fixtures/container.cjs')],
      },
    });
    sha = await stage.repository.merge('first', { image: 'LABEL image=first' });
  });
  afterAll(async () => {
    await stage.stop();
    await rm(stage.directory, { recursive: true, force: true });
  });

  const stateFile = ({ deployment, workspace }: ReleaseContext) =>
    resolve(workspace.stack('service'), `../../state/${stackName(deployment, 'service')}.tfstate`);
  const killedInApply = (): ReleaseContext => {
    const context = stage.context('person');
    const apply = async (...args: Parameters<typeof context.terraform.apply>) => {
      await context.terraform.apply(...args);
      await rm(stateFile(context));
      throw new Error('killed');
    };
    return { ...context, terraform: { ...context.terraform, apply } };
  };

  it('takes a service that it was making into the state, and goes on', async () => {
    for (const step of ['apis', 'foundation', 'image']) await runStep(stage.context('person'), step, { sha });
    await expect(runStep(killedInApply(), 'service', { sha })).rejects.toThrow();
    const made = stage.cloud.run.service('lightonocr-gpu')!;
    expect(existsSync(stateFile(stage.context('person')))).toBe(false);

    const { outcome } = await runStep(stage.context('person'), 'service', { sha });
    expect(outcome).toMatch(/is ready$/);
    expect(stage.cloud.run.service('lightonocr-gpu')!.uid).toBe(made.uid);
    expect(stage.cloud.run.revisions('lightonocr-gpu')).toHaveLength(1);
    const steps = await checkSteps(stage.context('person'), { sha });
    expect(steps.find(({ id }) => id === 'service')!.done).toBe(true);
    const planned = await stage.plan(sha);
    expect(planned.changes).toBe(false);
  });

  it('rejects a service that it did not begin to make: adopting one is a command of its own', async () => {
    const context = stage.context('person');
    await rm(stateFile(context));
    await rm(join(context.workspace.stack('service'), 'adopt.tf.json'));
    await context.ledger.update((ledger) => ({ ...ledger!, releases: [] }));
    await expect(runStep(context, 'service', { sha })).rejects.toMatchObject({
      code: 'SERVICE_NOT_IN_STATE',
      exitCode: 3,
    });
  });

  it('names the command that takes over what another stack finds there', async () => {
    const context = stage.context('person');
    const failing = (message: string): ReleaseContext['terraform'] => ({
      ...context.terraform,
      plan: async () => ({ changes: true }),
      show: async () => ({ terraform_version: '1.11.4' }),
      apply: () =>
        Promise.reject(
          new Failure({ code: 'TERRAFORM_FAILED', message, where: 'x', remedy: 'mend it', exitCode: 1 }),
        ),
    });
    const run = (message: string) => applyStack({ ...context, terraform: failing(message) }, 'foundation');
    await expect(
      run('Error creating service account: googleapi: Error 409: Service account x already exists'),
    ).rejects.toMatchObject({
      code: 'ALREADY_THERE',
      exitCode: 3,
      remedy: expect.stringMatching(/bin\/lightonocr adopt rehearsal$/),
    });
    await expect(run('googleapi: Error 403: Permission denied')).rejects.toMatchObject({
      code: 'TERRAFORM_FAILED',
    });
  });
});
