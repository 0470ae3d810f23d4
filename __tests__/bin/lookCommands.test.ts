import { spawn } from 'node:child_process';
import { type Rig, startRig } from '../rehearsal/cloud/harness';

describe('an empty project', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await startRig()));
  afterAll(() => rig.cloud.stop());

  async function run(...args: string[]) {
    const child = spawn(process.execPath, ['bin/lightonocr', ...args, '--endpoint', rig.cloud.url], {
      env: { ...process.env, GOOGLE_OAUTH_ACCESS_TOKEN: 'x' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, out, err };
  }

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
