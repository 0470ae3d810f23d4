import { SERVICE_TYPE } from '../../../domain/plan/plan';
import { LATEST, REVISION } from '../../../domain/releases/traffic';
import { failureOf, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';
import type { PlanResult } from '../../../release/verbs/plan';
import { rollback } from '../../../release/verbs/rollback';
import { after, before, killedAt } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

const NO_GUARD = { planDrift: () => [], applyDrift: () => [] };

describe('apply', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  let planned: PlanResult;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  /** A and B have served, B serves, and C is planned. */
  beforeEach(async () => {
    ({ a, b } = await engine.twoReleases());
    const sha = await engine.merge();
    planned = await planRun(engine.run('merge-c'), sha);
  });

  const unguarded = ({ defences }: ReleaseContext) => ({ defences: { ...defences, guard: NO_GUARD } });
  const handMove = (to: Released) => () =>
    engine.byHand({ traffic: [{ type: REVISION, revision: to.revision, percent: 100 }] }, 'traffic');
  const exists = () => engine.revisions().includes(planned.revision);
  const serving = () => [a, b].find(({ revision }) => percentOf(engine, revision) === 100);

  describe('after a rollback between plan and apply', () => {
    beforeEach(() => rollback(engine.run('on-call'), { to: a.revision, now: true, reason: 'test' }));

    test('goes on with the approved fingerprint and leaves traffic where the rollback put it', async () => {
      expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('done');
      expect(exists()).toBe(true);
      expect(serving()).toBe(a);
    });

    test('without the guard undoes the rollback', async () => {
      expect(await endOf(applyRun(engine.run('merge-c', unguarded), planned))).toBe('done');
      expect(serving()).toBe(b);
    });
  });

  test("puts a rollback back that came between the guard and Terraform's write", async () => {
    const onCall = killedAt(engine.run('on-call'), 'after', 'cloudRun', 'writeTraffic');
    let undone: Released | undefined;
    let context = engine.run('merge-c');
    context = after(context, 'terraform', 'apply', () => (undone = serving()));
    context = before(context, 'terraform', 'apply', () => {
      void rollback(onCall.context, { to: a.revision, now: true, reason: 'test' });
      return onCall.killed.then(engine.settled);
    });
    expect(await endOf(applyRun(context, planned))).toBe('SUPERSEDED, exit 4');
    expect(undone).toBe(b); // what Terraform's write alone makes of the rollback
    expect(serving()).toBe(a);
    const { intent, epoch } = await engine.ledger();
    expect(intent).toMatchObject({ revision: a.revision, by: 'on-call', epoch });
  });

  describe('when traffic is moved by hand during the apply', () => {
    test("stops, after Terraform's write, with traffic as desired", async () => {
      const context = after(engine.run('merge-c'), 'terraform', 'apply', handMove(a));
      expect(await endOf(applyRun(context, planned))).toBe('WRITTEN_BY_OTHERS, exit 3');
      expect(serving()).toBe(b);
      expect((await engine.ledger()).intent).toMatchObject({ revision: b.revision });
    });

    test("goes on where Terraform's write has undone it: a retry of its own looks just so", async () => {
      const context = before(engine.run('merge-c'), 'terraform', 'apply', handMove(a));
      expect(await endOf(applyRun(context, planned))).toBe('done');
      expect(serving()).toBe(b);
    });

    test('without the guard ends well with traffic where nobody meant it', async () => {
      const context = after(engine.run('merge-c', unguarded), 'terraform', 'apply', handMove(a));
      expect(await endOf(applyRun(context, planned))).toBe('done');
      expect(serving()).toBe(a);
    });
  });

  describe('when the service is written by hand between plan and apply', () => {
    afterEach(() => engine.byHand({ ingress: 'INGRESS_TRAFFIC_ALL' }, 'ingress'));

    test('plans again and goes on where the change is the approved one', async () => {
      const tag = { type: REVISION, revision: a.revision, tag: 'look' };
      await engine.byHand({ traffic: [...engine.service().traffic, tag] }, 'traffic');
      let plans = 0;
      const context = before(engine.run('merge-c'), 'terraform', 'plan', () => plans++);
      expect(await endOf(applyRun(context, planned))).toBe('done');
      expect(plans).toBe(1);
      expect(engine.service().traffic).toContainEqual(expect.objectContaining(tag));
      expect(serving()).toBe(b);
    });

    test('stops where traffic was moved, and writes nothing: somebody may have had a reason', async () => {
      await handMove(a)();
      expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('TRAFFIC_MOVED_BY_HAND, exit 3');
      expect(exists()).toBe(false);
      expect(serving()).toBe(a);
    });

    test('stops and shows the difference where it is another change', async () => {
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }, 'ingress');
      const failure = await failureOf(applyRun(engine.run('merge-c'), planned));
      expect(failure).toMatchObject({ code: 'PLAN_CHANGED', exitCode: 3 });
      expect(failure!.toString()).toContain(
        'ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY" -> "INGRESS_TRAFFIC_ALL"',
      );
      expect(exists()).toBe(false);
      expect(serving()).toBe(b);
    });

    test('without the guard overwrites what nobody approved', async () => {
      await engine.byHand({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' }, 'ingress');
      const { generation } = engine.service();
      expect(await endOf(applyRun(engine.run('merge-c', unguarded), planned))).toBe('done');
      expect(engine.service()).toMatchObject({ ingress: 'INGRESS_TRAFFIC_ALL' });
      expect(engine.service().generation).not.toBe(generation);
    });
  });

  describe('when a sensitive value is another one in the plan that is made again', () => {
    /** Terraform, whose plans hold a password beside what they change: this one when planned, that one when planned again. */
    const withPassword = (name: string, planned: string, again: string) =>
      engine.run(name, ({ terraform }) => ({
        terraform: {
          ...terraform,
          async show(directory, file) {
            const json = await terraform.show(directory, file);
            const password = file.endsWith('approved.tfplan') ? planned : again;
            const { change } = json.resource_changes!.find(({ type }) => type === SERVICE_TYPE)!;
            Object.assign(change.after as object, { password });
            Object.assign(change, {
              after_sensitive: { ...(change.after_sensitive as object), password: true },
            });
            return json;
          },
        },
      }));
    const appliedAfterRollback = async (again: string) => {
      planned = await planRun(withPassword('merge-c', 'hunter1', 'hunter1'), await engine.merge());
      await rollback(engine.run('on-call'), { to: a.revision, now: true, reason: 'test' });
      return failureOf(applyRun(withPassword('merge-c', 'hunter1', again), planned));
    };

    test('stops, although both have one fingerprint, and shows neither', async () => {
      const failure = await appliedAfterRollback('hunter2');
      expect(failure).toMatchObject({ code: 'PLAN_CHANGED', exitCode: 3 });
      expect(failure!.got).toMatch(/^\n~ \S+\.password: another sensitive value/);
      expect(failure!.toString()).not.toContain('hunter');
      expect(exists()).toBe(false);
    });

    test('goes on where it is the approved one', async () => {
      expect(await appliedAfterRollback('hunter1')).toBeUndefined();
      expect(exists()).toBe(true);
    });
  });

  describe('when traffic follows LATEST', () => {
    beforeEach(async () => {
      b = await engine.release(); // the latest revision
      planned = await planRun(engine.run('merge-c'), await engine.merge());
      await engine.byHand({ traffic: [] }, 'traffic');
    });

    test('pins it to the serving revision, and the new one gets nothing', async () => {
      expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('done');
      expect(exists()).toBe(true);
      expect(engine.service().traffic).toEqual([{ type: REVISION, revision: b.revision, percent: 100 }]);
    });

    test('stops where LATEST is what a rollback left, which stays rolled back', async () => {
      await rollback(engine.run('on-call'), { to: a.revision, now: true, reason: 'tables come out empty' });
      await engine.byHand({ traffic: [] }, 'traffic');
      expect(engine.service()).toMatchObject({ latestReadyRevision: expect.stringContaining(b.revision) });
      const { intent, holds } = await engine.ledger();
      expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('TRAFFIC_MOVED_BY_HAND, exit 3');
      expect(exists()).toBe(false);
      expect(await engine.ledger()).toMatchObject({ intent, holds });
      expect(intent?.revision).toBe(a.revision);
    });

    test('unpinned it gives the new revision everything at once', async () => {
      const pinned = [{ type: REVISION, revision: b.revision, percent: 100 }];
      const blind = engine.run('merge-c', ({ cloudRun }) => ({
        cloudRun: { ...cloudRun, service: async () => ({ ...(await cloudRun.service())!, traffic: pinned }) },
      }));
      let then = {};
      const context = after(blind, 'terraform', 'apply', () => (then = engine.service()));
      await endOf(applyRun(context, planned));
      expect(then).toMatchObject({
        latestReadyRevision: expect.stringContaining(planned.revision),
        trafficStatuses: [{ type: LATEST, percent: 100 }],
      });
    });
  });
});
