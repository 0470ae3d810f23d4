import type { QuotaDecision } from '../../rehearsal/cloud/quotaPreferences';
import { type Rig, startRig } from '../rehearsal/cloud/harness';
import { startProgram } from './program';

const PREFERENCES = '/v1/projects/my-project/locations/global/quotaPreferences';
const ME = ['--request', '--email', 'me@example.com'];

describe('lightonocr quota --request', () => {
  let rig: Rig;
  let decide: QuotaDecision = () => undefined;
  beforeAll(async () => {
    rig = await startRig({ quotaDecision: (question) => decide(question) });
  });
  afterAll(() => rig.cloud.stop());

  /** `interruptAt`: what it says on standard error when Ctrl-C is pressed. */
  async function quota(words: readonly string[], interruptAt?: RegExp) {
    const { child, ended, err } = startProgram([
      'quota',
      'production',
      ...words,
      '--endpoint',
      rig.cloud.url,
    ]);
    child.stderr.on('data', () => {
      if (!child.killed && interruptAt?.test(err())) child.kill('SIGINT');
    });
    return ended;
  }
  const preferences = async () => (await rig.call('GET', PREFERENCES)).json.quotaPreferences as unknown[];

  test('rejects bad input, all of it, and options without --request', async () => {
    const wrong = await quota(['--request', '--gpus', '0', '--email', 'me', '--justification', ' ']);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/^BAD_INPUT: --gpus .*--email .*--justification is empty/m);
    const alone = await quota(['--gpus', '2', '--dry-run', '--yes']);
    expect(alone.code).toBe(2);
    expect(alone.err).toMatch(/--gpus is for --request; --dry-run is for --request; --yes is for --request/);
  });

  test('rejects a script that does not say --yes, and sends nothing in a dry run', async () => {
    const script = await quota(ME);
    expect(script.code).toBe(2);
    expect(script.err).toMatch(/^NOT_CONFIRMED/m);
    const dry = await quota([...ME, '--dry-run']);
    expect(dry.code).toBe(0);
    expect(dry.out).toMatch(
      /^PATCH \/v1\/projects\/my-project\/.*\/lightonocr-gib-us-central1\?allowMissing=true$/m,
    );
    expect(dry.out).toContain('"contactEmail": "me@example.com"');
    expect(await preferences()).toEqual([]);
  });

  test('asks, says that Google may take days, and the next day shows the answer', async () => {
    const asked = await quota([...ME, '--yes']);
    expect(asked.code).toBe(0);
    expect(asked.out).toMatch(/asked for 64 GiB, pending.*\nGoogle answers in minutes or in days/);
    expect(await preferences()).toHaveLength(1);

    // Ctrl-C while it waits: the request stays, and the exit code is not that of a quota that was granted.
    const stopped = await quota(['--request', '--follow'], /has not decided/);
    expect(stopped.code).toBe(3);
    expect(stopped.err).toMatch(/^QUOTA_PENDING/m);

    decide = () => ({ granted: 48 * 2 ** 30, stateDetail: 'partially approved' });
    const partly = await quota(['--request']);
    expect(partly.code).toBe(3);
    expect(partly.out).toContain('partly granted: 48 GiB (partially approved)');
    expect(partly.err).toMatch(/^QUOTA_NOT_GRANTED/m);

    decide = ({ preferred }) => ({ granted: preferred });
    const again = await quota([...ME, '--again', '--yes', '--follow', '--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({
      asks: [{ preference: { quotaConfig: { grantedValue: '68719476736' } } }],
    });
    const done = await quota(['--request']);
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('nothing to ask for') });
    expect(await preferences()).toHaveLength(1);
  });
});
