import { failureOf, planRun } from '../../../rehearsal/stage';
import { release } from '../../../release/verbs/release';
import { before, killedAt } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

describe('apply', () => {
  let engine: Engine;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ b } = await engine.twoReleases()));

  describe('of an image that crashes at its start', () => {
    test('fails each time, under a new name, and leaves traffic alone', async () => {
      const sha = await engine.merge('crash-at-start');
      const names = [];
      for (const run of ['merge-c', 'again']) {
        const planned = await planRun(engine.run(run), sha);
        names.push(planned.revision);
        const failure = await failureOf(applyRun(engine.run(run), planned));
        expect(failure).toMatchObject({ code: 'REVISION_NOT_READY', exitCode: 1 });
        // That reads its log, its condition and the quota, and knows the project: a bare gcloud does not.
        expect(failure!.remedy).toContain(
          `bin/lightonocr troubleshoot ${engine.deployment.name} --revision ${planned.revision};`,
        );
      }
      expect(names[1]).toBe(`${names[0]}-2`);
      expect(engine.revisions()).toEqual(expect.arrayContaining(names));
      expect(percentOf(engine, b.revision)).toBe(100);
      expect((await engine.ledger()).releases[0]).toMatchObject({ sha, state: 'failed' });
    });

    describe('run again with the plan that failed', () => {
      let rerun: (ready: boolean) => Promise<string>;
      beforeEach(async () => {
        const planned = await planRun(engine.run('merge-c'), await engine.merge('crash-at-start'));
        await endOf(applyRun(engine.run('merge-c'), planned));
        rerun = (believed) => {
          const context = engine.run('merge-c', ({ cloudRun }) => ({
            cloudRun: {
              ...cloudRun,
              revision: async (name) => {
                const found = (await cloudRun.revision(name))!;
                return believed ? { ...found, ready: 'yes' } : found;
              },
            },
          }));
          return endOf(applyRun(context, planned));
        };
      });

      test('fails although Terraform has nothing to do', async () => {
        expect(await rerun(false)).toBe('REVISION_NOT_READY, exit 1');
      });

      test('would end well if nobody looked at the revision', async () => {
        expect(await rerun(true)).toBe('done');
      });
    });
  });

  describe('killed after Terraform has written', () => {
    let rerun: (forgets?: boolean) => Promise<string>;
    let revision: string;
    let sha: string;
    beforeEach(async () => {
      sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      ({ revision } = planned);
      const { context, killed } = killedAt(engine.run('merge-c'), 'after', 'terraform', 'apply');
      void applyRun(context, planned);
      await killed;
      expect((await engine.ledger()).releases[0]).toMatchObject({ sha, state: 'applying' });
      rerun = async (forgets = false) => {
        if (forgets) {
          const { ledger } = engine.run('forgets');
          await ledger.update((found) => ({ ...found!, releases: found!.releases.slice(1) }));
        }
        return endOf(applyRun(engine.run('merge-c'), planned));
      };
    });

    test('goes on when it is run again, and the release goes through', async () => {
      expect(await rerun()).toBe('done');
      await release(engine.run('merge-c'), { sha });
      expect(percentOf(engine, revision)).toBe(100);
    });

    test('could not tell its own work from a change that nobody approved without the ledger', async () => {
      expect(await rerun(true)).toBe('PLAN_CHANGED, exit 3');
      expect(percentOf(engine, b.revision)).toBe(100);
    });

    test('and once more after it has ended well changes nothing', async () => {
      await rerun();
      const { generation } = engine.service();
      expect(await rerun()).toBe('done');
      expect(engine.service().generation).toBe(generation);
    });
  });

  describe('of a commit that a newer one has overtaken', () => {
    let older: string;
    let newer: string;
    beforeEach(async () => {
      older = await engine.merge();
      newer = await engine.merge();
    });
    const deploy = async (sha: string, push = true) =>
      endOf(applyRun(engine.run(sha), await planRun(engine.run(sha), sha), { push }));

    test('is superseded for a merge', async () => {
      expect(await deploy(newer)).toBe('done');
      const { generation } = engine.service();
      expect(await deploy(older)).toBe('SUPERSEDED_SHA, exit 4');
      expect(engine.service().generation).toBe(generation);
    });

    test('is allowed by hand', async () => {
      expect(await deploy(newer)).toBe('done');
      expect(await deploy(older, false)).toBe('done');
    });

    test('is superseded also when the newer one goes first while it waits for the lease', async () => {
      const planned = await planRun(engine.run(older), older);
      const waiting = before(engine.run(older), 'ledger', 'update', () => deploy(newer));
      expect(await endOf(applyRun(waiting, planned))).toBe('SUPERSEDED_SHA, exit 4');
      expect(engine.revisions()).not.toContain(planned.revision);
      expect(percentOf(engine, b.revision)).toBe(100);
    });
  });
});
