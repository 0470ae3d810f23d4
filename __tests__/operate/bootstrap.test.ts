import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BOOTSTRAP_STEPS, stateObject } from '../../domain/bootstrap';
import { bucketName, STACK_KINDS } from '../../domain/names';
import { checkSteps, runStep } from '../../operate/bootstrap';
import { describeWithTerraform } from '../fixtures/realTerraform';
import { openProject, type Project } from './project';

// Applies every stack with the real Terraform; the provider alone waits 10 s for each new account.
jest.setTimeout(600_000);

describeWithTerraform('bootstrap, with the real Terraform on the local cloud', () => {
  let project: Project;
  let sha: string;
  beforeAll(async () => {
    project = await openProject();
    sha = await project.stage.repository.merge('first', { image: 'LABEL image=first' });
  });
  afterAll(() => project.stop());

  const run = (step: string) => runStep(project.person(), step, { sha });

  it('rejects a step that stands on one that is not done, and one that does not exist', async () => {
    await expect(run('service')).rejects.toMatchObject({ code: 'BOOTSTRAP_ORDER', exitCode: 3 });
    await expect(run('9')).rejects.toMatchObject({ code: 'NO_SUCH_STEP', exitCode: 2 });
    expect(project.stage.cloud.resources()).toEqual([]);
  });

  it('takes an empty project to a service that serves, one step at a time, each known as done afterwards', async () => {
    expect((await checkSteps(project.person(), { sha })).filter(({ done }) => done)).toEqual([]);
    for (const [index, id] of BOOTSTRAP_STEPS.entries()) {
      // `next` is the first that is not done: every step before this one is seen to be.
      expect((await run('next')).step?.id).toBe(id);
      // Once the state is in its bucket nothing on this machine is needed: here it is lost after every step.
      if (index >= BOOTSTRAP_STEPS.indexOf('state'))
        await rm(join(project.stage.directory, 'stacks'), { recursive: true });
    }
    expect(await project.stage.traffic()).toMatch(/^\S+ 100 %$/);
    expect((await run('foundation')).outcome).toBe('done already');
  });

  it('has the state of every stack in the bucket', () => {
    const objects = project.stage.cloud.storage.list(bucketName(project.deployment, 'state'));
    const stacks = [...STACK_KINDS].sort();
    expect(objects).toEqual(stacks.map((kind) => stateObject(project.deployment, kind)));
  });
});
