import { loadDeployment } from '../../../deployments/load';
import { Failure } from '../../../domain/failure';
import { nextSteps, type Verification, verificationFailure } from '../../../domain/service/verification';

const deployment = loadDeployment('rehearsal');
const good: Verification = {
  situation: 'released',
  url: 'https://x',
  ready: true,
  revision: 'r',
  traffic: 'r 100 %',
  asIntended: true,
  isReleased: true,
  intended: 'r',
  scaledByHand: [],
  differences: [],
};
const atWork = { holder: 'run-7', expiresAt: '2026-01-01T00:05:00.000Z', epoch: 1 };
const difference = { key: 'port', wanted: '1', live: '2' };

describe('verificationFailure', () => {
  test.each<[what: string, change: Partial<Verification>, got: string | undefined, next: RegExp[]]>([
    ['as it should be', {}, undefined, []],
    ['not ready', { ready: false, why: 'no GPU' }, 'no GPU', [/troubleshoot/]],
    [
      'traffic elsewhere',
      { asIntended: false },
      'traffic is not as intended',
      [/rollback rehearsal --to r /],
    ],
    [
      'a candidate that failed, and traffic elsewhere: callers first',
      { ready: false, why: 'no GPU', asIntended: false },
      'no GPU; traffic is not as intended',
      [/rollback rehearsal --to r /, /troubleshoot/],
    ],
    [
      'traffic on its way',
      { asIntended: false, atWork },
      'run-7 is at work until 2026-01-01 00:05:00Z',
      [/^bin\/lightonocr status rehearsal$/],
    ],
    [
      'a release at work that brings other settings',
      { differences: [difference], atWork },
      'run-7 is at work until 2026-01-01 00:05:00Z; 1 setting differs',
      [/^bin\/lightonocr status rehearsal$/],
    ],
    ['somebody at work who has moved nothing', { atWork }, undefined, []],
    [
      'applied, and not released yet',
      { asIntended: false, intended: undefined },
      'nothing has been released',
      [/^bin\/lightonocr release rehearsal --sha HEAD$/],
    ],
    [
      'stopped by hand',
      { ready: false, why: 'x', scaledByHand: ['STOPPED'] },
      'x; STOPPED',
      [/scale rehearsal restore/],
    ],
    [
      'a file edited since',
      { differences: [difference] },
      '1 setting differs',
      [/ plan /, / apply /, / release /],
    ],
    [
      'a revision made by hand',
      { isReleased: false, asIntended: false, differences: [difference] },
      'what serves was made by hand; 1 setting differs',
      [/rollback/],
    ],
    [
      'no ledger',
      { situation: 'by hand', isReleased: false, asIntended: false },
      'it was made by hand: nothing says what is meant to serve',
      [/ adopt /, /bootstrap .* next/],
    ],
    [
      'a ledger that was deleted',
      { situation: 'by hand', isReleased: false, asIntended: false, sha: 'a'.repeat(40) },
      'the ledger is gone: nothing says what is meant to serve',
      [/ doctor .* --only traffic/],
    ],
    [
      'nothing',
      { situation: 'empty', url: undefined, ready: false, asIntended: false, isReleased: false },
      'there is no service',
      [/bootstrap rehearsal --run next/],
    ],
    [
      'a service that was deleted',
      { url: undefined, ready: false, asIntended: false, isReleased: false },
      'there is no service',
      [/bootstrap rehearsal --run next/],
    ],
  ])('%s', (_what, change, got, next) => {
    const seen = { ...good, ...change };
    expect(verificationFailure(deployment, seen)?.got).toBe(got);
    const steps = nextSteps(deployment, seen);
    expect(steps).toHaveLength(next.length);
    steps.forEach((step, at) => expect(step).toMatch(next[at]!));
  });

  test('a ledger that cannot be read is what is wrong, and nothing is put back without it', () => {
    const ledgerFailure = new Failure({ code: 'X', message: 'm', where: 'w', remedy: 'r', exitCode: 3 });
    const seen: Verification = {
      ...{ ...good, situation: 'unread', ledgerFailure, intended: undefined },
      ...{ asIntended: false, isReleased: false, ready: false },
    };
    expect(verificationFailure(deployment, seen)).toBe(ledgerFailure);
    expect(nextSteps(deployment, seen)).toEqual(['bin/lightonocr troubleshoot rehearsal']);
  });
});
