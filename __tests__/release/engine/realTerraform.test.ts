import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REVISION } from '../../../domain/releases/traffic';
import { deployRun, failureOf, planRun } from '../../../rehearsal/stage';
import { terraformEnvironment } from '../../../rehearsal/terraformEnvironment';
import type { ReleaseContext } from '../../../release/ports/context';
import { drift } from '../../../release/verbs/drift';
import { rollback } from '../../../release/verbs/rollback';
import { terraform } from '../../../release/adapters/terraform/terraform';
import { describeWithTerraform, TERRAFORM } from '../../fixtures/realTerraform';
import { after, before, killedAt } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

describeWithTerraform('the real Terraform and provider', () => {
  let directory: string;
  let engine: Engine;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'real-terraform-'));
    mkdirSync(join(directory, 'plugins'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const run = (name: string, change: Partial<ReleaseContext> = {}): ReleaseContext =>
    engine.run(name, () => ({
      terraform: terraform(TERRAFORM, {
        ...terraformEnvironment(engine.cloud.url, 'rehearsal'),
        TF_PLUGIN_CACHE_DIR: join(directory, 'plugins'),
      }),
      ...change,
    }));

  describe('on a service without a release', () => {
    beforeAll(async () => void (engine = await openEngine()));
    afterAll(() => engine.stop());

    test('lifts the taint of a first create that failed, and the next apply mends the service in place', async () => {
      const first = run('merge-a');
      const planned = await planRun(first, await engine.merge('crash-at-start'));
      let asTainted: unknown;
      const context = before(first, 'terraform', 'untaint', async () => {
        const { workspace, terraform: program } = first;
        const file = workspace.file('tainted.tfplan');
        await program.plan(workspace.stack('service'), file);
        const { resource_changes: changes } = await program.show(workspace.stack('service'), file);
        asTainted = changes?.map(({ change }) => change.actions);
      });
      expect(await endOf(applyRun(context, planned, { initLedger: true }))).toBe(
        'REVISION_NOT_READY, exit 1',
      );
      expect(asTainted).toEqual([['delete', 'create']]);
      const { uid } = engine.service();
      const good = await planRun(run('merge-b'), await engine.merge());
      expect(await endOf(applyRun(run('merge-b'), good))).toBe('done');
      expect(engine.service().uid).toBe(uid);
    });
  });

  describe('on a service that A and then B have served', () => {
    let a: Released;
    let b: Released;

    /** One step, hardly a bake: what is released only sets the scene. */
    const released = async (): Promise<Released> => {
      const sha = await engine.merge();
      const { deployment, defences } = engine.run('settings');
      const canary = {
        ...deployment.release.canary,
        steps: [{ percent: 100, bakeSeconds: 60 }],
        maxGoldenPages: 0,
      };
      const context = run(`merge-${sha.slice(0, 7)}`, {
        deployment: { ...deployment, release: { ...deployment.release, canary } },
        defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
      });
      const planned = await planRun(context, sha);
      return { sha, revision: (await deployRun(context, sha, planned, { initLedger: true })).revision };
    };

    beforeAll(async () => {
      engine = await openEngine();
      a = await released();
      b = await released();
    });
    afterAll(() => engine.stop());

    test('finds what was changed by hand, and nothing once it is as it was', async () => {
      const context = run('drift');
      const service = context.workspace.stack('service');
      // The service's stack alone: the others are for the rehearsal, which applies them.
      const look = async () => {
        const { findings } = await drift({
          ...context,
          terraform: {
            ...context.terraform,
            init: async (stack, backend) =>
              stack === service ? context.terraform.init(stack, backend) : undefined,
            plan: async (stack, ...args) =>
              stack === service ? context.terraform.plan(stack, ...args) : { changes: false },
            show: async (stack, file) =>
              stack === service ? context.terraform.show(stack, file) : { terraform_version: '' },
          },
        });
        return findings;
      };
      expect(await look()).toEqual([]);
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }, 'ingress');
      expect(await look()).toEqual([expect.stringMatching(/^service: update google_cloud_run_v2_service\./)]);
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_ALL' }, 'ingress');
      expect(await look()).toEqual([]);
    });

    test("puts a rollback back that came between the guard and the provider's write", async () => {
      const planned = await planRun(run('merge-c'), await engine.merge());
      const onCall = killedAt(run('on-call'), 'after', 'cloudRun', 'writeTraffic');
      let undone = 0;
      let context = run('merge-c');
      context = after(context, 'terraform', 'apply', () => (undone = percentOf(engine, b.revision)));
      context = before(context, 'terraform', 'apply', () => {
        void rollback(onCall.context, { to: a.revision, now: true, reason: 'test' });
        return onCall.killed.then(engine.settled);
      });
      expect(await endOf(applyRun(context, planned))).toBe('SUPERSEDED, exit 4');
      expect(undone).toBe(100); // what the provider's write alone makes of the rollback
      expect(percentOf(engine, a.revision)).toBe(100);
    });

    test('fails on an update that failed, also when Terraform has nothing to do any more', async () => {
      const serving = [a, b].find(({ revision }) => percentOf(engine, revision) === 100)!;
      const planned = await planRun(run('merge-d'), await engine.merge('crash-at-start'));
      expect(await endOf(applyRun(run('merge-d'), planned))).toBe('REVISION_NOT_READY, exit 1');
      let applies = 0;
      const again = before(run('merge-d'), 'terraform', 'apply', () => applies++);
      expect(await endOf(applyRun(again, planned))).toBe('REVISION_NOT_READY, exit 1');
      expect(applies).toBe(0);
      expect(percentOf(engine, serving.revision)).toBe(100);
    });

    test('stops with the difference where another setting was applied since the plan, which is stale', async () => {
      const [earlier, later] = [await engine.merge(), await engine.merge()];
      const planned = await planRun(run('merge-f'), later);
      const { deployment } = engine;
      const shorter = run('merge-e', { deployment: { ...deployment, requestTimeoutSeconds: 1800 } });
      expect(await endOf(applyRun(shorter, await planRun(shorter, earlier)))).toBe('done');
      expect(await failureOf(applyRun(run('merge-f'), planned))).toMatchObject({
        code: 'PLAN_CHANGED',
        exitCode: 3,
        got: expect.stringContaining('timeout: "1800s" -> "3600s"'),
      });
      expect(engine.revisions()).not.toContain(planned.revision);
    });

    test('pins traffic that follows LATEST to what serves: the new revision gets none', async () => {
      const { revision } = await released();
      const planned = await planRun(run('merge-g'), await engine.merge());
      await engine.byHand({ traffic: [] }, 'traffic');
      expect(await endOf(applyRun(run('merge-g'), planned))).toBe('done');
      expect(engine.revisions()).toContain(planned.revision);
      expect(engine.service().traffic).toEqual([{ type: REVISION, revision, percent: 100 }]);
    });
  });
});
