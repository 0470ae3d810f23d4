import { loadDeployment } from '../../deployments/load';
import { bucketName, ledgerObject, servicePath } from '../../domain/names';
import { startLocalCloud, type LocalCloud } from '../../rehearsal/cloud/localCloud';
import { IMAGE, INSTANCE, type Json, template } from '../rehearsal/cloud/harness';
import { runProgram } from './program';

const DEPLOYMENT = loadDeployment('rehearsal');
const LEDGER = bucketName(DEPLOYMENT, 'ledger');

/** The command as a person types it, against a service that was made by hand. */
describe('lightonocr scale', () => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await startLocalCloud({ imageEntrypoint: INSTANCE, operationSeconds: 0, buckets: [LEDGER] });
    const digest = cloud.registry.push({ name: IMAGE, tags: ['t'], entrypoint: INSTANCE, env: {} });
    const answer = await fetch(`${cloud.url}/v2/${servicePath(DEPLOYMENT)}?allowMissing=true`, {
      method: 'PATCH',
      headers: { authorization: 'Bearer x' },
      body: JSON.stringify({ template: template(`${IMAGE}@${digest}`, undefined) }),
    });
    expect(answer.status).toBe(200);
  });
  afterAll(() => cloud.stop());

  const run = (...args: string[]) => runProgram([...args, '--endpoint', cloud.url]);
  const scaling = () => (cloud.run.service(DEPLOYMENT.service) as Json).scaling as Json | undefined;
  const ledger = () => cloud.storage.list(LEDGER)!.includes(ledgerObject(DEPLOYMENT));

  test('rejects a stop without a reason with exit code 2, and touches nothing', async () => {
    const { code, err } = await run('scale', 'rehearsal', 'zero');
    expect([code, err]).toEqual([2, expect.stringMatching(/^BAD_INPUT: --reason is missing/)]);
    expect([scaling(), ledger()]).toEqual([undefined, false]);
  });

  test('rejects a word that is none before anything is read, and says which there are', async () => {
    const { code, err } = await run('scale', 'rehearsal', 'zeroo', '--reason', 'cost');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/'zeroo' is invalid .*It is zero, restore, or a number of instances/),
    ]);
  });

  test('with --dry-run says what it would do, and touches nothing', async () => {
    const { code, out } = await run('scale', 'rehearsal', 'zero', '--reason', 'cost', '--dry-run');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^would stop: .*\n {2}scaling: automatic -> manual, 0/),
    ]);
    expect([scaling(), ledger()]).toEqual([undefined, false]);
  });

  test('stops, status begins with it, and restore takes it back', async () => {
    const stopped = await run('scale', 'rehearsal', 'zero', '--reason', 'cost', '--json');
    expect([stopped.code, JSON.parse(stopped.out)]).toEqual([
      0,
      expect.objectContaining({ action: 'stopped' }),
    ]);
    expect(scaling()).toEqual({ scalingMode: 'MANUAL', manualInstanceCount: 0 });
    expect((await run('status', 'rehearsal')).out).toMatch(
      /^STOPPED since .* because: cost; bin\/lightonocr scale rehearsal restore/,
    );
    const restart = await run('restart', 'rehearsal', '--reason', 'hangs');
    expect([restart.code, restart.err]).toEqual([3, expect.stringMatching(/^SERVICE_STOPPED: /m)]);
    const restored = await run('scale', 'rehearsal', 'restore');
    expect([restored.code, restored.out]).toEqual([0, expect.stringMatching(/^restored: /)]);
    expect(scaling()?.scalingMode).not.toBe('MANUAL');
    expect((await run('scale', 'rehearsal', 'restore')).out).toMatch(/^nothing: .*\n {2}nothing to restore/);
  });

  test('rejects a restart without a reason with exit code 2', async () => {
    const { code, err } = await run('restart', 'rehearsal', '--reason', ' ');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^BAD_INPUT: --reason is empty\n {2}where: {2}restart/),
    ]);
  });
});
