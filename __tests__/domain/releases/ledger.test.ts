import fc from 'fast-check';
import {
  addBlock,
  dropLease,
  entryOf,
  blockOn,
  isExpired,
  type Ledger,
  liftBlock,
  owns,
  recordRelease,
  renewLease,
  RING_LENGTH,
  settleIntent,
  takeLease,
  updateRelease,
  withIntent,
} from '../../../domain/releases/ledger';
import { isOlder, previousGood } from '../../../domain/releases/rollbackTarget';
import { entry, hold, ledger } from '../../fixtures/ledger';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const leased = (holder: string, seconds = 60, epoch = 1): Ledger =>
  ledger({ epoch, lease: { holder, epoch, expiresAt: later(seconds).toISOString() } });

describe('takeLease', () => {
  test.each<[what: string, before: Ledger, epoch: number]>([
    ['takes a free one and opens an epoch', ledger({ epoch: 4 }), 5],
    ['opens an epoch over its own, whose process may still run', leased('me'), 2],
    ["opens an epoch over another's that has expired", leased('you', 0), 2],
    ['opens an epoch over its own that has expired', leased('me', -1), 2],
    ['opens an epoch over its own that a rollback has overtaken', { ...leased('me'), epoch: 2 }, 3],
  ])('%s', (_what, before, epoch) => {
    expect(takeLease(before, 'me', NOW, 60)).toEqual({
      ...before,
      epoch,
      lease: { holder: 'me', epoch, expiresAt: '2026-01-01T00:01:00.000Z' },
    });
  });

  test("rejects one that is another's until its last moment", () => {
    const before = leased('you', 60);
    expect(takeLease(before, 'me', later(59.999), 60)).toBeUndefined();
    expect(takeLease(before, 'me', later(60), 60)).toBeDefined();
  });
});

describe('isExpired', () => {
  test.each([
    [59.999, false],
    [60, true],
  ])('after %d s of 60: %s', (seconds, expired) => {
    expect(isExpired(leased('me', 60).lease!, later(seconds))).toBe(expired);
  });
});

describe('owns', () => {
  const mine = leased('me');
  test.each<[string, Ledger, boolean]>([
    ['while nothing changed', mine, true],
    ['not after a rollback raised the epoch', { ...mine, epoch: 2 }, false],
    ['not after another took over', takeLease(leased('me', 0), 'you', NOW, 60)!, false],
    ['not after its own was taken anew', takeLease(mine, 'me', NOW, 60)!, false],
    ['not once it is gone', dropLease(mine, mine.lease!), false],
    ['still after it was renewed', renewLease(mine, mine.lease!, later(30), 60), true],
  ])('%s', (_what, now, expected) => {
    expect(owns(now, mine.lease!)).toBe(expected);
  });
});

describe('renewLease', () => {
  test('moves the expiry and nothing else', () => {
    const before = leased('me');
    const after = renewLease(before, before.lease!, later(30), 60);
    expect(after).toEqual({ ...before, lease: { ...before.lease, expiresAt: later(90).toISOString() } });
  });
});

describe('dropLease', () => {
  test('gives its own back and keeps the epoch', () => {
    expect(dropLease(leased('me'), leased('me').lease!)).toEqual(ledger({ epoch: 1 }));
  });

  test("leaves another's", () => {
    expect(dropLease(leased('you'), leased('me').lease!)).toEqual(leased('you'));
  });

  test('leaves a newer one of the same holder, such as a rerun of the same job', () => {
    const rerun = leased('me', 60, 2);
    expect(dropLease(rerun, leased('me').lease!)).toEqual(rerun);
  });
});

