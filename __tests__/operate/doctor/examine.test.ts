import { findingsFailure } from '../../../domain/finding';
import { doctor, examine } from '../../../operate/doctor';
import { type Check, ok } from '../../../operate/doctor/check';
import { openStage, type Stage } from '../../../rehearsal/stage';
import type { ReleaseContext } from '../../../release/ports/context';

describe('examine', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await openStage({ progress: () => undefined })));
  afterAll(() => stage.stop());
  /** A second takes ten milliseconds. */
  const context = (change: Partial<ReleaseContext> = {}): ReleaseContext => {
    const opened = stage.context('person');
    const { sleep } = opened.clock;
    return { ...opened, clock: { ...opened.clock, sleep: (s, signal) => sleep(s / 100, signal) }, ...change };
  };
  const check = (id: string, run: Check['run']): Check => ({ id, about: id, run });
  const good = check('good', async () => [ok('good', 'it is')]);

  it('gives the findings in the order of the checks, whichever ends first', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow = check('slow', async () => gate.then(() => [ok('slow', 'it is')]));
    const last = check('last', async () => (open(), [ok('last', 'it is')]));
    // The last one lets the first one end: they run side by side, or this never ends.
    const findings = await examine(context(), [slow, good, last]);
    expect(findings.map(({ check: id }) => id)).toEqual(['slow', 'good', 'last']);
    expect(findingsFailure('x', findings)).toBeUndefined();
  });

  it('a check that throws is no pass, and takes no other along', async () => {
    const defect = check('defect', async () => Promise.reject(new TypeError('x is undefined')));
    const sync = check('sync', () => {
      throw new Error('at once');
    });
    const findings = await examine(context(), [defect, sync, good]);
    expect(findings.map(({ state }) => state)).toEqual(['cannot tell', 'cannot tell', 'ok']);
    expect(findings[0]).toMatchObject({
      saw: 'not looked at: x is undefined',
      mend: expect.stringContaining('report'),
    });
    expect(findingsFailure('x', findings)).toMatchObject({ code: 'NOT_HEALTHY', exitCode: 3 });
  });

  it('a check without an answer in time is no pass, and its calls are broken off', async () => {
    let signal: AbortSignal | undefined;
    const call: ReleaseContext['call'] = async (_api, request) => {
      signal = request.signal;
      return new Promise(() => undefined);
    };
    const hangs = check('hangs', async (patient) => {
      await patient.context.call('run', { path: '/v2/x' });
      return [];
    });
    const findings = await examine(context({ call }), [hangs, good], { limitSeconds: 3 });
    expect(findings).toMatchObject([
      { check: 'hangs', state: 'cannot tell', saw: 'not looked at: no answer in 3 s' },
      { check: 'good', state: 'ok' },
    ]);
    expect(signal?.aborted).toBe(true);
    expect(findingsFailure('x', findings)?.exitCode).toBe(3);
  });

  it('makes the checks that are asked for, in the order of all of them', async () => {
    const findings = await doctor(context(), { only: ['quota', 'region'] });
    expect([...new Set(findings.map(({ check: id }) => id))]).toEqual(['region', 'quota']);
  });

  it('where nobody answers every check says so, and nothing passes but what asks nobody', async () => {
    const { openRelease } = await import('../../../release/open');
    const offline = openRelease({
      deployment: context().deployment,
      endpoint: 'http://127.0.0.1:9',
      environment: { accessToken: 'x' },
    });
    const findings = await doctor(offline);
    const passed = findings.filter(({ state }) => state === 'ok').map(({ check: id }) => id);
    expect(passed).toEqual(['region']);
    const [first] = findings;
    expect(first).toMatchObject({ state: 'cannot tell', saw: expect.stringContaining('API_NOT_REACHABLE') });
    expect(new Set(findings.map(({ check: id }) => id)).size).toBe(12);
  });
});
