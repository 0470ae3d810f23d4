import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BOOTSTRAP_STEPS, LOCAL_BACKEND_FILE, stateObject } from '../../domain/foundation/bootstrap';
import { bucketName, BUCKETS, STACK_KINDS } from '../../domain/names';
import { checkSteps, runStep } from '../../operate/bootstrap';
import { describeWithTerraform } from '../fixtures/realTerraform';
import { openProject, type Project } from './project';

describe('bootstrap', () => {
  let project: Project;
  let sha: string;
  /** Backends on which the Foundation's folder was made ready, and whether the local one stood in its way. */
  const inits: string[] = [];
  let applied = false;
  let killed = false;
  const call = (path: string, body: object) =>
    project.person().call('storage', { method: 'POST', path, body });
  const writeState = (resources: object[]) =>
    call(
      `/upload/storage/v1/b/${bucketName(project.deployment, 'state')}/o?uploadType=media&name=${encodeURIComponent(stateObject(project.deployment, 'foundation'))}`,
      { version: 4, resources },
    );

  /** Terraform as far as the Foundation needs it: an apply makes the buckets, a migration writes the state's object. */
  const person = () => {
    const context = project.person();
    const { terraform } = context;
    return {
      ...context,
      terraform: {
        ...terraform,
        init: async (directory: string, backend?: string) => {
          inits.push(`${backend} on ${existsSync(join(directory, LOCAL_BACKEND_FILE)) ? 'local' : 'gcs'}`);
          if (backend !== 'migrate') return;
          if (!killed) {
            killed = true;
            throw new Error('killed');
          }
          await writeState([{}]);
        },
        plan: async () => ({ changes: !applied }),
        show: async () => ({ terraform_version: '1.11.4' }),
        apply: async () => {
          applied = true;
          for (const bucket of BUCKETS)
            await call('/storage/v1/b', { name: bucketName(project.deployment, bucket) });
        },
      },
    };
  };
  const run = (step: string) => runStep(person(), step, { sha });

  beforeAll(async () => {
    project = await openProject();
    sha = await project.stage.repository.merge('first', { image: 'LABEL image=first' });
  });
  afterAll(() => project.stop());

  it('rejects a step that stands on one that is not done', async () => {
    await expect(run('foundation')).rejects.toMatchObject({ code: 'BOOTSTRAP_ORDER', exitCode: 3 });
    expect(inits).toEqual([]);
  });

  it('rejects a step that another deployment has and this one does not: `next` is not meant', async () => {
    const local = {
      ...person(),
      deployment: { ...person().deployment, state: { backend: 'local', path: 'state' } as const },
    };
    await expect(runStep(local, 'state', { sha })).rejects.toMatchObject({
      code: 'NO_SUCH_STEP',
      exitCode: 2,
      got: 'state',
      remedy: expect.stringMatching(/^one of 1 \(apis\), 2 \(foundation\), 3 \(image\), /),
    });
  });

  it('starts the Foundation on a local backend, where its bucket does not exist yet', async () => {
    expect((await run('1')).step?.id).toBe('apis');
    expect((await run('apis')).outcome).toBe('done already');
    expect((await run('next')).step?.id).toBe('foundation');
    expect(new Set(inits)).toEqual(new Set(['reconfigure on local']));
  });

  it('takes a bucket with an empty state in it for not moved: a plan that came too early leaves one', async () => {
    await writeState([]);
    expect((await checkSteps(person(), { sha })).find(({ id }) => id === 'state')?.done).toBe(false);
  });

  it('killed while the state moves, it finds the local one again and moves it', async () => {
    inits.length = 0;
    await expect(run('state')).rejects.toThrow('killed');
    expect(inits.at(-1)).toBe('migrate on gcs');
    expect((await run('next')).step?.id).toBe('state');
    expect(inits.slice(-2)).toEqual(['reconfigure on local', 'migrate on gcs']);
  });

  it('never looks at the local state again, and goes on with the image', async () => {
    inits.length = 0;
    expect((await run('next')).step?.id).toBe('image');
    expect((await run('image')).outcome).toBe('done already');
    expect(new Set(inits)).toEqual(new Set(['reconfigure on gcs']));
  });
});

describeWithTerraform('bootstrap, with the real Terraform on the local cloud', () => {
  let project: Project;
  let sha: string;
  beforeAll(async () => {
    project = await openProject();
    sha = await project.stage.repository.merge('first', { image: 'LABEL image=first' });
  });
  afterAll(() => project.stop());

  const run = (step: string) => runStep(project.person(), step, { sha });

  it('rejects a step that stands on one that is not done', async () => {
    await expect(run('service')).rejects.toMatchObject({ code: 'BOOTSTRAP_ORDER', exitCode: 3 });
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