describe('recordRelease', () => {
  test('puts the newest first', () => {
    const { releases } = recordRelease(ledger({ releases: [entry('a')] }), entry('b'));
    expect(releases.map(({ revision }) => revision)).toEqual(['b', 'a']);
  });

  test('replaces the entry of the same SHA and revision, not that of another SHA', () => {
    const old = ledger({ releases: [entry('b'), entry('a'), entry('a', { sha: 'docs' })] });
    const { releases } = recordRelease(old, entry('a', { state: 'applying' }));
    expect(releases.map(({ sha, state }) => [sha, state])).toEqual([
      ['sha-a', 'applying'],
      ['sha-b', 'served'],
      ['docs', 'served'],
    ]);
  });

  test('keeps what a rerun would undo: that it served, and when it was first started', () => {
    const before = entry('a', { firstEpoch: 1 });
    const rerun = entry('a', {
      ...{ state: 'applying', epoch: 7, startedAt: later(9).toISOString(), servedAt: undefined },
    });
    const { releases } = recordRelease(ledger({ releases: [before] }), rerun);
    const { startedAt, servedAt } = before;
    expect(releases).toEqual([{ ...rerun, startedAt, servedAt, firstEpoch: 1 }]);
  });

  test('says of a first run what it said, and that it is the first of its revision', () => {
    const { servedAt: _servedAt, ...first } = entry('a', { state: 'applying', epoch: 3 });
    expect(recordRelease(ledger(), first).releases).toEqual([{ ...first, firstEpoch: 3 }]);
  });

  test('forgets the oldest of a full ring', () => {
    const releases = Array.from({ length: RING_LENGTH }, (_, at) => entry(`r${at}`));
    const after = recordRelease(ledger({ releases }), entry('new')).releases;
    expect(after).toHaveLength(RING_LENGTH);
    expect([after[0], after[1], after.at(-1)].map((kept) => kept?.revision)).toEqual([
      'new',
      'r0',
      `r${RING_LENGTH - 2}`,
    ]);
  });
});

describe('a full ring', () => {
  test('keeps what served under a row of failures', () => {
    const served = entry('good', { servedAt: NOW.toISOString() });
    let full = ledger({ releases: [served] });
    for (let at = 0; at < RING_LENGTH * 2; at++)
      full = recordRelease(full, entry(`failed-${at}`, { state: 'failed', servedAt: undefined }));
    expect(full.releases).toHaveLength(RING_LENGTH);
    expect(previousGood(full, undefined)).toEqual(served);
  });

  test('keeps what served under a row of merges without a new image, and its place before what serves', () => {
    let full = ledger({ releases: [entry('b', { epoch: 2 }), entry('a', { epoch: 1 })] });
    for (let epoch = 3; epoch < RING_LENGTH * 2; epoch++)
      full = recordRelease(full, entry('b', { sha: `docs-${epoch}`, epoch }));
    expect(full.releases).toHaveLength(RING_LENGTH);
    expect(previousGood(full, 'b')?.revision).toBe('a');
    const next = recordRelease(full, entry('c', { epoch: RING_LENGTH * 2 }));
    expect([isOlder(next, 'a', 'b'), isOlder(next, 'b', 'c')]).toEqual([true, true]);
  });

  test('keeps each revision that served under a row of releases of one more, whatever becomes of those', () => {
    const step = (...revisions: string[]) =>
      fc.record({ revision: fc.constantFrom(...revisions), isServed: fc.boolean() });
    const early = fc.array(step('a', 'b', 'c'), { minLength: 1, maxLength: 9 });
    const late = fc.array(step('d'), { minLength: RING_LENGTH, maxLength: 2 * RING_LENGTH });
    fc.assert(
      fc.property(early, late, (first, then) => {
        let full = ledger();
        const served = new Set<string>();
        [...first, ...then].forEach(({ revision, isServed }, epoch) => {
          const servedAt = isServed ? NOW.toISOString() : undefined;
          if (isServed) served.add(revision);
          full = recordRelease(full, entry(revision, { sha: `sha-${epoch}`, epoch, servedAt }));
        });
        expect(new Set(servedRevisions(full))).toEqual(served);
      }),
    );
  });
  const servedRevisions = ({ releases }: Ledger) =>
    releases.filter(({ servedAt }) => servedAt !== undefined).map(({ revision }) => revision);
});

