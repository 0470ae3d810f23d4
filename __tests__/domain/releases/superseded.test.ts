import type { ReleaseState } from '../../../domain/releases/ledger';
import { markSuperseded } from '../../../domain/releases/superseded';
import { activeRelease } from '../../../domain/releases/activeRelease';
import { entry, ledger } from '../../fixtures/ledger';

const AT = '2026-01-02T00:00:00.000Z';
/** Release `b` of epoch 2, and a decision for `a` in another one. */
const decided = (state: ReleaseState, epoch: number) =>
  ledger({
    releases: [entry('b', { state, epoch: 2, percent: 10 }), entry('a')],
    intent: { revision: 'a', by: 'ada', at: AT, epoch, reason: 'tables' },
  });

describe('markSuperseded', () => {
  test.each<[ReleaseState, ReleaseState]>([
    ['applying', 'applying'],
    ['applied', 'superseded'],
    ['smoke', 'superseded'],
    ['canary', 'superseded'],
    ['served', 'served'],
    ['failed', 'failed'],
    ['put-back', 'put-back'],
  ])('%s before a newer decision is %s', (state, reads) => {
    const { releases } = markSuperseded(decided(state, 3));
    expect(releases.map((release) => release.state)).toEqual([reads, 'served']);
    if (reads === 'superseded')
      expect(releases[0]).toMatchObject({
        percent: 0,
        reason: 'superseded by ada: tables',
        cause: { code: 'SUPERSEDED', by: 'ada', at: AT, text: 'tables' },
      });
  });

  test('names who superseded it, not who decided last', () => {
    const journal = [
      { kind: 'intent', revision: 'z', by: 'eve', at: AT, reason: 'again', epoch: 5 },
      { kind: 'intent', revision: 'a', by: 'ada', at: AT, reason: 'tables', epoch: 3 },
      { kind: 'intent', revision: 'b', by: 'ci', at: AT, reason: 'release', epoch: 2 },
    ] as const;
    const found = { ...decided('canary', 5), journal };
    expect(markSuperseded(found).releases[0]!.cause).toMatchObject({ by: 'ada', text: 'tables' });
  });

  test.each([
    ['an older one', decided('canary', 1)],
    ['its own', decided('canary', 2)],
    ['none', ledger({ releases: [entry('b', { state: 'canary' })] })],
  ])('a canary stays one after %s', (_decision, found) => {
    expect(markSuperseded(found)).toEqual(found);
  });
});

describe('activeRelease', () => {
  test('is none that a newer decision has overtaken, but for what Terraform may still be doing', () => {
    expect(activeRelease(decided('canary', 3))).toBeUndefined();
    expect(activeRelease(decided('applying', 3))?.revision).toBe('b');
    expect(activeRelease(decided('canary', 1))?.revision).toBe('b');
  });
});
