import type { Action, TerraformPlan } from '../../domain/plan/plan';
import { expectations } from '../../rehearsal/expectations';
import { liftProtection } from '../../rehearsal/liftProtection';
import { platform } from '../../rehearsal/platform';
import { deployRun, planRun } from '../../rehearsal/stage';
import type { Step } from '../../rehearsal/scenario';
import { describeWithTerraform } from '../fixtures/realTerraform';
import { openProject, type Project } from '../operate/project';

describe('liftProtection', () => {
  it('lifts what refuses, and says nothing of the rest', () => {
    const resource = {
      google_storage_bucket: {
        state: { name: 's', lifecycle: { prevent_destroy: true } },
        logs: { name: 'l' },
      },
      google_service_account: { a: { account_id: 'a', lifecycle: { ignore_changes: ['description'] } } },
      google_cloud_run_v2_service: { ocr: { name: 'ocr', lifecycle: { ignore_changes: ['traffic'] } } },
    };
    expect(liftProtection({ resource })).toEqual({
      resource: {
        google_storage_bucket: {
          state: { force_destroy: true, lifecycle: { prevent_destroy: false } },
          logs: { force_destroy: true },
        },
        google_cloud_run_v2_service: { ocr: { deletion_protection: false } },
      },
    });
  });

  it('says nothing of a stack without resources', () => {
    expect(liftProtection({})).toEqual({ resource: {} });
  });
});

describe('platform', () => {
  let project: Project;
  beforeAll(async () => {
    project = await openProject({ state: { backend: 'local', path: '../../state' } });
  });
  afterAll(() => project.stop());

  /** A Terraform that plans these changes whatever was applied, and applies and destroys whatever it is told to. */
  function withTerraform(actions: Action[]) {
    const change = { address: 'google_x.y', type: 'google_x', change: { actions } };
    const plan: TerraformPlan = { terraform_version: '1.11.4', resource_changes: [change] };
    const person = () => {
      const context = project.person();
      const calls = {
        init: async () => {},
        apply: async () => {},
        show: async () => plan,
        untaint: async () => {},
      };
      return {
        ...context,
        terraform: { ...context.terraform, ...calls, plan: async () => ({ changes: true }) },
      };
    };
    return platform({ ...project.stage, context: person }, expectations(), 10);
  }

  it('rejects a stack that has something to do after its apply', async () => {
    const [foundation] = withTerraform(['update']).before;
    await expect(foundation!.run()).rejects.toMatchObject({
      expectation: { step: 0, text: 'a second plan of foundation has no changes', got: '["google_x.y"]' },
    });
  });

  it('rejects a plan that would destroy something, before anything is applied', async () => {
    const [foundation] = withTerraform(['delete', 'create']).before;
    await expect(foundation!.run()).rejects.toMatchObject({ code: 'PLAN_WOULD_DESTROY', exitCode: 3 });
  });
});

describeWithTerraform('platform, with the real Terraform on the local cloud', () => {
  let project: Project;
  let steps: { before: Step[]; after: Step[] };
  beforeAll(async () => {
    project = await openProject({ state: { backend: 'local', path: '../../state' } });
    const { stage, person } = project;
    steps = platform({ ...stage, context: person }, expectations(), 10);
  });
  afterAll(() => project.stop());

  it('applies every stack in bootstrap order around a release, finds nothing left to do, and takes all of it away', async () => {
    for (const { run } of steps.before) await run();
    const { stage, person } = project;
    const sha = await stage.repository.merge('first', { image: 'LABEL image=first' });
    await deployRun(person(), sha, await planRun(person(), sha), { initLedger: true });
    for (const { run } of steps.after) await run();
    expect(stage.cloud.resources()).toEqual([]);
  });
});