describe('updateRelease', () => {
  test('changes the newest entry of the SHA in its place', () => {
    const releases = [entry('b'), entry('a-2', { sha: 's' }), entry('a', { sha: 's' })];
    const after = updateRelease(ledger({ releases }), 's', later(5), { state: 'failed' });
    expect(after.releases).toEqual([
      entry('b'),
      entry('a-2', { sha: 's', state: 'failed', updatedAt: later(5).toISOString() }),
      entry('a', { sha: 's' }),
    ]);
  });

  test('changes nothing for a SHA that was never released', () => {
    const before = ledger({ releases: [entry('a')] });
    expect(updateRelease(before, 'unknown', NOW, { state: 'failed' })).toEqual(before);
  });
});

describe('withIntent', () => {
  const intent = { revision: 'a', by: 'ada', at: NOW.toISOString(), reason: 'r' };
  test.each([
    [true, 4],
    [false, 3],
  ])('a new epoch: %s', (newEpoch, epoch) => {
    const before = ledger({ epoch: 3, intent: { ...intent, epoch: 1, settledAt: NOW.toISOString() } });
    const journal = [{ kind: 'intent' as const, ...intent, epoch }];
    expect(withIntent(before, intent, { newEpoch })).toEqual(
      ledger({
        epoch,
        // A decision is open until its target was proven.
        intent: { ...intent, epoch, decided: newEpoch, ...(newEpoch && { open: true }) },
        journal,
      }),
    );
  });
});

describe('settleIntent', () => {
  const meant = (revision: string, decided = true) => ({
    ...{ revision, by: 'ada', at: NOW.toISOString(), reason: 'r', epoch: 9 },
    decided,
  });
  const servedAt = (found: Ledger, at = later(1)) =>
    settleIntent(found, at).releases.map((release) => release.servedAt);

  test('says that its revision has served: the newest entry of one that never had', () => {
    const wrongCanary = { state: 'put-back', servedAt: undefined } as const;
    const releases = [
      entry('b', { servedAt: undefined }),
      entry('a', { ...wrongCanary, sha: 'again' }),
      entry('a', wrongCanary),
    ];
    const found = ledger({ intent: meant('a'), releases });
    expect(servedAt(found)).toEqual([undefined, later(1).toISOString(), undefined]);
    expect(settleIntent(found, later(1)).releases[1]).toMatchObject({ state: 'put-back' });
  });

  test('says nothing of one that was pinned by name, not decided on: it may have failed its smoke test', () => {
    const releases = [entry('a', { state: 'failed', servedAt: undefined })];
    expect(servedAt(ledger({ intent: meant('a', false), releases }))).toEqual([undefined]);
  });

  test('leaves when a revision first served as it is, also where another commit released it', () => {
    const before = entry('a').servedAt;
    const releases = [entry('a', { sha: 'docs', servedAt: undefined }), entry('a')];
    expect(servedAt(ledger({ intent: meant('a'), releases }))).toEqual([undefined, before]);
  });

  test('marks the intent, and needs one', () => {
    const intent = { revision: 'a', by: 'ada', at: NOW.toISOString(), reason: 'r', epoch: 1 };
    expect(settleIntent(ledger({ intent }), later(1)).intent).toEqual({
      ...intent,
      settledAt: later(1).toISOString(),
    });
    expect(settleIntent(ledger(), NOW)).toEqual(ledger());
  });
});

