import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REVISION } from '../../../domain/releases/traffic';
import { planRun } from '../../../rehearsal/stage';
import { build } from '../../../release/verbs/build';
import { ApiError } from '../../../release/adapters/google/googleApi';
import { release } from '../../../release/verbs/release';
import { rollback } from '../../../release/verbs/rollback';
import { workspace } from '../../../release/adapters/terraform/workspace';
import { applyRun, endOf, type Engine, openEngine, percentOf } from './engine';

// What stops the engine before it has done harm, each provoked as it happens: by a person, a race or a cloud that does not answer.
describe('the engine refuses', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  const backTo = (to: string) => ({ to, now: true, reason: 'test' });

  test('a rollback of a service that is not there', async () => {
    const nowhere = engine.run('on-call', ({ cloudRun }) => ({
      cloudRun: { ...cloudRun, service: () => Promise.resolve(undefined) },
    }));
    expect(await endOf(rollback(nowhere, backTo('x')))).toBe('NO_SERVICE, exit 3');
  });

  test('to release a commit that nobody applied', async () => {
    await engine.twoReleases();
    const sha = await engine.merge();
    expect(await endOf(release(engine.run('ci'), { sha }))).toBe('NOT_APPLIED, exit 2');
  });

  test('to apply another fingerprint than the one that was approved, and changes nothing', async () => {
    const { b } = await engine.twoReleases();
    const run = engine.run('ci');
    const planned = await planRun(run, await engine.merge());
    expect(await endOf(applyRun(run, { ...planned, fingerprint: 'f'.repeat(64) }))).toBe(
      'NOT_APPROVED, exit 3',
    );
    expect(engine.revisions()).not.toContain(planned.revision);
    expect(percentOf(engine, b.revision)).toBe(100);
  });

  test('to release where nothing says which revision is meant to serve', async () => {
    const { a, b } = await engine.twoReleases();
    const forgetful = engine.run('ci');
    await forgetful.ledger.update((ledger) => ({ ...ledger!, intent: undefined }));
    const traffic = [a, b].map(({ revision }) => ({ type: REVISION, revision, percent: 50 }));
    await engine.byHand({ traffic }, 'traffic');
    expect(await endOf(release(forgetful, { sha: b.sha }))).toBe('NO_INTENT, exit 3');
    expect(percentOf(engine, a.revision)).toBe(50);
  });

  test('to go on when somebody else writes traffic every time', async () => {
    const { a } = await engine.twoReleases();
    let tries = 0;
    const contested = engine.run('on-call', ({ cloudRun }) => ({
      cloudRun: {
        ...cloudRun,
        writeTraffic: () => {
          tries++;
          return Promise.reject(new ApiError(409, 'etag', { where: 'service', remedy: 'none' }));
        },
      },
    }));
    expect(await endOf(rollback(contested, backTo(a.revision)))).toBe('TRAFFIC_CONTESTED, exit 3');
    expect(tries).toBe(10);
  });

  test('to call traffic moved that was taken and is not served', async () => {
    const { a, b } = await engine.twoReleases();
    const frozen = engine.service().trafficStatuses;
    const stuck = engine.run('on-call', ({ cloudRun }) => ({
      cloudRun: {
        ...cloudRun,
        service: async () => {
          const service = await cloudRun.service();
          return service && { ...service, trafficStatuses: frozen };
        },
      },
    }));
    expect(await endOf(rollback(stuck, backTo(a.revision)))).toBe('TRAFFIC_NOT_SETTLED, exit 3');
    expect((await engine.ledger()).intent).toMatchObject({ revision: a.revision });
    expect((await engine.ledger()).intent?.settledAt).toBeUndefined();
    expect(frozen.some(({ revision }) => revision === b.revision)).toBe(true);
  });

  test('to call a rollback well whose target does not read', async () => {
    const { a } = await engine.twoReleases();
    const sha = await engine.merge('garbage');
    const run = engine.run('ci', ({ defences }) => ({
      defences: {
        ...defences,
        smoke: () => Promise.resolve({ passed: true, findings: [] }),
        judge: () => ({ state: 'healthy', reasons: [] }),
      },
    }));
    const planned = await planRun(run, sha);
    await applyRun(run, planned);
    await release(run, { sha });
    await rollback(engine.run('on-call'), backTo(a.revision));
    expect(await endOf(rollback(engine.run('on-call'), backTo(planned.revision)))).toBe(
      'ROLLED_BACK_NOT_WELL, exit 3',
    );
    expect(percentOf(engine, planned.revision)).toBe(100);
  });

  test('to call a build done that left no image', async () => {
    const sha = await engine.merge();
    const blind = engine.run('ci', ({ registry }) => ({
      registry: { ...registry, digestOf: () => Promise.resolve(undefined) },
    }));
    expect(await endOf(build(blind, { sha }))).toMatch(/^BUILD_WITHOUT_IMAGE, exit /);
  });

  test('to plan what synth refuses, in synth’s own words', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'synth-'));
    const { synth } = workspace(join(__dirname, '../../..'), folder, {
      ...engine.deployment,
      name: 'no-such',
    });
    await expect(
      synth({ sha: 'a'.repeat(40), digest: `sha256:${'0'.repeat(64)}`, revision: 'x' }),
    ).rejects.toMatchObject({
      code: 'SYNTH_FAILED',
      exitCode: 2,
      message: expect.stringContaining('UNKNOWN_DEPLOYMENT') as string,
    });
  });
});
