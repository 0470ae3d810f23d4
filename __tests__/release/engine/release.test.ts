import { LATEST } from '../../../domain/releases/traffic';
import { deployRun, failureOf, planRun } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';
import { ApiError } from '../../../release/adapters/google/googleApi';
import { release } from '../../../release/verbs/release';
import { rollback } from '../../../release/verbs/rollback';
import { after, before } from './between';
import { applyRun, endOf, type Engine, openEngine, percentOf, type Released } from './engine';

describe('release', () => {
  let engine: Engine;
  let a: Released;
  let b: Released;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(async () => void ({ a, b } = await engine.twoReleases()));

  const deploy = async (sha: string, change?: (context: ReleaseContext) => Partial<ReleaseContext>) => {
    const run = engine.run(`merge-${sha.slice(0, 7)}`, change);
    const planned = await planRun(run, sha);
    return { revision: planned.revision, end: await endOf(deployRun(run, sha, planned)) };
  };
  const holds = async () => (await engine.ledger()).holds.map(({ revision }) => revision);
  const onCall = (options: { to?: string } = {}) =>
    rollback(engine.run('on-call'), { ...options, now: true, reason: 'test' });

  describe('of an image that reads garbage', () => {
    test('ends at the smoke test, without traffic and without a hold', async () => {
      const { end, revision } = await deploy(await engine.merge('garbage'));
      expect(end).toBe('SMOKE_FAILED, exit 1');
      expect(engine.routed(revision)).toBe(0);
      expect(percentOf(engine, b.revision)).toBe(100);
      expect(await holds()).not.toContain(revision);
    });

    test('without smoke test and canary it serves', async () => {
      const { end, revision } = await deploy(await engine.merge('garbage'), ({ defences }) => ({
        defences: {
          ...defences,
          smoke: () => Promise.resolve({ passed: true, findings: [] }),
          judge: () => ({ state: 'healthy', reasons: [] }),
        },
      }));
      expect(end).toBe('done');
      expect(percentOf(engine, revision)).toBe(100);
    });
  });

  describe('of an image that fails after some pages', () => {
    test('goes back to stable and holds it', async () => {
      const { end, revision } = await deploy(await engine.merge('errors-after:3'));
      expect(end).toBe('CANARY_UNHEALTHY, exit 1');
      expect(percentOf(engine, b.revision)).toBe(100);
      expect(await holds()).toContain(revision);
      expect((await engine.ledger()).releases[0]).toMatchObject({ revision, state: 'put-back' });
    });

    test('leaves in the journal how traffic moved, and why', async () => {
      const { revision } = await deploy(await engine.merge('errors-after:3'));
      const journal = [...((await engine.ledger()).journal ?? [])].reverse();
      const since = journal.slice(journal.findIndex((entry) => JSON.stringify(entry).includes(revision)));
      const told = since.map((entry) =>
        entry.kind === 'intent'
          ? `meant: ${entry.revision}`
          : entry.kind === 'traffic'
            ? Object.fromEntries(entry.shares.map(({ revision: name, percent }) => [name, percent]))
            : entry.kind === 'verdict'
              ? `${entry.percent} % ${entry.state}`
              : entry.kind,
      );
      expect(told).toEqual([
        '0 % healthy',
        { [b.revision]: 90, [revision]: 10 },
        '10 % unhealthy',
        { [b.revision]: 100 },
      ]);
    });

    test('without the verdict it serves', async () => {
      const { end, revision } = await deploy(await engine.merge('errors-after:3'), ({ defences }) => ({
        defences: { ...defences, judge: () => ({ state: 'healthy', reasons: [] }) },
      }));
      expect(end).toBe('done');
      expect(percentOf(engine, revision)).toBe(100);
    });
  });

  test('changes nothing when it is run again after it has ended well', async () => {
    const sha = await engine.merge();
    const { revision } = await deploy(sha);
    const { generation } = engine.service();
    const history = async () =>
      (await engine.ledger()).releases.map(({ epoch: _epoch, updatedAt: _updatedAt, ...entry }) => entry);
    const before = await history();
    expect(await release(engine.run('again'), { sha })).toEqual({ revision, outcome: 'unchanged' });
    expect(engine.service().generation).toBe(generation);
    expect(await history()).toEqual(before);
  });

  describe('with a rollback during its canary', () => {
    /** Deploys C; somebody on call rolls back when its first window has been baked. */
    const deployAgainst = async (rollsBack: () => Promise<unknown>) => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      let then = { generation: '', routed: 0 };
      const context = before(engine.run('merge-c'), 'metrics', 'windowStats', async () => {
        await rollsBack();
        then = { generation: engine.service().generation, routed: engine.routed(planned.revision) };
      });
      const end = await endOf(deployRun(context, sha, planned));
      return { end, revision: planned.revision, then };
    };

    test('stops and touches nothing', async () => {
      const { end, revision, then } = await deployAgainst(() => onCall({ to: a.revision }));
      expect(end).toBe('SUPERSEDED, exit 4');
      expect(engine.service().generation).toBe(then.generation);
      expect(engine.routed(revision)).toBe(then.routed);
      expect(percentOf(engine, a.revision)).toBe(100);
      expect((await engine.ledger()).releases[0]).toMatchObject({ revision, state: 'superseded' });
    });

    test('stops also where the rollback comes between its ledger and its traffic', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      const context = before(engine.run('merge-c'), 'cloudRun', 'writeTraffic', () =>
        onCall({ to: a.revision }),
      );
      expect(await endOf(deployRun(context, sha, planned))).toBe('SUPERSEDED, exit 4');
      expect(percentOf(engine, a.revision)).toBe(100);
    });

    test('without the etag gives its traffic to stable over the rollback', async () => {
      const sha = await engine.merge();
      const planned = await planRun(engine.run('merge-c'), sha);
      const blind = engine.run('merge-c', ({ cloudRun, defences }) => ({
        cloudRun: {
          ...cloudRun,
          writeTraffic: (traffic) => cloudRun.writeTraffic(traffic, ''),
        },
        defences: { ...defences, smoke: () => Promise.resolve({ passed: true, findings: [] }) },
      }));
      let serving = '';
      let context = before(blind, 'cloudRun', 'writeTraffic', () => onCall({ to: a.revision }));
      context = after(context, 'cloudRun', 'writeTraffic', async () => {
        await engine.settled();
        serving = await engine.traffic();
      });
      await endOf(deployRun(context, sha, planned));
      expect(serving).toContain(`${b.revision} 100 %`);
    });

    test('a bare rollback goes to stable and holds the candidate', async () => {
      const { end, revision } = await deployAgainst(() => onCall());
      expect(end).toBe('SUPERSEDED, exit 4');
      expect(percentOf(engine, b.revision)).toBe(100);
      expect(await holds()).toContain(revision);
    });
  });

  describe('with somebody else at work between its apply and its canary', () => {
    test('is superseded by a rollback', async () => {
      const sha = await engine.merge();
      const run = engine.run('merge-c');
      await applyRun(run, await planRun(run, sha));
      await onCall({ to: a.revision });
      expect(await endOf(release(run, { sha }))).toBe('SUPERSEDED, exit 4');
      expect(percentOf(engine, a.revision)).toBe(100);
    });

    test('is superseded by a newer release, which goes on', async () => {
      const [older, newer] = [await engine.merge(), await engine.merge()];
      const runs = { older: engine.run('older'), newer: engine.run('newer') };
      await applyRun(runs.older, await planRun(runs.older, older));
      const planned = await planRun(runs.newer, newer);
      // The newer apply gets the lease that the older release waits for.
      const waiting = before(runs.older, 'ledger', 'update', () => applyRun(runs.newer, planned));
      expect(await endOf(release(waiting, { sha: older }))).toBe('SUPERSEDED, exit 4');
      expect(await endOf(release(runs.newer, { sha: newer }))).toBe('done');
      expect(percentOf(engine, planned.revision)).toBe(100);
    });
  });

  describe('of what is held', () => {
    const refused = 'HELD, exit 3';
    let sameImage: () => Promise<string>;
    beforeEach(async () => {
      await onCall({ to: a.revision });
      sameImage = () =>
        engine.repository.merge('the same image', { content: b.sha, document: `${Math.random()}` });
    });

    test('is refused under the same SHA and under a new one', async () => {
      expect((await deploy(b.sha)).end).toMatch(/HELD, exit 3|SUPERSEDED_SHA/);
      expect((await deploy(await sameImage())).end).toBe(refused);
      expect(percentOf(engine, a.revision)).toBe(100);
    });

    test('without the hold comes in again', async () => {
      const { end } = await deploy(await sameImage(), ({ defences }) => ({
        defences: { ...defences, blockOn: () => undefined },
      }));
      expect(end).toBe('done');
      expect(percentOf(engine, b.revision)).toBe(100);
    });

    test('comes in by force, and is held no longer once it serves', async () => {
      const sha = await sameImage();
      const run = engine.run('by force');
      expect(await endOf(deployRun(run, sha, await planRun(run, sha), { force: true }))).toBe('done');
      expect(percentOf(engine, b.revision)).toBe(100);
      expect(await holds()).not.toContain(b.revision);
    });

    test('comes in by a rollback to it, which lifts the hold', async () => {
      expect(await holds()).toContain(b.revision);
      await onCall({ to: b.revision });
      expect(await holds()).not.toContain(b.revision);
      expect((await deploy(await sameImage())).end).toBe('done');
    });
  });

  test('of a merge that changes only documentation makes no revision and no canary', async () => {
    const revisions = engine.revisions();
    const sha = await engine.repository.merge('words', {
      content: b.sha,
      document: `words ${Math.random()}`,
    });
    const run = engine.run('words');
    const { generation } = engine.service();
    expect(await deployRun(run, sha, await planRun(run, sha))).toEqual({
      revision: b.revision,
      outcome: 'unchanged',
    });
    expect(engine.revisions()).toEqual(revisions);
    expect(engine.service().generation).toBe(generation);
  });
});