describe('blockOn', () => {
  const bad = hold('bad');
  const other = { sha: 'sha-x', digest: 'digest-x', templateHash: 'template-x' };
  const sameImage = { ...other, digest: bad.digest };

  test.each([
    ['the same SHA', { ...other, sha: bad.sha }],
    ['the same template', { ...other, templateHash: bad.templateHash }],
    ['the same image with other settings', sameImage],
  ])('rejects %s', (_what, candidate) => {
    expect(blockOn(ledger({ holds: [hold('older'), bad] }), candidate)).toEqual(bad);
  });

  test('lets anything else in', () => {
    expect(blockOn(ledger({ holds: [bad] }), other)).toBeUndefined();
  });

  const served = entry('good', { digest: bad.digest });
  test.each<[string, Ledger, boolean]>([
    [
      'lets an image in that served with settings that are not held',
      ledger({ holds: [bad], releases: [served] }),
      false,
    ],
    [
      'rejects an image that was released with other settings and never served',
      ledger({ holds: [bad], releases: [{ ...served, servedAt: undefined }] }),
      true,
    ],
    [
      'rejects an image that served only with settings that are held',
      ledger({ holds: [bad], releases: [{ ...served, templateHash: bad.templateHash }] }),
      true,
    ],
    [
      'rejects an image whose other settings, which served, are held as well',
      ledger({ holds: [bad, hold('good', { digest: bad.digest })], releases: [served] }),
      true,
    ],
    [
      'rejects an image although another image served well',
      ledger({ holds: [bad], releases: [entry('good')] }),
      true,
    ],
  ])('%s', (_what, found, refused) => {
    expect(blockOn(found, sameImage) !== undefined).toBe(refused);
  });

  test('rejects the held template itself, however well its image served otherwise', () => {
    const found = ledger({ holds: [bad], releases: [served] });
    expect(blockOn(found, { ...sameImage, templateHash: bad.templateHash })).toEqual(bad);
  });

  test('never refuses anything without a hold', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const candidate = fc.record({ sha: name, digest: name, templateHash: name });
    const releases = fc.array(candidate.map((change) => entry('a', change)));
    fc.assert(
      fc.property(releases, candidate, (history, tried) => {
        expect(blockOn(ledger({ releases: history }), tried)).toBeUndefined();
      }),
    );
  });

  test('always refuses the very candidate that is held', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const candidate = fc.record({ sha: name, digest: name, templateHash: name });
    const releases = fc.array(candidate.map((change) => entry('a', change)));
    fc.assert(
      fc.property(releases, candidate, (history, tried) => {
        expect(blockOn(ledger({ releases: history, holds: [hold('h', tried)] }), tried)).toBeDefined();
      }),
    );
  });
});

describe('addBlock', () => {
  test('puts the newest first, one a revision', () => {
    const before = ledger({ holds: [hold('a'), hold('b')] });
    const again = hold('b', { reason: 'again' });
    expect(addBlock(before, again).holds).toEqual([again, hold('a')]);
  });
});

describe('liftBlock', () => {
  test("takes away a revision's hold and no other", () => {
    expect(liftBlock(ledger({ holds: [hold('a'), hold('b')] }), 'a').holds).toEqual([hold('b')]);
  });

  test('takes away that of another revision of the same image and settings, which would go on holding it', () => {
    const { digest, templateHash } = entry('a');
    const releases = [entry('a-2', { digest, templateHash }), entry('a')];
    const held = ledger({ releases, holds: [hold('a-2', { digest, templateHash }), hold('b')] });
    expect(blockOn(held, entry('a'))).toBeDefined();
    const lifted = liftBlock(held, 'a');
    expect(lifted.holds).toEqual([hold('b')]);
    expect(blockOn(lifted, entry('a'))).toBeUndefined();
  });
});

describe('entryOf', () => {
  test("is the newest of the revision's entries", () => {
    const releases = [entry('b'), entry('a', { sha: 'docs' }), entry('a')];
    expect(entryOf(ledger({ releases }), 'a')?.sha).toBe('docs');
    expect(entryOf(ledger({ releases }), 'unknown')).toBeUndefined();
  });
});
