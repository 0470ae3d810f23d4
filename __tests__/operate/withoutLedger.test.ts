import { bucketName, ledgerObject } from '../../domain/names';
import { findLedger } from '../../domain/releases/projectState';
import { nextSteps } from '../../domain/service/verification';
import { history } from '../../operate/history';
import { report } from '../../operate/report/report';
import { restart } from '../../operate/restart';
import { revisions } from '../../operate/revisions';
import { verify } from '../../operate/verify';
import { failureOf } from '../../rehearsal/stage';
import type { ReleaseContext } from '../../release/ports/context';
import { release } from '../../release/verbs/release';
import { rollback } from '../../release/verbs/rollback';
import { status } from '../../release/verbs/status';
import { runProgram } from '../bin/program';
import { type Engine, openEngine, type Released } from '../release/engine/engine';

let engine: Engine;
const person = () => engine.run('person');
const object = () => ({
  bucket: bucketName(engine.deployment, 'ledger'),
  name: ledgerObject(engine.deployment),
});

describe('without a ledger', () => {
  let a: Released;
  let b: Released;
  beforeAll(async () => {
    engine = await openEngine();
    ({ a, b } = await engine.twoReleases());
    const { bucket, name } = object();
    const path = `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
    await person().call('storage', { method: 'DELETE', path });
  });
  afterAll(() => engine.stop());

  test.each<[string, (context: ReleaseContext) => Promise<unknown>]>([
    ['history', history],
    ['report', report],
    ['restart', (context) => restart(context, { reason: 'x', dryRun: true })],
    ['release', (context) => release(context, { sha: b.sha })],
  ])('%s stops, and says where it is looked for', async (_command, run) => {
    expect(await failureOf(run(person()))).toMatchObject({
      code: 'NO_LEDGER',
      exitCode: 3,
      remedy: findLedger(engine.deployment),
    });
  });

  test('status, revisions and verify show the traffic and name the same command', async () => {
    const mend = findLedger(engine.deployment);
    const serves = [expect.objectContaining({ revision: b.revision, percent: 100 })];
    expect(await status(person())).toMatchObject({ ledger: 'none', traffic: serves, mend });
    const { revisions: rows, ...rest } = await revisions(person());
    expect(rest).toMatchObject({ ledger: 'none', mend });
    expect(rows.map(({ revision }) => revision)).toEqual([b.revision, a.revision]);
    expect(nextSteps(engine.deployment, await verify(person()))).toEqual([mend]);
  });

  test('a bare rollback goes nowhere, and names what could serve', async () => {
    const failure = await failureOf(rollback(person(), { reason: 'x', now: true }));
    expect(failure).toMatchObject({ code: 'NO_LEDGER', exitCode: 3 });
    expect(failure?.remedy).toMatch(new RegExp(`--reason TEXT \\(candidates: ${a.revision}\\)$`));
  });
});

describe('with a ledger that cannot be read', () => {
  let b: Released;
  beforeAll(async () => {
    engine = await openEngine();
    ({ b } = await engine.twoReleases());
  });
  afterAll(() => engine.stop());

  const spoil = async () => {
    const [{ storage }, { bucket, name }] = [person(), object()];
    await storage.write(bucket, name, 'spoilt', (await storage.read(bucket, name))!.generation);
  };

  test.each<[string, string, () => unknown]>([
    ['that may not be read', 'API_403', () => engine.cloud.access.withhold('storage.objects.get')],
    ['that is none', 'LEDGER_UNREADABLE', spoil],
  ])('%s: Cloud Run’s half is shown, then what kept it from the rest', async (_what, code, lose) => {
    await lose();
    for (const command of ['status', 'revisions', 'verify']) {
      const ran = await runProgram([command, 'rehearsal', '--endpoint', engine.cloud.url]);
      expect(ran.code).toBe(3);
      expect(ran.out).toContain(b.revision);
      expect(ran.out).not.toMatch(/intent: +none|rollback|nothing has been released/);
      expect(ran.err).toMatch(new RegExp(`^${code}: `, 'm'));
    }
    engine.cloud.access.restore();
  });
});
