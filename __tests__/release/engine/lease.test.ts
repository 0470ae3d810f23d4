import { EMPTY_LEDGER, takeLease } from '../../../domain/releases/ledger';
import { deployRun, failureOf, planRun } from '../../../rehearsal/stage';
import { before } from './between';
import { reconcile } from '../../../release/verbs/reconcile';
import { rollback } from '../../../release/verbs/rollback';
import { applyRun, endOf, type Engine, openEngine, percentOf } from './engine';

describe('withLease', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(() => engine.twoReleases());

  /** D is planned and deployed while C is in its canary; `interrupt` is then a person's Ctrl-C. Says what each came to. */
  const twoDeploys = async (second: string, interrupt?: AbortController) => {
    const [c, d] = [await engine.merge(), await engine.merge()];
    let other: Promise<string> = Promise.resolve('');
    let appliedDuring: boolean | undefined;
    let waiting = false;
    const planC = await planRun(engine.run('merge-c'), c);
    let planD = planC;
    const first = before(engine.run('merge-c'), 'metrics', 'windowStats', async () => {
      planD = await planRun(engine.run(second), d);
      const run = engine.run(second, () => (interrupt ? { signal: interrupt.signal } : {}));
      await new Promise<void>((waits) => {
        const progress = (line: string) => {
          if (line.startsWith('waiting for')) waits();
          waiting ||= line.startsWith('waiting for');
        };
        other = endOf(deployRun({ ...run, progress }, d, planD)).catch(() => 'interrupted');
        void other.then(() => waits());
      });
      interrupt?.abort();
      appliedDuring = engine.revisions().includes(planD.revision);
    });
    const end = await endOf(deployRun(first, c, planC));
    const otherEnd = await other;
    return { end, otherEnd, appliedDuring, waiting, c: planC.revision, d: planD.revision };
  };

  test('lets a second deploy wait, which then goes on', async () => {
    const { end, otherEnd, appliedDuring, waiting, d } = await twoDeploys('merge-d');
    expect({ end, otherEnd, appliedDuring, waiting }).toEqual({
      end: 'done',
      otherEnd: 'done',
      appliedDuring: false,
      waiting: true,
    });
    expect(percentOf(engine, d)).toBe(100);
  });

  test('lets a person who waits give up, who then has changed nothing', async () => {
    const { end, otherEnd, c, d } = await twoDeploys('person at a terminal', new AbortController());
    expect({ end, otherEnd }).toEqual({ end: 'done', otherEnd: 'interrupted' });
    expect(engine.revisions()).not.toContain(d);
    expect(percentOf(engine, c)).toBe(100);
  });

  test('would not keep out one who used the same holder', async () => {
    const { end, waiting } = await twoDeploys('merge-c');
    expect({ end, waiting }).toEqual({ end: 'SUPERSEDED, exit 4', waiting: false });
  });

  test('stops a plan that was made before the other deploy, which changed what it would change', async () => {
    const [c, d] = [await engine.merge(), await engine.merge()];
    const planD = await planRun(engine.run('merge-d'), d);
    const planC = await planRun(engine.run('merge-c'), c);
    await applyRun(engine.run('merge-c'), planC);
    const runUrl = 'https://github.com/o/r/actions/runs/7';
    const run = engine.run('merge-d', ({ actor }) => ({ actor: { ...actor, runUrl } }));
    expect(await failureOf(applyRun(run, planD))).toMatchObject({
      code: 'PLAN_CHANGED',
      exitCode: 3,
      remedy: expect.stringMatching(/run the job "rehearsal \/ plan" again, .*: https:\S+runs\/7$/),
    });
    // As the message says. A newer commit that was applied meanwhile would end this run as superseded instead.
    expect(await endOf(applyRun(run, await planRun(run, d)))).toBe('done');
    expect(await endOf(applyRun(engine.run('merge-c'), planC))).toBe('SUPERSEDED_SHA, exit 4');
  });

  test('stops a holder whose lease somebody else has taken over: it touches nothing', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    let then = '';
    const context = before(engine.run('merge-c'), 'metrics', 'windowStats', async () => {
      const { ledger, clock } = engine.run('other');
      await ledger.update(({ lease: _expired, ...rest } = EMPTY_LEDGER) =>
        takeLease(rest, 'other', clock.now(), 600)!,
      );
      then = engine.service().generation;
    });
    expect(await endOf(deployRun(context, sha, planned))).toBe('SUPERSEDED, exit 4');
    expect(engine.service().generation).toBe(then);
    expect((await engine.ledger()).lease).toMatchObject({ holder: 'other' });
  });

  describe('whose holder could not renew it in time, while it was at work', () => {
    /** C's canary, when its lease has run out and `reconcile` has put it back; then what happens `next`. */
    const putBackAlive = async (next: () => Promise<unknown> = () => Promise.resolve()) => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      let then = '';
      const context = before(engine.run('merge-c'), 'metrics', 'windowStats', async () => {
        const expiresAt = new Date(0).toISOString();
        await engine
          .run('time goes by')
          .ledger.update((found) => ({ ...found!, lease: { ...found!.lease!, expiresAt } }));
        expect(await reconcile(engine.run('schedule'))).toMatchObject({ action: 'put-back' });
        await next();
        then = engine.service().generation;
      });
      const failure = await failureOf(deployRun(context, sha, planned));
      expect(engine.service().generation).toBe(then);
      return { code: failure?.code, exitCode: failure?.exitCode };
    };

    test('says that it was put back, exit 1: nothing newer has taken over', async () => {
      expect(await putBackAlive()).toEqual({ code: 'RELEASE_PUT_BACK', exitCode: 1 });
    });

    test('is superseded where somebody has rolled back since', async () => {
      const rollsBack = () => rollback(engine.run('on-call'), { now: true, reason: 'test' });
      expect(await putBackAlive(rollsBack)).toEqual({ code: 'SUPERSEDED', exitCode: 4 });
    });
  });

  test('takes over from a holder whose lease has expired', async () => {
    const { ledger, clock } = engine.run('dead');
    await ledger.update((found) => takeLease(found!, 'dead', new Date(clock.now().getTime() - 1e6), 10)!);
    const sha = await engine.merge();
    const run = engine.run('merge-c');
    expect(await endOf(deployRun(run, sha, await planRun(run, sha)))).toBe('done');
    expect((await engine.ledger()).lease).toBeUndefined();
  });
});
