import { REVISION } from '../../../domain/releases/traffic';
import { deployRun, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/context';
import { reconcile } from '../../../release/reconcile';
import { release } from '../../../release/release';
import { killedAt } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

let engine: Engine;
let b: Released;
beforeAll(async () => void (engine = await openEngine()));
afterAll(() => engine.stop());
beforeEach(async () => void ({ b } = await engine.twoReleases()));

/** The canary's verdicts do not matter here: whoever gets no requests would be undecided. */
const healthy = ({ defences }: ReleaseContext): Partial<ReleaseContext> => ({
  defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
});
const planC = async () => {
  const sha = await engine.merge();
  return { sha, ...(await planRun(engine.run('merge-c'), sha)) };
};
/** The console: so many percent on the candidate, the rest on stable. */
const giveByHand = async (candidate: string, percent: number) => {
  const rest = { type: REVISION, revision: b.revision, percent: 100 - percent };
  const traffic = [{ type: REVISION, revision: candidate, percent }, rest].filter(
    (share) => share.percent > 0,
  );
  await engine.byHand({ traffic }, 'traffic');
  await engine.settled();
};

describe('release', () => {
  /** Deploys C; somebody gives it another share while its first step (10 %) or its last (100 %) bakes. */
  const deployAgainst = async (step: 'first' | 'last', percent: number) => {
    const planned = await planC();
    const { metrics, ...context } = engine.run('merge-c', healthy);
    let windows = 0;
    const windowStats: typeof metrics.windowStats = async (revision, ...window) => {
      if (revision === planned.revision && ++windows === (step === 'first' ? 1 : 2))
        await giveByHand(planned.revision, percent);
      return metrics.windowStats(revision, ...window);
    };
    await applyRun(engine.run('merge-c'), planned);
    const end = await endOf(release({ ...context, metrics: { windowStats } }, planned));
    return { end, percent: percentOf(engine, planned.revision) };
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
      expect(await deployAgainst(step, percent)).toEqual({ end: 'TRAFFIC_MOVED_BY_HAND, exit 3', percent });
    },
  );

  test('goes on where somebody wrote what was there', async () => {
    expect(await deployAgainst('first', 10)).toEqual({ end: 'done', percent: 100 });
  });

  test('run again takes up the share that a killed run has left', async () => {
    const planned = await planC();
    const { context, killed } = killedAt(engine.run('merge-c'), 'before', 'metrics', 'windowStats');
    void deployRun(context, planned.sha, planned);
    await killed;
    const again = engine.run('merge-c', healthy);
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
    const { context, killed } = kill(engine.run('merge-c', healthy));
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
