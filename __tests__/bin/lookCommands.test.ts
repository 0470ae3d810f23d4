import { type Rig, startRig } from '../rehearsal/cloud/harness';
import { runProgram } from './program';

describe('an empty project', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await startRig()));
  afterAll(() => rig.cloud.stop());

  const run = (...args: string[]) => runProgram([...args, '--endpoint', rig.cloud.url]);

  test('revisions: there is no service, and that is no error', async () => {
    expect(await run('revisions', 'rehearsal')).toMatchObject({
      code: 0,
      out: 'lightonocr-gpu does not exist\n',
    });
    const { out } = await run('revisions', 'rehearsal', '--json');
    expect(JSON.parse(out)).toEqual({
      service: 'lightonocr-gpu',
      exists: false,
      hasLedger: false,
      revisions: [],
    });
  });

  test('history stops with exit code 3: there is no ledger', async () => {
    const { code, out, err } = await run('history', 'rehearsal');
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/^NO_LEDGER: There is no ledger: nothing says which revision is meant to serve\./);
  });
});
