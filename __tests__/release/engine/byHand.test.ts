import type { Verdict } from '../../../domain/canary/verdict';
import { REVISION } from '../../../domain/releases/traffic';
import { deployRun, failureOf, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';
import { reconcile } from '../../../release/verbs/reconcile';
import { release } from '../../../release/verbs/release';
import { killedAt } from './between';
import {
  applyRun,
  endOf,
  type Engine,
  healthyOnceMeasured,
  openEngine,
  percentOf,
  type Released,
} from './engine';

let engine: Engine;
let a: Released;
let b: Released;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.stop());
beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

const planC = async () => {
  const sha = await engine.merge();
  return { sha, ...(await planRun(engine.run('merge-c'), sha)) };
};
/** The console: so many percent on this revision, the rest on stable. */
const giveByHand = async (to: string, percent: number) => {
  const rest = { type: REVISION, revision: b.revision, percent: 100 - percent };
  const traffic = [{ type: REVISION, revision: to, percent }, rest].filter((share) => share.percent > 0);
  await engine.byHand({ traffic }, 'traffic');
  await engine.settled();
};

describe('release', () => {
  /** Deploys C; somebody gives it another share while its first step (10 %) or its last (100 %) bakes. */
  const deployAgainst = async (step: 'first' | 'last', percent: number) => {
    const planned = await planC();
    let moved: 'not yet' | 'moving' | 'done' = 'not yet';
    /** Undecided from when the step is seen until traffic was moved. */
    const judge = (): Verdict => {
      if (moved === 'not yet' && percentOf(engine, planned.revision) === (step === 'first' ? 10 : 100)) {
        moved = 'moving';
        void giveByHand(planned.revision, percent).then(() => (moved = 'done'));
      }
      return { state: moved === 'moving' ? 'inconclusive' : 'healthy', reasons: [] };
    };
    const run = engine.run('merge-c', ({ defences }) => ({ defences: { ...defences, judge } }));
    await applyRun(engine.run('merge-c'), planned);
    const failure = await failureOf(release(run, planned));
    const end = failure ? `${failure.code}, exit ${failure.exitCode}` : 'done';
    return { end, failure, ...planned, percent: percentOf(engine, planned.revision) };
  };

  test.each([
    ['first', 0],
    ['first', 50],
    ['first', 100],
    ['last', 0],
    ['last', 50],
  ] as const)(
    'stops where somebody gave the candidate of its %s step %d %%, which stays',
    async (step, percent) => {
      const stopped = { end: 'TRAFFIC_MOVED_BY_HAND, exit 3', percent };
      expect(await deployAgainst(step, percent)).toMatchObject(stopped);
    },
  );

  test('goes on where somebody wrote what was there', async () => {
    expect(await deployAgainst('first', 10)).toMatchObject({ end: 'done', percent: 100 });
  });

  test.each([
    ['first', 10],
    ['last', 100],
  ] as const)(
    'is over, and says so, where somebody put everything back on stable at its %s step',
    async (step, asked) => {
      const { failure, revision, sha } = await deployAgainst(step, 0);
      expect(failure).toMatchObject({
        got: expect.stringMatching(
          new RegExp(`^the release asked for .*${revision} ${asked} %.*; found ${b.revision} 100 %$`),
        ) as string,
        remedy: expect.stringContaining(
          `bin/lightonocr plan ${engine.deployment.name} --sha ${sha}`,
        ) as string,
      });
      const ended = { revision, state: 'put-back', reason: 'traffic was moved by hand' };
      expect((await engine.ledger()).releases[0]).toMatchObject(ended);
      expect(await reconcile(engine.run('merge-c'))).toMatchObject({ action: 'nothing' });
    },
  );

  describe('that would go back', () => {
    /** Deploys C; somebody gives part of the traffic to A while it is judged, and the verdict is against C. */
    const deployInto = async (verdict: 'smoke' | 'inconclusive' | 'unhealthy') => {
      const planned = await planC();
      await applyRun(engine.run('merge-c'), planned);
      const run = engine.run('merge-c', ({ defences, metrics }) => {
        const smoke: typeof defences.smoke = async (...args) => {
          if (verdict !== 'smoke') return defences.smoke(...args);
          await giveByHand(a.revision, 60);
          return { passed: false, findings: ['slow'] };
        };
        const windowStats: typeof metrics.windowStats = async (...args) => {
          await giveByHand(a.revision, 60);
          return metrics.windowStats(...args);
        };
        const judge: typeof defences.judge = (_settings, _evidence, { measured }) => ({
          state: verdict !== 'smoke' && measured ? verdict : 'inconclusive',
          reasons: ['slow'],
        });
        return { defences: { ...defences, smoke, judge }, metrics: { windowStats } };
      });
      return { revision: planned.revision, failure: await failureOf(release(run, planned)) };
    };

    test.each([
      ['smoke', 'failed', false],
      ['inconclusive', 'put-back', false],
      ['unhealthy', 'put-back', true],
    ] as const)('leaves what somebody gave a third revision: %s', async (verdict, state, isHeld) => {
      const { failure, revision } = await deployInto(verdict);
      expect(failure).toMatchObject({
        code: 'TRAFFIC_MOVED_BY_HAND',
        exitCode: 3,
        message: expect.stringMatching(/would have gone back: slow$/) as string,
        got: expect.stringMatching(new RegExp(`; found .*${a.revision} 60 %`)) as string,
      });
      expect(percentOf(engine, a.revision)).toBe(60);
      const { releases, holds } = await engine.ledger();
      expect(releases[0]).toMatchObject({ revision, state, reason: 'slow; traffic was moved by hand' });
      expect(holds.some((hold) => hold.revision === revision)).toBe(isHeld);
      expect(await reconcile(engine.run('schedule'))).toMatchObject({ action: 'nothing' });
      expect(percentOf(engine, a.revision)).toBe(60);
    });

    test('and is meant to serve already leaves it too, and so does reconcile', async () => {
      const planned = await planC();
      // The writes: the tag, 10 %, 100 %, and 100 % without the tag, which the ledger says first.
      const dying = killedAt(
        engine.run('merge-c', healthyOnceMeasured),
        'before',
        'cloudRun',
        'writeTraffic',
        4,
      );
      void deployRun(dying.context, planned.sha, planned);
      await dying.killed;
      const again = engine.run('merge-c', ({ defences }) => ({
        defences: {
          ...defences,
          smoke: async () => {
            await giveByHand(a.revision, 100);
            return { passed: false, findings: ['slow'] };
          },
        },
      }));
      expect(await endOf(release(again, planned))).toBe('TRAFFIC_MOVED_BY_HAND, exit 3');
      expect(await endOf(reconcile(engine.run('schedule')))).toBe('TRAFFIC_NOT_OURS, exit 3');
      expect(percentOf(engine, a.revision)).toBe(100);
    });
  });

  test('run again takes up the share that a killed run has left', async () => {
    const planned = await planC();
    const { context, killed } = killedAt(engine.run('merge-c'), 'before', 'metrics', 'windowStats');
    void deployRun(context, planned.sha, planned);
    await killed;
    const again = engine.run('merge-c', healthyOnceMeasured);
    expect(await endOf(release(again, { sha: planned.sha }))).toBe('done');
    expect(percentOf(engine, planned.revision)).toBe(100);
  });
});

