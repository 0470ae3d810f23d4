import { revisionRows } from '../../../domain/releases/revisionTable';
import type { RevisionState } from '../../../domain/releases/revisions';
import { SHA_LABEL } from '../../../domain/template';
import { entry, hold, ledger } from '../../fixtures/ledger';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const revision = (name: string, change: Partial<RevisionState> = {}): RevisionState => ({
  name,
  labels: { [SHA_LABEL]: `sha-${name}` },
  image: `host/image@${DIGEST}`,
  ready: 'yes',
  createdAt: `2026-01-0${name.charCodeAt(0) - 96}T00:00:00Z`,
  ...change,
});
const intent = (name: string) => ({
  revision: name,
  by: 'ci',
  at: '2026-01-01T00:00:00Z',
  epoch: 1,
  reason: 'x',
});
const rolesOf = (...args: Parameters<typeof revisionRows>) =>
  Object.fromEntries(revisionRows(...args).map(({ revision: name, roles }) => [name, roles.join()]));

describe('revisionRows', () => {
  test('has traffic, tags, image and the ledger’s word of each, newest first', () => {
    const found = [revision('a'), revision('b', { condition: 'fine' })];
    const traffic = [
      { revision: 'b', tag: 'c-b', uri: 'u' },
      { revision: 'a', percent: 90 },
      { revision: 'b', percent: 10 },
    ];
    const known = ledger({
      intent: intent('a'),
      releases: [entry('b', { state: 'canary', servedAt: undefined as never }), entry('a')],
    });
    expect(revisionRows(found, traffic, known)).toEqual([
      {
        revision: 'b',
        roles: ['candidate'],
        sha: 'sha-b',
        createdAt: '2026-01-02T00:00:00Z',
        ready: 'yes',
        percent: 10,
        tags: ['c-b'],
        digest: DIGEST,
        state: 'canary',
      },
      {
        revision: 'a',
        roles: ['stable', 'intent'],
        sha: 'sha-a',
        createdAt: '2026-01-01T00:00:00Z',
        ready: 'yes',
        percent: 90,
        tags: [],
        digest: DIGEST,
        state: 'served',
        servedAt: '2026-01-01T01:00:00.000Z',
      },
    ]);
  });

  test('says why one is not ready, and why one is held', () => {
    const found = [revision('a', { ready: 'no', condition: 'failed to start' })];
    const known = ledger({ releases: [entry('a', { state: 'failed' })], holds: [hold('a')] });
    expect(revisionRows(found, [], known)).toMatchObject([
      {
        ready: 'no',
        condition: 'failed to start',
        state: 'failed',
        held: 'tables come out empty',
        roles: [],
      },
    ]);
  });

  test('traffic that was moved by hand: stable serves, another one is meant to', () => {
    const known = ledger({ intent: intent('a'), releases: [entry('a')] });
    expect(rolesOf([revision('a'), revision('b')], [{ revision: 'b', percent: 100 }], known)).toEqual({
      a: 'intent',
      b: 'stable',
    });
  });

  test('of several that serve none is stable where the ledger does not say', () => {
    const half = [
      { revision: 'a', percent: 50 },
      { revision: 'b', percent: 50 },
    ];
    expect(rolesOf([revision('a'), revision('b')], half, undefined)).toEqual({ a: '', b: '' });
    expect(rolesOf([revision('a')], [{ revision: 'a', percent: 100 }], undefined)).toEqual({ a: 'stable' });
  });

  test('what nobody released has neither commit nor state, and by tag no digest', () => {
    const [row] = revisionRows([revision('a', { labels: {}, image: 'host/image:latest' })], [], ledger());
    expect(row).not.toHaveProperty('sha');
    expect(row).not.toHaveProperty('digest');
    expect(row).not.toHaveProperty('state');
  });

  test('a release that is applied is the candidate until somebody overtakes it', () => {
    const applied = ledger({ releases: [entry('b', { state: 'applied', epoch: 2 }), entry('a')] });
    const found = [revision('a'), revision('b')];
    expect(rolesOf(found, [], applied)).toEqual({ a: '', b: 'candidate' });
    expect(rolesOf(found, [], { ...applied, intent: { ...intent('a'), epoch: 3 } })).toEqual({
      a: 'intent',
      b: '',
    });
  });

  test.each(['served', 'failed', 'put-back', 'superseded'] as const)(
    'a release that is %s is no candidate',
    (state) => {
      expect(rolesOf([revision('a')], [], ledger({ releases: [entry('a', { state })] }))).toEqual({ a: '' });
    },
  );
});
