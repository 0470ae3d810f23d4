import type { Deployment } from '../../../../domain/deployment';
import { Failure } from '../../../../domain/failure';
import { noteTraffic } from '../../../../domain/releases/journal';
import type { Ledger } from '../../../../domain/releases/ledger';
import { type Goal, next } from '../../../../domain/releases/next/next';
import { type Run, startRun } from '../../../../domain/releases/next/run';
import type { ObservedService, Snapshot } from '../../../../domain/releases/next/snapshot';
import { REVISION } from '../../../../domain/releases/traffic';
import { entry, ledger } from '../../../fixtures/ledger';

const NOW = Date.parse('2026-02-01T00:00:00Z');
const deployment = {
  name: 'production',
  service: 'svc',
  project: 'p',
  region: 'r',
  release: { leaseSeconds: 600, smoke: { coldStartSeconds: 600 }, canary: { steps: [] } },
} as unknown as Deployment;
const run = (change: Partial<Run> = {}): Run => ({
  ...startRun({ deployment, by: 'on-call', ledgerUrl: 'gs://bucket/ledger.json' }),
  ...change,
});
const on = (revision: string, change: Partial<ObservedService> = {}): ObservedService => {
  const traffic = [{ type: REVISION, revision, percent: 100 }];
  return {
    ...{ uri: 'https://svc', etag: 'e1', generation: '7', reconciling: false, scaling: {} },
    ...{ traffic, trafficStatuses: traffic },
    ...change,
  };
};
const revisions = ['svc-a', 'svc-b', 'svc-c'].map((name) => ({
  ...{ name, labels: {}, image: `image@digest-${name}`, ready: 'yes' as const },
}));
/** A, B and C have served in this order; C serves. */
const served = (change: Partial<Ledger> = {}): Ledger =>
  ledger({
    epoch: 3,
    releases: ['svc-c', 'svc-b', 'svc-a'].map((name, at) => entry(name, { epoch: 3 - at })),
    intent: {
      revision: 'svc-c',
      by: 'ci',
      at: '2026-01-01T00:00:00Z',
      epoch: 3,
      reason: 'x',
      settledAt: '2026-01-01T00:00:00Z',
    },
    ...change,
  });
const seen = (service: ObservedService, found: Ledger, change: Partial<Snapshot> = {}): Snapshot => ({
  service: { is: 'value', value: service },
  ledger: { is: 'value', value: found },
  revisions: { is: 'value', value: revisions },
  ...change,
});
const image = (name: string): Partial<Snapshot> => ({ image: { is: 'value', value: `digest-${name}` } });
const bare: Goal = { kind: 'rollback', reason: 'empty tables', now: true };
const decided = { epoch: 4, target: 'svc-b', left: ['svc-c'] };
const open = served({
  epoch: 4,
  intent: {
    revision: 'svc-b',
    by: 'on-call',
    at: '2026-01-31T00:00:00Z',
    epoch: 4,
    reason: 'x',
    decided: true,
    open: true,
  },
});
const failureOf = (action: ReturnType<typeof next>): Failure => {
  if (action.do !== 'fail') throw new Error(`It is to ${action.do}.`);
  return action.failure;
};
const fault = (code: string, where = 'https://run') =>
  new Failure({ code, message: 'no', where, remedy: 'again', exitCode: 3 });