describe('reconcile', () => {
  /** C's runner is killed; then somebody gives C another share, and the job ends. */
  const endAfter = async (
    kill: (context: ReleaseContext) => ReturnType<typeof killedAt>,
    percent?: number,
  ) => {
    const planned = await planC();
    const { context, killed } = kill(engine.run('merge-c', healthyOnceMeasured));
    void deployRun(context, planned.sha, planned);
    await killed;
    if (percent !== undefined) await giveByHand(planned.revision, percent);
    const end = await reconcile(engine.run('merge-c')).then(({ action }) => action, String);
    return { end: /^[\w-]+/.exec(end)?.[0], percent: percentOf(engine, planned.revision) };
  };
  const inFirstWindow = (context: ReleaseContext) => killedAt(context, 'before', 'metrics', 'windowStats');
  /** Writes of traffic: the tag, 10 %, 100 %. */
  const beforeWrite = (count: number) => (context: ReleaseContext) =>
    killedAt(context, 'before', 'cloudRun', 'writeTraffic', count);

  test.each([50, 100])('leaves the %d %% that somebody gave the candidate', async (percent) => {
    expect(await endAfter(inFirstWindow, percent)).toEqual({ end: 'TRAFFIC_NOT_OURS', percent });
  });

  test('ends the release where somebody put everything back on stable', async () => {
    expect(await endAfter(inFirstWindow, 0)).toEqual({ end: 'put-back', percent: 0 });
  });

  test.each([2, 3])('puts back a runner killed between ledger and traffic, at write %d', async (count) => {
    expect(await endAfter(beforeWrite(count))).toEqual({ end: 'put-back', percent: 0 });
  });

  test('puts back one whose rerun was killed before it had moved anything', async () => {
    const rerun = (context: ReleaseContext) => {
      const first = killedAt(context, 'before', 'metrics', 'windowStats');
      const again = killedAt(engine.run('merge-c'), 'before', 'cloudRun', 'writeTraffic');
      const killed = first.killed.then(async () => {
        const { releases } = await engine.ledger();
        void release(again.context, { sha: releases[0]!.sha });
        await again.killed;
      });
      return { context: first.context, killed };
    };
    expect(await endAfter(rerun)).toEqual({ end: 'put-back', percent: 0 });
  });
});
