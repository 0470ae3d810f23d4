import { type Rig, startRig } from '../rehearsal/cloud/harness';
import { runProgram } from './program';

const NEXT = 'bin/lightonocr bootstrap rehearsal --run next';

describe('an empty project', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await startRig()));
  afterAll(() => rig.cloud.stop());

  const run = (...args: string[]) => runProgram([...args, '--endpoint', rig.cloud.url]);

  test('revisions: there is no service, and that is no error', async () => {
    expect(await run('revisions', 'rehearsal')).toMatchObject({
      code: 0,
      out: `lightonocr-gpu does not exist\n  → ${NEXT}\n`,
    });
    const { out } = await run('revisions', 'rehearsal', '--json');
    expect(JSON.parse(out)).toEqual({
      service: 'lightonocr-gpu',
      exists: false,
      ledger: 'none',
      mend: NEXT,
      revisions: [],
    });
  });

  test('status: the same step', async () => {
    const { code, out } = await run('status', 'rehearsal');
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`nothing says what is meant to serve\n  → ${NEXT}\n`),
    ]);
  });

  test.each([
    ['image', ['image', 'rehearsal']],
    ['rollback', ['rollback', 'rehearsal', '--reason', 'x']],
    ['scale', ['scale', 'rehearsal', 'zero', '--reason', 'x']],
    ['verify', ['verify', 'rehearsal']],
  ])('%s stops, and names the same step', async (_command, args) => {
    const { code, err } = await run(...args);
    expect(code).toBe(3);
    expect(err).toMatch(/^NO_SERVICE: /);
    expect(err).toContain(`remedy: ${NEXT}\n`);
  });

  test('history stops with exit code 3: there is no ledger', async () => {
    const { code, out, err } = await run('history', 'rehearsal');
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/^NO_LEDGER: There is no ledger: nothing says which revision is meant to serve\./);
  });
});