describe('next of a rollback', () => {
  test('decides and moves in one write, with the etag that was read before', () => {
    const action = next(run(), seen(on('svc-c'), served(), image('svc-b')), bare, NOW);
    expect(action).toMatchObject({
      ...{ do: 'move', etag: 'e1', traffic: [{ revision: 'svc-b', percent: 100 }] },
      ledger: {
        epoch: 4,
        intent: { revision: 'svc-b', epoch: 4, open: true },
        holds: [{ revision: 'svc-c' }],
      },
      learn: { decided },
    });
  });

  test.each([
    ['bare', {}, 'svc-b'],
    ['--further', { further: true }, 'svc-a'],
  ])('%s, where an earlier one is not proven, goes to the right revision', (_name, options, target) => {
    const proof = { settledAt: '2026-01-31T00:00:01Z' };
    const moved = { ...open, intent: { ...open.intent!, ...proof } };
    const action = next(run(), seen(on('svc-b'), moved, image(target)), { ...bare, ...options }, NOW);
    expect(action).toMatchObject({ do: 'move', learn: { decided: { target } } });
  });

  test('after one that was proven goes one release further back', () => {
    const { open: _open, ...intent } = { ...open.intent!, settledAt: '2026-01-31T00:00:01Z' };
    const action = next(run(), seen(on('svc-b'), { ...open, intent }, image('svc-a')), bare, NOW);
    expect(action).toMatchObject({ do: 'move', learn: { decided: { target: 'svc-a' } } });
  });

  const settled = { ...open, intent: { ...open.intent!, settledAt: '2026-01-31T00:00:01Z' } };
  const written = { key: 'svc-b 100 % {}', tries: 1, accepted: true, at: NOW };

  test('that could not ask its target names what finishes it, and does not say that it reads wrongly', () => {
    const probe = { state: 'not asked', observed: 'no token', remedy: 'log in' } as const;
    const action = next(
      run({ facts: { decided, probe }, write: written }),
      seen(on('svc-b'), settled),
      bare,
      NOW,
    );
    expect(failureOf(action)).toMatchObject({
      code: 'ROLLED_BACK_NOT_PROBED',
      remedy: 'log in; then prove it: bin/lightonocr rollback production --to svc-b --reason TEXT',
    });
  });

  test('closes its decision with the write that ends it', () => {
    const facts = { decided, probe: { state: 'well' } } as const;
    const action = next(run({ facts, write: written }), seen(on('svc-b'), settled), bare, NOW);
    expect(action).toMatchObject({ do: 'record', ends: { from: ['svc-c'], to: 'svc-b' } });
    expect(action.do === 'record' && action.ledger.intent?.open).toBeUndefined();
  });

  test.each([
    ['waits for what passes', { reads: 0, acts: 1 }, 'pause'],
    ['gives up after a minute of it', { reads: 0, acts: 9 }, 'fail'],
  ])('%s', (_what, faults, does) => {
    const action = next(
      run({ facts: { decided }, fault: fault('API_503'), faults }),
      seen(on('svc-c'), open),
      bare,
      NOW,
    );
    expect(action.do).toBe(does);
    if (action.do === 'fail') expect(action.failure.remedy).toContain('rollback production --to svc-b');
  });

  test.each(['API_MALFORMED', 'API_STALE'])('decides nothing on %s', (code) => {
    const service = { is: 'not read', reason: fault(code) } as const;
    expect(
      next(run({ faults: { reads: 1, acts: 0 } }), { ...seen(on('svc-c'), served()), service }, bare, NOW).do,
    ).toBe('pause');
  });

  test('names the one command where the ledger cannot be read', () => {
    const unreadable = {
      is: 'not read',
      reason: fault('LEDGER_UNREADABLE', 'gs://bucket/ledger.json'),
    } as const;
    const found = { ...seen(on('svc-c'), served()), ledger: unreadable };
    const action = next(run({ faults: { reads: 1, acts: 0 } }), found, { ...bare, to: 'svc-b' }, NOW);
    expect(failureOf(action).remedy).toContain(
      'gcloud run services update-traffic svc --project=p --region=r --to-revisions=svc-b=100',
    );
  });

  test.each([
    ['TRAFFIC_CONTESTED', on('svc-c'), { ...written, tries: 10, accepted: false }, {}],
    [
      'TRAFFIC_NOT_SETTLED',
      on('svc-b', { trafficStatuses: on('svc-c').traffic }),
      written,
      { looksSince: NOW - 901_000 },
    ],
    [
      'TRAFFIC_REFUSED',
      on('svc-b', { trafficStatuses: on('svc-c').traffic }),
      { ...written, problem: { message: 'not ready', at: NOW - 16_000 } },
      {},
    ],
  ])('ends with %s, and names what finishes it', (code, service, write, change) => {
    const action = next(run({ facts: { decided }, write, ...change }), seen(service, open), bare, NOW);
    expect(failureOf(action)).toMatchObject({
      code,
      remedy: expect.stringContaining('--to svc-b') as string,
    });
  });

  test('ends with APPLY_NEVER_ENDS after forty minutes: what is there then may still be undone', () => {
    const releases = [entry('svc-d', { state: 'applying' }), ...settled.releases];
    const busy = on('svc-b', { reconciling: true });
    const waiting = run({ facts: { decided }, write: written, waitsSince: NOW - 2_401_000 });
    expect(failureOf(next(waiting, seen(busy, { ...settled, releases }), bare, NOW)).code).toBe(
      'APPLY_NEVER_ENDS',
    );
  });
});

describe('next of reconcile', () => {
  const lease = { holder: 'schedule', expiresAt: '2026-02-01T00:10:00Z', epoch: 5 };
  const goal: Goal = { kind: 'reconcile' };

  test('puts back what a release asked for and an old read called ended', () => {
    const shares = [
      { revision: 'svc-c', percent: 90 },
      { revision: 'svc-d', percent: 10 },
    ];
    const releases = [
      entry('svc-d', { state: 'put-back', percent: 0, servedAt: undefined }),
      ...served().releases,
    ];
    const asked = noteTraffic(served({ epoch: 5, lease, releases }), {
      at: '2026-01-31T00:00:00Z',
      by: 'ci',
      shares,
    });
    const traffic = shares.map((share) => ({ type: REVISION, ...share }));
    const live = on('svc-c', { traffic, trafficStatuses: traffic });
    expect(next(run({ lease }), seen(live, asked), goal, NOW)).toMatchObject({
      ...{ do: 'move', traffic: [{ revision: 'svc-c', percent: 100 }] },
    });
  });

  test.each([
    ['takes away a tag that a killed rollback left', '2026-01-31T00:00:00Z', 'move'],
    ['leaves one that may warm a target up', '2026-01-31T23:55:00Z', 'finish'],
  ])('%s', (_what, updatedAt, does) => {
    const traffic = [...on('svc-c').traffic, { type: REVISION, revision: 'svc-b', percent: 0, tag: 'c-b' }];
    const live = on('svc-c', { traffic, trafficStatuses: traffic, updatedAt });
    expect(next(run({ lease }), seen(live, served({ epoch: 5, lease })), goal, NOW).do).toBe(does);
  });
});
