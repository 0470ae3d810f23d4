import { bucketName } from '../../domain/names';
import { REVISION } from '../../domain/releases/traffic';
import { restart } from '../../operate/restart';
import { scale } from '../../operate/scale';
import { deployRun, planRun } from '../../rehearsal/stage';
import type { Service } from '../../release/adapters/google/cloudRun';
import type { ReleaseContext } from '../../release/ports/context';
import { rollback } from '../../release/verbs/rollback';
import { before, killedAt } from '../release/engine/between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from '../release/engine/engine';

describe('restart', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  // The service has to have the template that serves, as it has after a release.
  beforeEach(async () => {
    const earlier = b;
    ({ a, b } = earlier ? { a: earlier, b: await engine.release() } : await engine.twoReleases());
  });

  /** As after a release: one step, every window healthy. */
  const unwatched = ({ deployment, defences }: ReleaseContext): Partial<ReleaseContext> => ({
    deployment: {
      ...deployment,
      release: {
        ...deployment.release,
        monitoringLagSeconds: 0,
        canary: {
          ...deployment.release.canary,
          steps: [{ percent: 100, bakeSeconds: 60 }],
          maxGoldenPages: 0,
        },
      },
    },
    defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
  });
  const person = (change: (context: ReleaseContext) => Partial<ReleaseContext> = () => ({})) =>
    engine.run('ada', (context) => ({ ...unwatched(context), ...change(context) }));
  const again = (context = person()) => restart(context, { reason: 'an instance hangs' });
  const documentation = () => engine.repository.merge('words', { document: `words ${++words}` });
  let words = 0;
  const held = async () => (await engine.ledger()).holds.map(({ revision }) => revision);
  const settled = () => engine.settled();

  test('makes a new revision of the same image and settings, smoke-tests it, and gives it all traffic', async () => {
    const { releases } = await engine.ledger();
    expect(await again(engine.run('ada'))).toMatchObject({
      ...{ from: b.revision, revision: `${b.revision}-2`, outcome: 'served' },
    });
    expect(engine.service().traffic).toEqual([{ type: REVISION, revision: `${b.revision}-2`, percent: 100 }]);
    const [entry] = (await engine.ledger()).releases;
    const { sha, digest, templateHash } = releases[0]!;
    expect(entry).toMatchObject({
      sha,
      digest,
      templateHash,
      state: 'served',
      reason: 'restart: an instance hangs',
    });
    const asked = engine.cloud.requests.filter(({ revision }) => revision === `${b.revision}-2`);
    expect(asked[0]).toMatchObject({ tag: expect.stringContaining('c-') });
  });

  test('leaves the next plan empty: a documentation-only merge makes no revision and keeps the new one', async () => {
    await again();
    const revisions = engine.revisions();
    const sha = await documentation();
    // Cloud Run promises no order of a service's revisions.
    const oldestFirst = engine.run('merge-doc', (context) => ({
      cloudRun: {
        ...context.cloudRun,
        revisions: async () => (await context.cloudRun.revisions()).reverse(),
      },
    }));
    for (const run of [engine.run('merge-doc'), oldestFirst]) {
      const planned = await planRun(run, sha);
      expect(planned).toMatchObject({ revision: `${b.revision}-2`, changes: false });
      expect(await deployRun(run, sha, planned)).toMatchObject({ outcome: 'unchanged' });
    }
    expect(engine.revisions()).toEqual(revisions);
    expect(percentOf(engine, `${b.revision}-2`)).toBe(100);
  });

  test('a second time, after a merge of documentation, takes the third name of the same commit', async () => {
    await again();
    const sha = await documentation();
    const run = engine.run('merge-doc');
    await deployRun(run, sha, await planRun(run, sha));
    expect(await again()).toMatchObject({ from: `${b.revision}-2`, revision: `${b.revision}-3` });
  });

  test('with --dry-run shows the review, and changes and keeps nothing', async () => {
    const plans = () => engine.cloud.storage.list(bucketName(engine.deployment, 'plans'));
    const state = async () => ({ service: engine.service(), ledger: await engine.ledger(), plans: plans() });
    const found = await state();
    const { outcome, review } = await restart(person(), { reason: 'look', dryRun: true });
    expect(outcome).toBe('planned');
    expect(review).toContain(`new revision ${b.revision}-2`);
    expect(await state()).toEqual(found);
  });

  test.each([
    ['terraform', 'apply', 1],
    ['cloudRun', 'writeTraffic', 1],
    ['cloudRun', 'writeTraffic', 2],
  ] as const)(
    'killed after %s.%s %i is finished by a rerun, under the same name',
    async (port, call, count) => {
      const { context, killed } = killedAt(person(), 'after', port, call as never, count);
      void again(context);
      await killed;
      await settled();
      expect(await again()).toMatchObject({ revision: `${b.revision}-2`, outcome: 'served' });
      expect(engine.revisions()).not.toContain(`${b.revision}-3`);
      expect(percentOf(engine, `${b.revision}-2`)).toBe(100);
    },
  );

  /** Serves what was written from the second look on: as Cloud Run, a moment later. */
  const later = (cloudRun: ReleaseContext['cloudRun']): ReleaseContext['cloudRun'] => {
    let last: Service | undefined;
    let isBehind = false;
    return {
      ...cloudRun,
      writeTraffic: async (...args) => {
        const operation = await cloudRun.writeTraffic(...args);
        isBehind = true;
        return operation;
      },
      service: async () => {
        const found = await cloudRun.service();
        const seen = found && isBehind ? { ...found, trafficStatuses: last!.trafficStatuses } : found;
        isBehind = false;
        return (last = seen);
      },
    };
  };

  test('stopped with Ctrl-C in its canary goes back to what serves at once, and a rerun finishes it', async () => {
    const abort = new AbortController();
    const stopped = before(
      engine.run('ada', ({ cloudRun }) => ({ signal: abort.signal, cloudRun: later(cloudRun) })),
      'metrics',
      'windowStats',
      () => abort.abort(),
    );
    await expect(again(stopped)).rejects.toThrow(/abort/i);
    expect(engine.service().traffic).toEqual([{ type: REVISION, revision: b.revision, percent: 100 }]);
    const { releases, lease } = await engine.ledger();
    expect([releases[0], lease]).toMatchObject([
      { state: 'put-back', revision: `${b.revision}-2` },
      undefined,
    ]);
    expect(await again()).toMatchObject({ revision: `${b.revision}-2`, outcome: 'served' });
  });

  test('says how it ended, and what to do, when it can neither go on nor put back', async () => {
    const said: string[] = [];
    let isLost = false;
    const lost = person(({ ledger, defences }) => ({
      progress: (line) => said.push(line),
      ledger: {
        ...ledger,
        load: () => (isLost ? Promise.reject(new Error('ledger lost')) : ledger.load()),
        write: async (changed, generation) => {
          await ledger.write(changed, generation);
          isLost ||= changed.releases[0]!.state === 'failed';
        },
        read: () => (isLost ? Promise.reject(new Error('ledger lost')) : ledger.read()),
        update: async (change) => {
          const changed = await ledger.update(change);
          isLost ||= changed.releases[0]!.state === 'failed';
          return changed;
        },
      },
      defences: { ...defences, smoke: async () => ({ passed: false, findings: ['garbage'] }) },
    }));
    expect(await endOf(again(lost))).toBe('SMOKE_FAILED, exit 1');
    expect(said.at(-1)).toMatch(/bin\/lightonocr reconcile .*ledger lost/);
  });

  describe('that does not come up to what serves', () => {
    const failing = (state: 'smoke' | 'canary') =>
      person(({ defences }) => ({
        defences:
          state === 'smoke'
            ? { ...defences, smoke: async () => ({ passed: false, findings: ['garbage'] }) }
            : { ...defences, judge: () => ({ state: 'unhealthy', reasons: ['errors'] }) },
      }));

    test.each([
      ['smoke', 'SMOKE_FAILED'],
      ['canary', 'CANARY_UNHEALTHY'],
    ] as const)(
      'at the %s goes back, and holds nothing: that would hold what serves',
      async (state, code) => {
        expect(await endOf(again(failing(state)))).toBe(`${code}, exit 1`);
        expect(percentOf(engine, b.revision)).toBe(100);
        expect(await held()).toEqual([]);
        const sha = await documentation();
        const run = engine.run('merge-doc');
        expect(await deployRun(run, sha, await planRun(run, sha))).toMatchObject({
          ...{ revision: b.revision, outcome: 'unchanged' },
        });
      },
    );
  });

  test('after a rollback is of what serves then, though the service still has the template of what was left', async () => {
    await rollback(person(), { reason: 'x', now: true });
    const { from, revision } = await again();
    expect([from, revision.replace(/-\d$/, '')]).toEqual([a.revision, a.revision]);
    await rollback(person(), { reason: 'x', now: true, to: b.revision });
  });

  describe('a rollback from it', () => {
    test('goes to the release before, not to the same image under its first name', async () => {
      await again();
      expect((await rollback(person(), { reason: 'x', now: true })).to).toBe(a.revision);
      await rollback(person(), { reason: 'x', now: true, to: `${b.revision}-2` });
    });

    test('to its first name holds nothing: that would hold what serves then', async () => {
      const found = await held();
      await again();
      await rollback(person(), { reason: 'x', now: true, to: b.revision });
      expect(await held()).toEqual(found);
    });

    test('and then to its first name lifts the hold of both: what serves is not held', async () => {
      const found = await held();
      await again();
      await rollback(person(), { reason: 'x', now: true });
      expect(await held()).toContain(`${b.revision}-2`);
      await rollback(person(), { reason: 'well after all', now: true, to: b.revision });
      expect(await held()).toEqual(found);
      expect(await again()).toMatchObject({ from: b.revision, revision: `${b.revision}-3` });
    });
  });

  test('that failed is not where a rollback to its commit goes: the one that served is', async () => {
    const unwell = person(({ defences }) => ({
      defences: { ...defences, judge: () => ({ state: 'unhealthy', reasons: ['errors'] }) },
    }));
    expect(await endOf(again(unwell))).toBe('CANARY_UNHEALTHY, exit 1');
    await rollback(person(), { reason: 'x', now: true });
    expect((await rollback(person(), { reason: 'x', now: true, to: b.sha })).to).toBe(b.revision);
  });

  describe('is refused', () => {
    const refused = async (context = person()) => {
      const { generation } = engine.service();
      const end = await endOf(again(context));
      expect(engine.service().generation).toBe(generation);
      return end;
    };

    test('for what is held', async () => {
      const { ledger } = person();
      const { sha, digest, templateHash } = (await engine.ledger()).releases[0]!;
      const at = new Date(0).toISOString();
      const hold = { sha, digest, templateHash, revision: b.revision, by: 'ada', at, reason: 'bad' };
      await ledger.update((found) => ({ ...found!, holds: [hold] }));
      expect(await refused()).toBe('HELD, exit 3');
      await ledger.update((found) => ({ ...found!, holds: [] }));
    });

    test('while the service is stopped', async () => {
      await scale(person(), 0, { reason: 'cost' });
      expect(await refused()).toBe('SERVICE_STOPPED, exit 3');
      await scale(person(), 'restore', { reason: '' });
    });

    test('where other settings are checked out, which it would release unseen', async () => {
      const other = person(({ deployment }) => ({
        deployment: {
          ...deployment,
          scaling: { ...deployment.scaling, concurrency: deployment.scaling.concurrency + 1 },
        },
      }));
      expect(await refused(other)).toBe('SETTINGS_DIFFER, exit 2');
    });

    test('where the code that is checked out changes more than the name', async () => {
      const more = person(({ terraform }) => ({
        terraform: {
          ...terraform,
          async show(...args) {
            const shown = await terraform.show(...args);
            const [change] = shown.resource_changes!;
            const after = { ...(change!.change.after as object), ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' };
            return {
              ...shown,
              resource_changes: [{ ...change!, change: { ...change!.change, after } }],
            };
          },
        },
      }));
      expect(await refused(more)).toBe('RESTART_CHANGES_MORE, exit 3');
    });

    test('where the ledger knows no release that serves', async () => {
      const { ledger } = person();
      const found = await engine.ledger();
      await ledger.update(({ epoch } = found) => ({ version: 1, epoch, releases: [], holds: [] }));
      expect(await refused()).toBe('NOTHING_TO_RESTART, exit 3');
      await ledger.update(() => found);
    });

    test('while a release is under way', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      let end: string | undefined;
      const asking = engine.run('merge-c', (context) => {
        const changed = { ...context, ...unwatched(context) };
        const smoke: typeof changed.defences.smoke = async (...args) => {
          end = await endOf(again());
          return changed.defences.smoke(...args);
        };
        return { ...unwatched(context), defences: { ...changed.defences, smoke } };
      });
      await deployRun(asking, sha, planned);
      expect(end).toBe('RELEASE_UNDER_WAY, exit 3');
    });

    test('between the apply and the release of another, which it would overtake; not once that one is left', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      await applyRun(engine.run('merge-c'), planned);
      expect(await refused()).toBe('RELEASE_UNDER_WAY, exit 3');
      await rollback(person(), { reason: 'not now', now: true, to: b.revision });
      expect(await again()).toMatchObject({ from: b.revision, outcome: 'served' });
    });

    test('when something else is meant to serve by the time of its apply', async () => {
      await rollback(person(), { reason: 'x', now: true });
      const revisions = engine.revisions();
      const late = before(person(), 'terraform', 'plan', () =>
        rollback(engine.run('on-call'), { reason: 'mended', now: true, to: b.revision }),
      );
      expect(await endOf(again(late))).toBe('SUPERSEDED, exit 4');
      expect(percentOf(engine, b.revision)).toBe(100);
      expect(engine.revisions()).toEqual(revisions);
    });
  });
});
