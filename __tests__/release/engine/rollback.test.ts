import { REVISION } from '../../../domain/releases/traffic';
import { deployRun, failureOf, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';
import { rollback, type RollbackOptions } from '../../../release/verbs/rollback';
import { after, before, killedAt } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

describe('rollback', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

  const onCall = (options: Partial<RollbackOptions> = {}, context = engine.run('on-call')) =>
    rollback(context, { now: true, reason: 'test', ...options });
  const held = async () => (await engine.ledger()).holds.map(({ revision }) => revision);
  const tag = (revision: string) => ({ type: REVISION, revision, tag: 'look' });

  test('goes to the previous good revision, warm, and holds what it left', async () => {
    const earlier = engine.cloud.requests.length;
    expect(await onCall({ now: false })).toEqual({ from: [b.revision], to: a.revision });
    expect(engine.service().traffic).toEqual([{ type: REVISION, revision: a.revision, percent: 100 }]);
    expect(await held()).toEqual([b.revision]);
    const reached = engine.cloud.requests.slice(earlier).filter(({ revision }) => revision === a.revision);
    expect(reached[0]).toMatchObject({ tag: expect.stringContaining('c-') });
  });

  test('of a rollback goes further back', async () => {
    const c = await engine.release();
    await onCall();
    expect(percentOf(engine, b.revision)).toBe(100);
    await onCall();
    expect(percentOf(engine, a.revision)).toBe(100);
    expect(await held()).toEqual([b.revision, c.revision]);
  });

  describe('when a revision with a tag alone comes first', () => {
    beforeEach(async () => {
      await engine.byHand({ traffic: [...engine.service().traffic, tag(a.revision)] }, 'traffic');
      expect(engine.service().trafficStatuses[0]).toMatchObject({ revision: a.revision, tag: 'look' });
    });

    test('leaves the revision that has the traffic', async () => {
      expect(await onCall()).toEqual({ from: [b.revision], to: a.revision });
      expect(await held()).toEqual([b.revision]);
    });

    test('would go nowhere if the first one were taken for the serving one', async () => {
      const byPosition = engine.run('on-call', ({ cloudRun }) => {
        let reads = 0;
        const service = async () => {
          const found = (await cloudRun.service())!;
          const [first] = found.trafficStatuses;
          return reads++ < 3 ? { ...found, trafficStatuses: [{ ...first, percent: 100 }] } : found;
        };
        return { cloudRun: { ...cloudRun, service } };
      });
      expect(await endOf(onCall({}, byPosition))).toBe('NO_EARLIER_REVISION, exit 3');
    });
  });

  describe('that has nowhere to go changes nothing', () => {
    let before: { generation: string; ledger: unknown };
    const state = async () => ({ generation: engine.service().generation, ledger: await engine.ledger() });
    const refused = async (options: Partial<RollbackOptions>, context?: ReleaseContext) => {
      before = await state();
      const end = await endOf(onCall(options, context));
      expect(await state()).toEqual(before);
      return end;
    };

    test('no earlier revision', async () => {
      await onCall();
      expect(await refused({})).toBe('NO_EARLIER_REVISION, exit 3');
    });

    test('a target that is not ready', async () => {
      const planned = await planRun(engine.run('merge-c'), await engine.merge('crash-at-start'));
      await endOf(applyRun(engine.run('merge-c'), planned));
      expect(await refused({ to: planned.revision })).toBe('TARGET_NOT_READY, exit 3');
      expect(await refused({ to: `${engine.deployment.service}-none` })).toBe('UNKNOWN_REVISION, exit 2');
    });

    test('a target that nobody knows', async () => {
      expect(await refused({ to: 'abcdef0' })).toBe('UNKNOWN_REVISION, exit 2');
    });

    test('a target whose image is gone from the registry', async () => {
      const { project, region } = engine.deployment;
      const c = await engine.release();
      const { digest } = (await engine.ledger()).releases[0]!;
      await engine.run('cleaner').call('artifactregistry', {
        method: 'DELETE',
        path: `/v1/projects/${project}/locations/${region}/repositories/loan-repo/packages/lightonocr-gpu/versions/${digest}`,
        query: { force: 'true' },
      });
      await onCall({ to: a.revision });
      expect(await refused({ to: c.revision })).toBe('IMAGE_GONE, exit 3');
    });
  });

  describe('without a ledger', () => {
    const forgetful = () => {
      const context = engine.run('on-call');
      let written: Awaited<ReturnType<typeof context.ledger.read>>;
      const ledger: ReleaseContext['ledger'] = {
        url: context.ledger.url,
        read: () => Promise.resolve(written),
        load: () => Promise.resolve({ ledger: written, generation: '0' }),
        write: async (changed) => void (written = changed),
        update: (change) => Promise.resolve((written = change(written))),
      };
      return { ...context, ledger };
    };

    test('stops where no target is named', async () => {
      const { generation } = engine.service();
      const failure = await failureOf(onCall({}, forgetful()));
      expect(failure).toMatchObject({ code: 'NO_LEDGER', exitCode: 3 });
      // What is there and could serve: nothing else is at hand to whoever was woken.
      expect(failure!.remedy).toMatch(new RegExp(`\\(candidates: (\\S+, )*${a.revision}[,)]`));
      expect(failure!.remedy).not.toContain(b.revision);
      expect(engine.service().generation).toBe(generation);
    });

    test('goes to the one that is named, by revision or by SHA', async () => {
      await onCall({ to: a.revision }, forgetful());
      expect(percentOf(engine, a.revision)).toBe(100);
      await onCall({ to: b.sha.slice(0, 7) }, forgetful());
      expect(percentOf(engine, b.revision)).toBe(100);
    });

    test('starts one, with what is meant to serve, and deploys go on from there', async () => {
      const context = forgetful();
      const planned = await planRun(context, await engine.merge());
      expect(await endOf(applyRun(context, planned))).toBe('NO_LEDGER, exit 3');
      await onCall({ to: b.revision }, context);
      expect((await context.ledger.read())?.intent).toMatchObject({ revision: b.revision });
      expect(await endOf(applyRun(context, planned))).toBe('done');
      expect(percentOf(engine, b.revision)).toBe(100);
    });
  });

  test('to a newer revision holds nothing', async () => {
    await onCall();
    await onCall({ to: b.revision });
    expect(await held()).toEqual([]);
  });

  describe('killed half-way', () => {
    test.each(['before', 'after'] as const)(
      '%s its traffic is finished by a rerun: it goes to the same target, not further back',
      async (when) => {
        const c = await engine.release();
        const { context, killed } = killedAt(engine.run('on-call'), when, 'cloudRun', 'writeTraffic');
        void onCall({}, context);
        await killed;
        expect((await engine.ledger()).intent).toMatchObject({ revision: b.revision });
        expect((await onCall()).to).toBe(b.revision);
        expect(percentOf(engine, b.revision)).toBe(100);
        expect(await held()).toEqual([c.revision]);
      },
    );

    test('and taken for done would send the rerun further back', async () => {
      await engine.release();
      const { context, killed } = killedAt(engine.run('on-call'), 'after', 'cloudRun', 'writeTraffic');
      void onCall({}, context);
      await killed;
      const { ledger } = engine.run('forger');
      await ledger.update((found) => ({
        ...found!,
        intent: { ...found!.intent!, settledAt: new Date(0).toISOString(), open: false },
      }));
      expect((await onCall()).to).toBe(a.revision);
    });
  });

  test('while a release gets its last share of the traffic leaves that release', async () => {
    const sha = await engine.merge();
    const planned = await planRun(engine.run('merge-c'), sha);
    // Its last write of traffic: the intent names the candidate, and nobody has read it back yet.
    const { context, killed } = killedAt(engine.run('merge-c'), 'after', 'cloudRun', 'writeTraffic', 4);
    void deployRun(context, sha, planned);
    await killed;
    expect((await engine.ledger()).intent).toMatchObject({ revision: planned.revision });
    expect(await onCall()).toEqual({ from: [planned.revision], to: b.revision });
    expect(await held()).toEqual([planned.revision]);
  });

  describe('that an older one, about to write, has not seen', () => {
    /** The newer one goes to what serves already: it moves no traffic, and the older one's write comes after it. */
    const race = (older: ReleaseContext, newer = engine.run('on-call')) => {
      const late = before(older, 'cloudRun', 'writeTraffic', () => onCall({ to: b.revision }, newer));
      return endOf(onCall({ to: a.revision }, late));
    };

    test('stays: the older write is a conflict, and its command ends with 4', async () => {
      let moved = 0;
      const watching = engine.run('ada', ({ cloudRun }) => ({
        cloudRun: {
          ...cloudRun,
          service: async () => {
            moved += percentOf(engine, a.revision) > 0 ? 1 : 0;
            return cloudRun.service();
          },
        },
      }));
      expect(await race(watching)).toBe('SUPERSEDED, exit 4');
      expect(moved).toBe(0);
      expect(percentOf(engine, b.revision)).toBe(100);
    });

    test('is put back by the older one where its write moved no etag', async () => {
      const still = engine.run('on-call', ({ cloudRun }) => ({
        cloudRun: { ...cloudRun, writeTraffic: async () => ({}) },
      }));
      expect(await race(engine.run('ada'), still)).toBe('SUPERSEDED, exit 4');
      expect(percentOf(engine, b.revision)).toBe(100);
      expect((await engine.ledger()).intent).toMatchObject({ revision: b.revision });
    });
  });

  describe('while Terraform is about to write', () => {
    /** An apply that is killed after its write, with a rollback right before that write. */
    const applyAgainst = async (rollsBack: () => Promise<void>) => {
      const planned = await planRun(engine.run('merge-c'), await engine.merge());
      const { release } = engine.deployment;
      const deployment = { ...engine.deployment, release: { ...release, leaseSeconds: 20 } };
      const dying = killedAt(engine.run('merge-c'), 'after', 'terraform', 'apply');
      void applyRun({ ...before(dying.context, 'terraform', 'apply', rollsBack), deployment }, planned);
      await dying.killed;
    };

    test('watches until the apply is over, and puts its traffic back', async () => {
      let ends: Promise<unknown> | undefined;
      await applyAgainst(
        () =>
          new Promise((moved) => {
            ends = onCall({}, after(engine.run('on-call'), 'cloudRun', 'writeTraffic', moved)); // or is about to
          }),
      );
      await ends;
      expect(percentOf(engine, a.revision)).toBe(100);
    });

    test('unwatched is undone by it', async () => {
      const { context, killed } = killedAt(engine.run('on-call'), 'after', 'cloudRun', 'writeTraffic');
      await applyAgainst(() => {
        void onCall({}, context);
        return killed.then(engine.settled);
      });
      expect(percentOf(engine, b.revision)).toBe(100);
    });
  });
});
