import { loadDeployment } from '../../../deployments/load';
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
      'stopped by hand',
      { ready: false, why: 'x', scaledByHand: ['STOPPED'] },
      'x; STOPPED',
      [/scale rehearsal restore/],
    ],
    [
      'a file edited since',
      { differences: [difference] },
      '1 setting(s) differ',
      [/ plan /, / apply /, / release /],
    ],
    [
      'a revision made by hand',
      { isReleased: false, asIntended: false, differences: [difference] },
      'what serves was made by hand; 1 setting(s) differ',
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
      { situation: 'empty', ready: false, asIntended: false, isReleased: false },
      'there is no service',
      [/bootstrap/],
    ],
  ])('%s', (_what, change, got, next) => {
    const seen = { ...good, ...change };
    expect(verificationFailure(deployment, seen)?.got).toBe(got);
    const steps = nextSteps(deployment, seen);
    expect(steps).toHaveLength(next.length);
    steps.forEach((step, at) => expect(step).toMatch(next[at]!));
  });
});
