import type { ReleaseState } from '../../../domain/releases/ledger';
import { activeRelease, pendingRelease, unfinishedRelease } from '../../../domain/releases/activeRelease';
import { entry, ledger } from '../../fixtures/ledger';

const is = (state: ReleaseState) => ledger({ releases: [entry('b', { state, epoch: 2 }), entry('a')] });

describe('activeRelease', () => {
  test.each<[ReleaseState, string | undefined]>([
    ['applying', 'b'],
    ['applied', undefined],
    ['smoke', 'b'],
    ['canary', 'b'],
    ['served', undefined],
    ['failed', undefined],
    ['put-back', undefined],
    ['superseded', undefined],
  ])('%s: %s', (state, revision) => {
    expect(activeRelease(is(state))?.revision).toBe(revision);
  });
});

describe('unfinishedRelease', () => {
  test('is also one that a newer decision has overtaken, which is under way no more', () => {
    const intent = { revision: 'a', by: 'ada', at: '2026-01-01T00:00:00.000Z', reason: 'r', epoch: 3 };
    const overtaken = { ...is('canary'), intent };
    expect(unfinishedRelease(overtaken)?.revision).toBe('b');
    expect(activeRelease(overtaken)).toBeUndefined();
  });
});

describe('pendingRelease', () => {
  test('is what has been applied, until a newer decision or a newer release overtakes it', () => {
    const applied = is('applied');
    const intent = { revision: 'a', by: 'ada', at: '2026-01-01T00:00:00.000Z', reason: 'r' };
    expect(pendingRelease({ ...applied, intent: { ...intent, epoch: 1 } })?.revision).toBe('b');
    expect(pendingRelease({ ...applied, intent: { ...intent, epoch: 3 } })).toBeUndefined();
    const newer = [entry('c', { state: 'applying' }), ...applied.releases];
    expect(pendingRelease({ ...applied, releases: newer })).toBeUndefined();
  });

  test('is none that somebody is at work on', () => {
    expect(pendingRelease(is('canary'))).toBeUndefined();
  });
});
