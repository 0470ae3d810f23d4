import { findingsText, verificationText } from '../../bin/doctorCommands';
import { loadDeployment } from '../../deployments/load';
import type { Finding } from '../../domain/finding';
import type { Verification } from '../../domain/service/verification';
import { type Engine, openEngine } from '../release/engine/engine';
import { applyPlatform } from '../operate/doctor/platform';
import { runProgram } from './program';

/** The program as a person starts it. */
const run = (...args: readonly string[]) =>
  runProgram(args, { LIGHTONOCR_ID_TOKEN: 'x', GITHUB_TOKEN: '', GH_TOKEN: '' });

describe('doctor and verify, as a person starts them', () => {
  let engine: Engine;
  let url: string;
  beforeAll(async () => {
    engine = await openEngine();
    await engine.release({ initLedger: true });
    await applyPlatform(engine.run('person'));
    url = engine.cloud.url;
  });
  afterAll(() => engine.stop());

  test('doctor: exit code 0 where all that was asked for is ok', async () => {
    const { code, out, err } = await run(
      'doctor',
      'rehearsal',
      '--only',
      'project,apis,buckets,alerts',
      '--endpoint',
      url,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.trim().split('\n').pop()).toBe('8 ok');
  });

  test('doctor: what could not be looked at is exit code 3, after the whole picture', async () => {
    engine.cloud.access.withhold('serviceusage.services.list');
    const { code, out, err } = await run('doctor', 'rehearsal', '--only', 'project,apis', '--endpoint', url);
    engine.cloud.access.restore();
    expect(code).toBe(3);
    expect(out).toContain('ok           project local-rehearsal');
    expect(out).toContain('cannot tell  APIs: not looked at: you have no serviceusage.services.list');
    expect(err).toMatch(/^NOT_HEALTHY: /);
  });

  test('doctor --json: the findings as data', async () => {
    const { out } = await run('doctor', 'rehearsal', '--only', 'region', '--json', '--endpoint', url);
    expect(JSON.parse(out)).toMatchObject({
      findings: [{ check: 'region', state: 'ok', subject: 'region us-central1' }],
    });
  });

  test.each([
    ['a check that is none', ['--only', 'weather']],
    ['nobody', ['--as', 'nobody']],
    ['no check', ['--only', ',']],
  ])('doctor rejects %s with exit code 2', async (_what, args) => {
    expect((await run('doctor', 'rehearsal', ...args, '--endpoint', url)).code).toBe(2);
  });

  test('verify: the settings of the file against what serves', async () => {
    // The engine under test has another probe and time-out than the file.
    const { code, out, err } = await run('verify', 'rehearsal', '--endpoint', url);
    expect(code).toBe(3);
    expect(out).toMatch(/^ {2}requestTimeoutSeconds +60 +3600$/m);
    expect(out).toMatch(/^ {2}probe\.type +http +tcp$/m);
    expect(out).toContain('status:   ready\n');
    expect(out).toMatch(/^ {2}bin\/lightonocr plan rehearsal /m);
    expect(err).toMatch(/^NOT_AS_DEPLOYED: [\s\S]*settings differ/);
  });
});

describe('findingsText', () => {
  const finding = (subject: string, mend?: string): Finding => ({
    check: 'c',
    subject,
    saw: 'seen',
    state: mend === undefined ? 'ok' : 'not yet',
    ...(mend !== undefined && { mend }),
  });

  it('says what mends it below a finding, and once below several that it mends', () => {
    expect(
      findingsText([finding('a', 'do it'), finding('b', 'do it'), finding('c'), finding('d', 'do it')]),
    ).toBe(
      [
        'not yet  a: seen',
        'not yet  b: seen',
        '         → do it',
        'ok       c: seen',
        'not yet  d: seen',
        '         → do it',
        '',
        '1 ok, 3 not yet',
      ].join('\n'),
    );
  });

  it('says once what kept it from looking at several things, and counts them all', () => {
    const blind = (subject: string, saw = 'no credentials'): Finding => ({
      ...{ check: 'c', subject, saw, state: 'cannot tell' },
      ...(subject === 'b' && { mend: 'log in' }),
    });
    expect(findingsText([blind('a'), finding('x'), blind('b'), blind('c'), blind('d', '403')])).toBe(
      [
        'cannot tell  a, b, c: no credentials',
        '             → log in',
        'ok           x: seen',
        'cannot tell  d: 403',
        '',
        '1 ok, 4 cannot tell',
      ].join('\n'),
    );
  });
});

const AT = '2026-01-01T00:05:00.000Z';
const WHY = 'it is not ready: The container failed.';

describe('verificationText', () => {
  it('says what to do where there is no service', () => {
    const text = verificationText(loadDeployment('rehearsal'), {
      situation: 'empty',
      ready: false,
      traffic: 'nothing',
      asIntended: false,
      isReleased: false,
      scaledByHand: [],
      differences: [],
    });
    expect(text).toContain('does not exist, nothing has been released');
    expect(text.split('\n').pop()).toBe('  bin/lightonocr bootstrap rehearsal --run next');
  });

  test.each<[what: string, change: Partial<Verification>, line: string]>([
    ['as intended', { asIntended: true }, 'traffic:  b 100 %, as intended'],
    ['moved by hand', {}, 'traffic:  b 100 %, NOT as intended: a is meant to serve'],
    ['on its way', { atWork: { holder: 'run-7', expiresAt: AT, epoch: 1 } }, 'traffic:  b 100 %'],
    ['not ready, in the words of why', { ready: false, why: WHY }, `status:   ${WHY}`],
  ])('of a service that is %s', (_what, change, line) => {
    const seen: Verification = {
      ...{ situation: 'released', url: 'https://x', ready: true, revision: 'b', traffic: 'b 100 %' },
      ...{ intended: 'a', asIntended: false, isReleased: true, scaledByHand: [], differences: [] },
      ...change,
    };
    expect(verificationText(loadDeployment('rehearsal'), seen).split('\n')).toContain(line);
  });
});
