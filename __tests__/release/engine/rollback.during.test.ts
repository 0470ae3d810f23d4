import { restart } from '../../../operate/restart';
import { deployRun, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';
import { release } from '../../../release/verbs/release';
import { rollback, type RollbackOptions, type RollbackResult } from '../../../release/verbs/rollback';
import { before, killedAt } from './between';
import {
  applyRun,
  endOf,
  type Engine,
  healthyOnceMeasured,
  openEngine,
  percentOf,
  type Released,
} from './engine';

describe('a bare rollback', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  // The service has to have the template that serves, as it has after a release.
  beforeEach(async () => {
    ({ b: a } = await engine.twoReleases());
    b = await engine.release();
  });

  const oneStep = ({ deployment, ...context }: ReleaseContext): Partial<ReleaseContext> => {
    const { canary } = deployment.release;
    const steps = [{ percent: 100, bakeSeconds: 60 }];
    return {
      ...healthyOnceMeasured({ deployment, ...context }),
      deployment: { ...deployment, release: { ...deployment.release, canary: { ...canary, steps } } },
    };
  };
  const held = async () => (await engine.ledger()).holds.map(({ revision }) => revision);
  /** What a bare rollback said and came to, and the writes of traffic that it had made when it said it. */
  const watched = (options: Partial<RollbackOptions> = {}) => {
    const said: { line: string; writes: number }[] = [];
    let writes = 0;
    const onCall = engine.run('on-call', ({ cloudRun }) => ({
      progress: (line) => said.push({ line, writes }),
      cloudRun: {
        ...cloudRun,
        writeTraffic: (...args) => (writes++, cloudRun.writeTraffic(...args)),
      },
    }));
    return { said, result: rollback(onCall, { now: true, reason: 'stop it', ...options }) };
  };

  describe("at a canary's last step, which has all traffic and is not done", () => {
    test('of a restart goes to what it restarts, not one further, and holds nothing', async () => {
      let result: RollbackResult | undefined;
      const run = before(engine.run('ada', oneStep), 'metrics', 'windowStats', async () => {
        expect(percentOf(engine, `${b.revision}-2`)).toBe(100);
        result = await watched().result;
      });
      expect(await endOf(restart(run, { reason: 'an instance hangs' }))).toBe('SUPERSEDED, exit 4');
      expect(result).toEqual({ from: [`${b.revision}-2`], to: b.revision });
      expect(await held()).toEqual([]);
      const sha = await engine.repository.merge('words', { document: `${Math.random()}` });
      const merge = engine.run('merge-doc');
      expect(await endOf(deployRun(merge, sha, await planRun(merge, sha)))).toBe('done');
    });

    test('of a release goes to what was meant to serve, and holds the candidate', async () => {
      await rollback(engine.run('on-call'), { now: true, reason: 'test', to: a.revision });
      // As a ledger from before holds were set on what is passed over.
      await engine.run('forger').ledger.update((found) => ({ ...found!, holds: [] }));
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      let result: RollbackResult | undefined;
      const run = before(engine.run('merge-c', oneStep), 'metrics', 'windowStats', async () => {
        result = await watched().result;
      });
      expect(await endOf(deployRun(run, sha, planned))).toBe('SUPERSEDED, exit 4');
      expect(result).toEqual({ from: [planned.revision], to: a.revision });
      expect(await held()).toContain(planned.revision);
    });
  });

  describe('while a release has no traffic yet', () => {
    /** Applies C, and rolls back when it is at its smoke test. */
    const duringSmoke = async (options?: Partial<RollbackOptions>) => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      let said: ReturnType<typeof watched>['said'] = [];
      const run = engine.run('merge-c', ({ defences }) => ({
        defences: {
          ...defences,
          async smoke() {
            const rolling = watched(options);
            await rolling.result;
            ({ said } = rolling);
            return { passed: true, findings: [] };
          },
        },
      }));
      await applyRun(run, planned);
      expect(await endOf(release(run, { sha }))).toBe('SUPERSEDED, exit 4');
      return { said, c: planned.revision };
    };

    test('says before it acts that it leaves what serves, and what stops the release alone', async () => {
      const { said, c } = await duringSmoke();
      expect(said[0]).toEqual({
        writes: 0,
        line: `release ${c} is at 0 %; this leaves ${b.revision} (which serves) for ${a.revision}; to stop the release alone, cancel its job`,
      });
      expect(percentOf(engine, a.revision)).toBe(100);
    });

    test('says no such thing to whoever names where to go', async () => {
      const { said } = await duringSmoke({ to: a.revision });
      expect(said.map(({ line }) => line).join()).not.toContain('is at 0 %');
    });

    test('nor once that release has a share: then it is what is left', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      let said: ReturnType<typeof watched>['said'] = [];
      const run = before(engine.run('merge-c', healthyOnceMeasured), 'metrics', 'windowStats', async () => {
        const rolling = watched();
        await rolling.result;
        ({ said } = rolling);
      });
      await endOf(deployRun(run, sha, planned));
      expect(said.length).toBeGreaterThan(0);
      expect(said.map(({ line }) => line).join()).not.toContain('is at 0 %');
    });
  });

  test('that warms its target up keeps the tag for that over the steps of a canary, which tidies it at its end', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    const warming = killedAt(engine.run('on-call'), 'after', 'cloudRun', 'writeTraffic');
    const tags = () => engine.service().traffic.flatMap(({ tag, revision }) => (tag ? [revision] : []));
    let atLastStep: readonly (string | undefined)[] = [];
    let looks = 0;
    const run = engine.run('merge-c', (context) => ({
      defences: {
        ...context.defences,
        judge: (...asked) => {
          if (percentOf(engine, planned.revision) === 100) atLastStep = tags();
          return healthyOnceMeasured(context).defences!.judge(...asked);
        },
      },
      metrics: {
        async windowStats(...args) {
          if (looks++ === 0) {
            // It hangs there, as one whose target takes minutes to start.
            void rollback(warming.context, { reason: 'stop it', to: a.revision });
            await warming.killed;
            await engine.settled();
          }
          return context.metrics.windowStats(...args);
        },
      },
    }));
    expect(await endOf(deployRun(run, sha, planned))).toBe('done');
    // Golden pages go to stable too, under a tag of its own.
    expect(new Set(atLastStep)).toEqual(new Set([a.revision, b.revision, planned.revision]));
    expect(tags()).toEqual([]);
  });
});
