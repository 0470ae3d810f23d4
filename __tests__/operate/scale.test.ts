import { App } from 'cdktf';
import { LATEST, REVISION } from '../../domain/releases/traffic';
import { history } from '../../operate/history';
import { scale } from '../../operate/scale';
import { deployRun, planRun } from '../../rehearsal/stage';
import type { ReleaseContext } from '../../release/ports/context';
import { drift } from '../../release/verbs/drift';
import { reconcile } from '../../release/verbs/reconcile';
import { release } from '../../release/verbs/release';
import { rollback } from '../../release/verbs/rollback';
import { status } from '../../release/verbs/status';
import { after, before, killedAt } from '../release/engine/between';
import { deploymentStacks } from '../../stacks/deploymentStacks';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from '../release/engine/engine';

const AUTOMATIC = { scalingMode: 'AUTOMATIC' };
const MINIMUM = { scalingMode: 'AUTOMATIC', minInstanceCount: 2 };
const AT_LEAST = /^AT LEAST 2 instances by hand/;
const STOPPED = { scalingMode: 'MANUAL', manualInstanceCount: 0 };

describe('scale', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => {
    ({ a, b } = await engine.twoReleases());
    await engine.byHand({ scaling: AUTOMATIC }, 'scaling');
  });

  const person = (change?: (context: ReleaseContext) => Partial<ReleaseContext>) => engine.run('ada', change);
  const zero = (context = person(), reason = 'runaway cost') => scale(context, 0, { reason });
  const restore = (context = person()) => scale(context, 'restore', { reason: '' });
  const scaling = () => (engine.service() as unknown as { scaling: object }).scaling;
  const tag = (revision: string, name = 'look') => ({ type: REVISION, revision, tag: name });
  const withTag = (revision: string, name?: string) =>
    engine.byHand({ traffic: [...engine.service().traffic, tag(revision, name)] }, 'traffic');
  const tags = () => engine.service().traffic.flatMap((target) => target.tag ?? []);
  const running = () => engine.cloud.run.instances().map(({ revision }) => revision);
  const noneRuns = async () => {
    while (running().length > 0) await engine.clock.sleep(1);
  };
  /** Status of a request to the service or to a tag of it. */
  const ask = async (context: ReleaseContext, host = '') => {
    const { uri } = (await context.cloudRun.service())!;
    const token = await context.identityToken(uri);
    const url = host ? uri.replace(/\/run\//, `/run/${host}---`) : uri;
    return (await engine.fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status;
  };

  describe('zero', () => {
    test('stops every instance, takes the tags, and says who, when and why', async () => {
      await withTag(a.revision);
      expect(await ask(person())).toBe(200);
      expect(await zero()).toMatchObject({ action: 'stopped', dryRun: false });
      expect(scaling()).toEqual(STOPPED);
      expect(tags()).toEqual([]);
      expect(percentOf(engine, b.revision)).toBe(100);
      await noneRuns();
      expect(await ask(person())).toBe(503);
      expect(await ask(person(), 'look')).toBe(404);
      expect(running()).toEqual([]);
      expect((await engine.ledger()).scale).toMatchObject({
        ...{ instances: 0, by: 'ada', reason: 'runaway cost', settledAt: expect.any(String) },
        before: { scaling: AUTOMATIC, tags: [{ tag: 'look', revision: a.revision }] },
      });
      expect((await status(person())).scaledByHand[0]).toMatch(
        /^STOPPED since .* by ada because: runaway cost/,
      );
    });

    test('without the tags going, a request to one would start an instance', async () => {
      await withTag(a.revision);
      const keepsTags = person(({ cloudRun }) => ({
        cloudRun: {
          ...cloudRun,
          writeScale: async ({ scaling: wanted }) => {
            await engine.byHand({ scaling: wanted }, 'scaling');
            throw new Error('killed');
          },
        },
      }));
      await expect(zero(keepsTags)).rejects.toThrow('killed');
      await noneRuns();
      expect(await ask(person(), 'look')).toBe(200);
      expect(running()).toEqual([a.revision]);
      await zero(); // a rerun takes them
      expect(tags()).toEqual([]);
    });

    test('a second time keeps what was remembered the first time', async () => {
      await withTag(a.revision);
      await zero();
      await zero(person(), 'again');
      expect((await engine.ledger()).scale).toMatchObject({
        reason: 'runaway cost',
        before: { scaling: AUTOMATIC, tags: [{ tag: 'look', revision: a.revision }] },
      });
      await restore();
      expect(scaling()).toEqual(AUTOMATIC);
      expect(tags()).toEqual(['look']);
      const said = (await history(person())).filter(({ kind }) => kind === 'scale');
      expect(said.map(({ what, reason }) => [what, reason])).toEqual([
        ['scale restore', undefined],
        ['scale zero', 'again'],
        ['scale zero', 'runaway cost'],
      ]);
    });

    test('of nothing that a ledger knows works for a service made by hand, whose share follows the newest revision', async () => {
      await engine.byHand({ traffic: [{ type: LATEST, percent: 100 }] }, 'traffic');
      const { ledger } = person();
      await ledger.update(() => ({ version: 1, epoch: 0, releases: [], holds: [] }));
      await zero();
      expect(scaling()).toEqual(STOPPED);
      await restore();
      expect(engine.service().traffic).toEqual([{ type: LATEST, percent: 100 }]);
      expect(scaling()).toEqual(AUTOMATIC);
    });

    test("changes nothing where the ledger cannot be written, and names gcloud's commands", async () => {
      await withTag(a.revision);
      const { generation } = engine.service();
      const elsewhere = person(({ deployment }) => ({ deployment: { ...deployment } }));
      const { storage, deployment } = elsewhere;
      const { ledgerStore } = await import('../../release/adapters/ledgerStore');
      const lost = ledgerStore(storage, { ...deployment, project: 'no-such-project' }, elsewhere.clock);
      await expect(zero({ ...elsewhere, ledger: lost })).rejects.toMatchObject({
        code: 'LEDGER_NOT_WRITTEN',
        exitCode: 3,
        remedy: expect.stringMatching(
          new RegExp(
            `update-traffic ${deployment.service} .*--clear-tags && .*--scaling=0[^]*--scaling=auto && .*--set-tags=look=${a.revision}`,
          ),
        ),
      });
      expect(engine.service().generation).toBe(generation);
    });

    test('with --dry-run changes nothing and says what it would do', async () => {
      await withTag(a.revision);
      const state = async () => ({ generation: engine.service().generation, ledger: await engine.ledger() });
      const found = await state();
      const { action, said } = await scale(person(), 0, { reason: 'look', dryRun: true });
      expect(action).toBe('stopped');
      expect(said.join('\n')).toMatch(/scaling: automatic -> manual, 0 instance.*tag look on .* -> /s);
      expect(await state()).toEqual(found);
    });

    test.each([
      ['before', 'cloudRun', 'writeScale', 1],
      ['after', 'cloudRun', 'writeScale', 1],
      ['after', 'ledger', 'update', 1],
      ['before', 'ledger', 'write', 1],
      ['after', 'ledger', 'write', 1],
    ] as const)(
      'killed %s %s.%s %i is finished by a rerun, and by reconcile',
      async (when, port, call, count) => {
        for (const finish of [zero, (context: ReleaseContext) => reconcile(context)]) {
          await engine.twoReleases();
          await engine.byHand({ scaling: AUTOMATIC }, 'scaling');
          await withTag(a.revision);
          const { context, killed } = killedAt(person(), when, port, call as never, count);
          const ended = zero(context).then(() => Promise.reject(new Error('it ended before it was killed')));
          await Promise.race([killed, ended]);
          await finish(person());
          expect(scaling()).toEqual(STOPPED);
          expect(tags()).toEqual([]);
          await restore();
          expect(scaling()).toEqual(AUTOMATIC);
          expect(tags()).toEqual(['look']);
          expect((await engine.ledger()).scale).toBeUndefined();
        }
      },
    );
  });

  describe('where Cloud Run does not do as asked, zero', () => {
    test('stops after ten tries against somebody else who keeps writing', async () => {
      let tries = 0;
      const contested = person(({ cloudRun }) => ({
        cloudRun: {
          ...cloudRun,
          writeScale: async (wanted, etag) => {
            tries++;
            await engine.byHand({ scaling: AUTOMATIC }, 'scaling');
            return cloudRun.writeScale(wanted, etag);
          },
        },
      }));
      expect(await endOf(zero(contested))).toBe('SCALE_CONTESTED, exit 3');
      expect(tries).toBe(10);
      const { scaledByHand } = await status(person());
      expect(scaledByHand[1]).toMatch(/the service is NOT as that says; again: .* zero --reason/);
    });

    test('is not called done while Cloud Run still works on it', async () => {
      let looks = 0;
      const slow = person(({ cloudRun, clock }) => ({
        cloudRun: {
          ...cloudRun,
          service: async () => ({ ...(await cloudRun.service())!, reconciling: true }),
        },
        clock: { ...clock, now: () => new Date(clock.now().getTime() + 60_000 * looks++) },
      }));
      expect(await endOf(zero(slow))).toBe('SCALE_NOT_SETTLED, exit 3');
      expect((await engine.ledger()).scale!.settledAt).toBeUndefined();
      await reconcile(person());
      expect((await engine.ledger()).scale!.settledAt).toBeDefined();
    });
  });

  describe('while a canary is under way, zero', () => {
    test('does not wait for it; the canary stops with exit 4, and a restore brings stable back alone', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      const canary = before(engine.run('merge-c'), 'metrics', 'windowStats', () => zero());
      expect(await endOf(deployRun(canary, sha, planned))).toBe('SUPERSEDED, exit 4');
      expect(scaling()).toEqual(STOPPED);
      expect(engine.service().traffic).toEqual([{ type: REVISION, revision: b.revision, percent: 100 }]);
      expect((await engine.ledger()).releases[0]).toMatchObject({ state: 'superseded' });
      await noneRuns();
      await restore();
      expect(percentOf(engine, b.revision)).toBe(100);
      expect(tags()).toEqual([]);
    });
  });

  describe('while Terraform is about to write, zero', () => {
    /** An apply of another image with a stop right before Terraform's write. */
    const applyAgainst = async (stops: () => unknown, context = engine.run('merge-c')) => {
      const planned = await planRun(engine.run('merge-c'), await engine.merge());
      return endOf(applyRun(before(context, 'terraform', 'apply', stops), planned));
    };

    test('outlasts the apply, which would have started the service again', async () => {
      let ends: Promise<unknown> | undefined;
      const end = await applyAgainst(
        () =>
          new Promise<void>((written) => {
            const { cloudRun, ...rest } = person();
            const writeScale: typeof cloudRun.writeScale = async (...args) => {
              const operation = await cloudRun.writeScale(...args);
              written();
              return operation;
            };
            ends = zero({ ...rest, cloudRun: { ...cloudRun, writeScale } });
          }),
      );
      expect(end).toBe('SUPERSEDED, exit 4');
      await ends;
      expect(scaling()).toEqual(STOPPED);
      await noneRuns();
    });

    test('killed after its write is held by the apply itself', async () => {
      const { context, killed } = killedAt(person(), 'after', 'cloudRun', 'writeScale');
      const end = await applyAgainst(() => {
        void zero(context);
        return killed.then(engine.settled);
      });
      expect(end).toBe('SUPERSEDED, exit 4');
      expect(scaling()).toEqual(STOPPED);
    });

    test('is undone by an apply that does not look after it', async () => {
      const { context, killed } = killedAt(person(), 'after', 'cloudRun', 'writeScale');
      const dying = killedAt(engine.run('merge-c'), 'after', 'terraform', 'apply');
      void applyAgainst(() => {
        void zero(context);
        return killed.then(engine.settled);
      }, dying.context);
      await dying.killed;
      await engine.settled();
      expect(scaling()).not.toEqual(STOPPED);
      await reconcile(engine.run('merge-c')); // at the end of the job, always
      expect(scaling()).toEqual(STOPPED);
    });
  });

  describe('while the service is stopped', () => {
    test('apply and release are refused with the remedy, and nothing starts', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      await zero();
      await noneRuns();
      const { generation } = engine.service();
      await expect(applyRun(engine.run('merge-c'), planned)).rejects.toMatchObject({
        code: 'SERVICE_STOPPED',
        exitCode: 3,
        remedy: expect.stringContaining(`scale ${engine.deployment.name} restore`),
      });
      expect(await endOf(release(engine.run('merge-b'), { sha: b.sha }))).toBe('SERVICE_STOPPED, exit 3');
      expect(engine.service().generation).toBe(generation);
      expect(running()).toEqual([]);
      await restore();
      expect(await endOf(deployRun(engine.run('merge-c'), sha, planned))).toBe('done');
    });

    test('by hand, which no ledger knows of, an apply is refused too', async () => {
      const planned = await planRun(engine.run('merge-c'), await engine.merge());
      await engine.byHand({ scaling: STOPPED }, 'scaling');
      expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('SERVICE_STOPPED, exit 3');
      expect((await status(person())).scaledByHand[0]).toMatch(/^STOPPED by hand/);
      await restore();
      expect(scaling()).toEqual(AUTOMATIC);
    });

    test('an apply that did not look would start an instance', async () => {
      const planned = await planRun(engine.run('merge-c'), await engine.merge());
      await zero();
      await noneRuns();
      const blind = engine.run('merge-c', ({ ledger, cloudRun }) => {
        const without = <L extends object | undefined>(found: L) =>
          found && (({ scale: _scale, ...rest }: { scale?: unknown }) => rest as L)(found);
        return {
          ledger: {
            ...ledger,
            read: async () => without(await ledger.read()),
            load: async () => {
              const loaded = await ledger.load();
              return { ...loaded, ledger: without(loaded.ledger) };
            },
            update: (change) => ledger.update((found) => change(without(found))),
          },
          cloudRun: { ...cloudRun, service: async () => ({ ...(await cloudRun.service())!, scaling: {} }) },
        };
      });
      let started: readonly string[] = [];
      await applyRun(
        after(blind, 'terraform', 'apply', () => (started = running())),
        planned,
      );
      expect(started).toContain(planned.revision);
    });

    test('a rollback moves the traffic, and neither tags nor warms nor probes', async () => {
      await zero();
      await noneRuns();
      const asked = engine.cloud.requests.length;
      expect(await rollback(person(), { reason: 'test' })).toEqual({ from: [b.revision], to: a.revision });
      expect(engine.cloud.requests.slice(asked)).toEqual([]);
      expect(running()).toEqual([]);
      expect(scaling()).toEqual(STOPPED);
      await restore();
      expect(percentOf(engine, a.revision)).toBe(100);
      expect(await ask(person())).toBe(200);
    });

    test('reconcile leaves it stopped', async () => {
      await zero();
      expect(await reconcile(person())).toMatchObject({ action: 'nothing' });
      expect(scaling()).toEqual(STOPPED);
    });

    test('drift says so first, and finds what it finds else: no plan shows the scaling', async () => {
      const everyStack = person(({ workspace, deployment }) => ({
        workspace: {
          ...workspace,
          async synth(identity) {
            const app = new App({ outdir: workspace.file('.'), stackTraces: false });
            deploymentStacks(app, deployment, identity);
            app.synth();
          },
        },
      }));
      const { findings } = await drift(everyStack);
      await engine.byHand({ scaling: MINIMUM }, 'scaling');
      expect((await drift(everyStack)).findings).toEqual([expect.stringMatching(AT_LEAST), ...findings]);
      await zero();
      expect((await drift(everyStack)).findings).toEqual([
        expect.stringMatching(/^STOPPED since .* by ada/),
        ...findings,
      ]);
    });

    test('a number of instances is refused: it would start what somebody stopped', async () => {
      await zero();
      expect(await endOf(scale(person(), 1, { reason: 'x' }))).toBe('SERVICE_STOPPED, exit 3');
      expect(scaling()).toEqual(STOPPED);
    });
  });

  describe('restore', () => {
    test('without anything to restore changes nothing, not even the ledger', async () => {
      const found = await engine.ledger();
      expect(await restore()).toMatchObject({ action: 'nothing' });
      expect(await engine.ledger()).toEqual(found);
    });

    test('puts back minimum and maximum of the service as they were', async () => {
      const was = { scalingMode: 'AUTOMATIC', minInstanceCount: 1, maxInstanceCount: 2 };
      await engine.byHand({ scaling: was }, 'scaling');
      await zero();
      await restore();
      expect(scaling()).toEqual(was);
    });

    test('takes away a minimum that somebody gave the service itself, which status has seen', async () => {
      await engine.byHand({ scaling: MINIMUM }, 'scaling');
      expect((await status(person())).scaledByHand).toEqual([expect.stringMatching(AT_LEAST)]);
      expect(await restore()).toMatchObject({ action: 'restored' });
      expect(scaling()).toEqual(AUTOMATIC);
      expect((await status(person())).scaledByHand).toEqual([]);
    });

    test('rejects to take a minimum away while a release is at work: it would end that', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      await engine.byHand({ scaling: MINIMUM }, 'scaling');
      let end: string | undefined;
      const canary = before(engine.run('merge-c'), 'metrics', 'windowStats', async () => {
        end ??= await endOf(restore());
      });
      expect(await endOf(deployRun(canary, sha, planned))).toBe('done');
      expect(end).toBe('RELEASE_UNDER_WAY, exit 3');
      expect(await restore()).toMatchObject({ action: 'restored' });
    });

    test('asks again where Cloud Run made something else of it', async () => {
      await zero();
      let writes = 0;
      // As the documentation has it of a switch that names no counts: they are taken from the manual count.
      const inheriting = person(({ cloudRun }) => ({
        cloudRun: {
          ...cloudRun,
          writeScale: ({ scaling: wanted, traffic }, etag) =>
            cloudRun.writeScale(
              { scaling: ++writes === 1 ? { ...wanted, minInstanceCount: 1 } : wanted, traffic },
              etag,
            ),
        },
      }));
      await restore(inheriting);
      expect(writes).toBe(2);
      expect(scaling()).toEqual(AUTOMATIC);
    });

    test('leaves out a tag whose revision is gone, and says so', async () => {
      const service = engine.deployment.service;
      await withTag(a.revision);
      await zero();
      const { ledger } = person();
      await ledger.update((found) => ({
        ...found!,
        scale: {
          ...found!.scale!,
          before: {
            ...found!.scale!.before,
            tags: [...found!.scale!.before.tags, { tag: 'old', revision: `${service}-gone` }],
          },
        },
      }));
      expect((await restore()).said.at(-1)).toBe(
        'not put back, because the revision is gone or not ready: tag old',
      );
      expect(tags()).toEqual(['look']);
    });

    test.each([
      ['before', 'cloudRun', 'writeScale', 1],
      ['after', 'cloudRun', 'writeScale', 1],
      ['after', 'ledger', 'update', 1],
      ['before', 'ledger', 'write', 1],
      ['after', 'ledger', 'write', 1],
    ] as const)(
      'killed %s %s.%s %i is finished by a rerun, and by reconcile',
      async (when, port, call, count) => {
        for (const finish of [restore, (context: ReleaseContext) => reconcile(context)]) {
          await withTag(a.revision, 'kept');
          await zero();
          const { context, killed } = killedAt(person(), when, port, call as never, count);
          const ended = restore(context).then(() =>
            Promise.reject(new Error('it ended before it was killed')),
          );
          await Promise.race([killed, ended]);
          await finish(person());
          expect(scaling()).toEqual(AUTOMATIC);
          expect(tags()).toEqual(['kept']);
          expect((await engine.ledger()).scale).toBeUndefined();
          await engine.twoReleases();
        }
      },
    );

    test('that a newer stop has overtaken stops with exit 4, and the service stays stopped', async () => {
      await zero();
      const overtaken = before(person(), 'cloudRun', 'writeScale', () => zero(person(), 'no, not yet'));
      expect(await endOf(restore(overtaken))).toBe('SUPERSEDED, exit 4');
      expect(scaling()).toEqual(STOPPED);
    });

    test('that is overtaken after all, by a write that moved no etag, stops the service again', async () => {
      await zero();
      const still = person(({ cloudRun }) => ({ cloudRun: { ...cloudRun, writeScale: async () => ({}) } }));
      const overtaken = before(person(), 'cloudRun', 'writeScale', () => zero(still, 'no, not yet'));
      expect(await endOf(restore(overtaken))).toBe('SUPERSEDED, exit 4');
      expect(scaling()).toEqual(STOPPED);
      expect((await engine.ledger()).scale).toMatchObject({ reason: 'no, not yet' });
    });
  });

  describe('a number', () => {
    const two = (context?: ReleaseContext) => scale(context ?? person(), 1, { reason: 'a batch tonight' });

    test('keeps instances running without requests, says what they cost, and holds up releases until the restore', async () => {
      const planned = await planRun(engine.run('merge-c'), await engine.merge());
      expect((await two()).said.join('\n')).toMatch(/1 instance.* USD per hour \(\d{4}-\d{2}\)/);
      expect(scaling()).toEqual({ scalingMode: 'MANUAL', manualInstanceCount: 1 });
      expect(running()).toContain(b.revision);
      expect(await endOf(applyRun(engine.run('merge-c'), planned))).toBe('SCALED_BY_HAND, exit 3');
      expect((await status(person())).scaledByHand[0]).toMatch(/^FIXED at 1 instance/);
      await restore();
      expect(scaling()).toEqual(AUTOMATIC);
    });

    test('leaves tags where they are', async () => {
      await withTag(a.revision);
      await two();
      expect(tags()).toEqual(['look']);
    });

    test('then zero, then restore: what was there first comes back', async () => {
      await withTag(a.revision);
      await two();
      await zero();
      expect(tags()).toEqual([]);
      await restore();
      expect(scaling()).toEqual(AUTOMATIC);
      expect(tags()).toEqual(['look']);
    });

    test('above the maximum is refused before anything is asked', async () => {
      const { maxInstances } = engine.deployment.scaling;
      const deaf = person(() => ({ call: () => Promise.reject(new Error('asked')) }));
      const end = endOf(scale(deaf, maxInstances + 1, { reason: 'x' }));
      expect(await end).toBe('ABOVE_MAXIMUM, exit 2');
    });

    test('that the quota does not hold is refused, and changes nothing', async () => {
      const { generation } = engine.service();
      const poor = person(({ deployment, call }) => ({
        deployment: { ...deployment, scaling: { ...deployment.scaling, maxInstances: 50 } },
        call,
      }));
      expect(await endOf(scale(poor, 50, { reason: 'x' }))).toBe('OVER_QUOTA, exit 2');
      expect(engine.service().generation).toBe(generation);
    });

    test('while a release is under way is refused', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      let end: string | undefined;
      const canary = before(engine.run('merge-c'), 'metrics', 'windowStats', async () => {
        end = await endOf(two());
      });
      expect(await endOf(deployRun(canary, sha, planned))).toBe('done');
      expect(end).toBe('RELEASE_UNDER_WAY, exit 3');
    });
  });
});
