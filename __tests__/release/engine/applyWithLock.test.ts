import { Failure } from '../../../domain/failure';
import { failureOf, planRun } from '../../../rehearsal/stage';
import { scale } from '../../../operate/scale';
import type { ReleaseContext } from '../../../release/ports/context';
import { reconcile } from '../../../release/verbs/reconcile';
import { rollback } from '../../../release/verbs/rollback';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

const LOCKED = {
  code: 'STATE_LOCKED',
  message: "terraform apply could not get the state's lock; nothing was changed.",
  where: 'stacks/service',
  got: 'ID: 1698',
  remedy: 'terraform force-unlock 1698',
  exitCode: 3,
} as const;

describe('applyWithLock', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

  /** Applies C while somebody else has the state's lock, who gives it back after so many tries; `meanwhile` happens at the first. */
  const applyLocked = async (tries: number, meanwhile?: () => Promise<unknown>) => {
    const planned = await planRun(engine.run('merge-c'), await engine.merge());
    let tried = 0;
    const context = engine.run('merge-c', ({ terraform }) => ({
      terraform: {
        ...terraform,
        apply: async (...args) => {
          if (++tried === 1) await meanwhile?.();
          if (tried <= tries) throw new Failure(LOCKED);
          return terraform.apply(...args);
        },
      },
    }));
    const failure = await failureOf(applyRun(context, planned));
    const isMade = engine.revisions().includes(planned.revision);
    return { failure, isMade, tried, planned };
  };

  test("waits for the state's lock, and then applies", async () => {
    const { failure, isMade, tried } = await applyLocked(2);
    expect({ failure, isMade, tried }).toEqual({ failure: undefined, isMade: true, tried: 3 });
  });

  test('leaves the wait to itself: Terraform would write whenever it gets the lock', async () => {
    let options: unknown;
    const planned = await planRun(engine.run('merge-c'), await engine.merge());
    const context = engine.run('merge-c', ({ terraform }) => ({
      terraform: {
        ...terraform,
        apply: (directory, file, given) => ((options = given), terraform.apply(directory, file, given)),
      },
    }));
    await applyRun(context, planned);
    expect(options).toEqual({ lockSeconds: 0 });
  });

  test('ends before it writes when a rollback came in while it waited', async () => {
    const { failure, isMade, tried } = await applyLocked(
      1,
      () =>
        // Under way until the apply has seen it; its own end waits for that.
        new Promise((resolve) => {
          const writes = engine.run('on-call', ({ cloudRun }) => ({
            cloudRun: {
              ...cloudRun,
              writeTraffic: async (...args) => {
                const operation = await cloudRun.writeTraffic(...args);
                resolve(undefined);
                return operation;
              },
            },
          }));
          rollbacks.push(rollback(writes, { now: true, reason: 'test' }));
        }),
    );
    expect({ code: failure?.code, isMade, tried }).toEqual({ code: 'SUPERSEDED', isMade: false, tried: 1 });
    await Promise.all(rollbacks);
    expect(percentOf(engine, a.revision)).toBe(100);
  });
  const rollbacks: Promise<unknown>[] = [];

  test('ends before it writes when the service was stopped while it waited', async () => {
    let stop: Promise<unknown> | undefined;
    const stopped = () =>
      new Promise((resolve) => {
        const writes = engine.run('on-call', ({ cloudRun }) => ({
          cloudRun: {
            ...cloudRun,
            writeScale: async (...args) => {
              const operation = await cloudRun.writeScale(...args);
              resolve(undefined);
              return operation;
            },
          },
        }));
        stop = scale(writes, 0, { reason: 'test' });
      });
    const { failure, isMade } = await applyLocked(1, stopped);
    await stop;
    expect({ code: failure?.code, isMade }).toEqual({ code: 'SUPERSEDED', isMade: false });
    expect(engine.service()).toMatchObject({ scaling: { manualInstanceCount: 0 } });
    await scale(engine.run('on-call'), 'restore', { reason: 'test' });
  });

  /** The clock of the run; two looks at it are a quarter of an hour apart. */
  const hasty = ({ clock }: ReleaseContext): Partial<ReleaseContext> => {
    let passed = 0;
    return { clock: { ...clock, now: () => new Date(clock.now().getTime() + (passed += 900_000)) } };
  };

  test('rejects a lock that stays, with who holds it and what lifts it; a rerun of the same plan goes on', async () => {
    const planned = await planRun(engine.run('merge-c'), await engine.merge());
    const locked = engine.run('merge-c', (context) => ({
      ...hasty(context),
      terraform: { ...context.terraform, apply: () => Promise.reject(new Failure(LOCKED)) },
    }));
    expect(await failureOf(applyRun(locked, planned))).toMatchObject(LOCKED);
    expect((await engine.ledger()).releases[0]).toMatchObject({ state: 'failed', reason: LOCKED.message });
    expect(percentOf(engine, b.revision)).toBe(100);
    expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('done');
  });

  test('ends as put back when it was taken for dead while it waited', async () => {
    const { failure, isMade } = await applyLocked(1, async () => {
      const { ledger } = engine.run('time goes by');
      const expiresAt = new Date(0).toISOString();
      await ledger.update((found) => ({ ...found!, lease: { ...found!.lease!, expiresAt } }));
      expect(await reconcile(engine.run('schedule'))).toMatchObject({ action: 'put-back' });
    });
    expect({ code: failure?.code, exitCode: failure?.exitCode, isMade }).toEqual({
      code: 'RELEASE_PUT_BACK',
      exitCode: 1,
      isMade: false,
    });
  });

  test('says where Terraform failed and has made no revision, not to read the log of one', async () => {
    const planned = await planRun(engine.run('merge-c'), await engine.merge());
    const context = engine.run('merge-c', ({ terraform }) => ({
      terraform: {
        ...terraform,
        apply: () =>
          Promise.reject(
            new Failure({ ...LOCKED, code: 'TERRAFORM_FAILED', message: 'Error 403', exitCode: 1 }),
          ),
      },
    }));
    const failure = await failureOf(applyRun(context, planned));
    expect(failure).toMatchObject({
      code: 'REVISION_NOT_READY',
      exitCode: 1,
      where: 'stacks/service',
      message: expect.stringContaining('Error 403') as string,
    });
    expect(failure!.remedy).toMatch(/^mend what Terraform says; then plan again/);
  });
});