describe('release without data', () => {
  let engine: Engine;
  beforeAll(
    async () => void (engine = await openEngine({ cloud: { monitoringLagSeconds: 3600 }, bakeSeconds: 120 })),
  );
  afterAll(() => engine.stop());

  const deploy = async (change?: (context: ReleaseContext) => Partial<ReleaseContext>) => {
    const sha = await engine.merge();
    const run = engine.run('merge-c', change);
    const planned = await planRun(run, sha);
    return { revision: planned.revision, failure: await failureOf(deployRun(run, sha, planned)) };
  };

  test('goes back to stable, undecided, and holds nothing', async () => {
    const { b } = await engine.twoReleases();
    const { failure, revision } = await deploy();
    expect(failure).toMatchObject({ code: 'CANARY_UNDECIDED', exitCode: 1 });
    expect(percentOf(engine, b.revision)).toBe(100);
    const { holds, releases } = await engine.ledger();
    expect(holds.map((hold) => hold.revision)).not.toContain(revision);
    expect(releases[0]).toMatchObject({ revision, state: 'put-back' });
    expect(engine.service().traffic.some(({ type }) => type === LATEST)).toBe(false);
  });

  test('goes back where Monitoring fails, and says which API, what it said, and what to do', async () => {
    await engine.twoReleases();
    const where = 'GET https://monitoring.googleapis.com/v3/projects/p/timeSeries';
    const said = { where, remedy: 'give it the role' };
    const brokenBy = async (status: number) => {
      const windowStats = () => Promise.reject(new ApiError(status, 'backend', said));
      return (await deploy(() => ({ metrics: { windowStats } }))).failure;
    };
    const details = { code: 'RELEASE_BROKEN', exitCode: 1, where };
    expect(await brokenBy(403)).toMatchObject({
      ...details,
      got: 'HTTP 403',
      remedy: expect.stringMatching(/^give it the role; then deploy again: bin\/lightonocr plan /),
    });
    expect(await brokenBy(500)).toMatchObject({
      ...details,
      got: 'HTTP 500',
      remedy: expect.stringMatching(/^wait until that API is well; then deploy again: /),
    });
  });

  test('would serve if no data were healthy', async () => {
    await engine.twoReleases();
    const { failure, revision } = await deploy(({ defences }) => ({
      defences: {
        ...defences,
        judge: (settings, evidence, step) => defences.judge(settings, evidence, { ...step, measured: true }),
      },
    }));
    expect(failure).toBeUndefined();
    expect(percentOf(engine, revision)).toBe(100);
  });
});
