import { EMPTY_LEDGER, type Ledger } from '../../../domain/releases/ledger';
import { type LedgerStore, ledgerStore } from '../../../release/adapters/ledgerStore';
import { snapshotOf } from '../../../release/driver/observe';
import { ledgerRead, requireLedger, startLedger } from '../../../release/checks/readLedger';
import { DEPLOYMENT } from '../../constructs/deployment';
import { fakeClock } from '../../fixtures/clock';
import { entry, hold, ledger } from '../../fixtures/ledger';
import { memoryStorage } from '../../fixtures/storage';

const KEY = 'example-project-lightonocr-ledger/example/us-central1.json';
/** As `MAX_TRIES` in the store. */
const MAX_TRIES = 20;

function start(content?: string) {
  const storage = memoryStorage();
  const clock = fakeClock();
  if (content !== undefined) storage.objects.set(KEY, { content: Buffer.from(content), generation: '7' });
  return { storage, clock, store: ledgerStore(storage, DEPLOYMENT, clock) };
}
const raise = (found: Ledger | undefined): Ledger => {
  const current = startLedger(found);
  return { ...current, epoch: current.epoch + 1 };
};

const FULL = ledger({
  epoch: 3,
  intent: {
    revision: 'a',
    by: 'ada',
    at: '2026-01-01T00:00:00.000Z',
    epoch: 3,
    reason: 'r',
    settledAt: '2026-01-01T00:00:01.000Z',
  },
  releases: [entry('a', { reason: 'r', runUrl: 'https://x' }), entry('b', { servedAt: undefined })],
  holds: [hold('b')],
  lease: { holder: 'me', expiresAt: '2026-01-01T00:00:00.000Z', epoch: 3 },
});

describe('ledgerStore', () => {
  afterEach(() => jest.restoreAllMocks());

  test('reads nothing where there is none', async () => {
    expect(await start().store.read()).toBeUndefined();
  });

  test('reads back all that it wrote', async () => {
    const { store } = start();
    expect(await store.update(() => FULL)).toEqual(FULL);
    expect(await store.read()).toEqual(JSON.parse(JSON.stringify(FULL)));
  });

  test('reads back a number of instances that somebody set, and what was there before', async () => {
    const { store } = start();
    const scaled = ledger({
      version: 2,
      scale: {
        ...{ instances: 0, by: 'ada', at: '2026-01-01T00:00:00.000Z', reason: 'cost', epoch: 3 },
        before: {
          scaling: { scalingMode: 'AUTOMATIC', minInstanceCount: 1 },
          tags: [{ tag: 'look', revision: 'a' }],
        },
        restoring: true,
      },
    });
    await store.update(() => scaled);
    expect(await store.read()).toEqual(scaled);
  });

  test('reads past what it does not know of the journal, and keeps the rest: history stops no rollback', async () => {
    const known = {
      at: '2026-01-01T00:00:00.000Z',
      by: 'ada',
      kind: 'scale',
      to: 0,
      reason: 'cost',
    } as const;
    const journal = [{ ...known, kind: 'of a newer engine' }, known];
    const { store } = start(JSON.stringify({ ...FULL, journal }));
    expect((await store.read())!.journal).toEqual([known]);
  });

  test('creates the first one only while there is none, then writes on the generation that it read', async () => {
    const { storage, store } = start();
    const given: unknown[] = [];
    await store.update((found) => (given.push(found), raise(found)));
    const { generation } = storage.objects.get(KEY)!;
    await store.update(raise);
    expect(given).toEqual([undefined]);
    expect(storage.writes).toEqual([`${KEY} if 0`, `${KEY} if ${generation}`]);
    expect(await store.read()).toEqual({ ...EMPTY_LEDGER, epoch: 2 });
  });

  test('lets every one of several writers land', async () => {
    const { storage } = start(JSON.stringify(EMPTY_LEDGER));
    const stores = Array.from({ length: 5 }, () => ledgerStore(storage, DEPLOYMENT, fakeClock()));
    await Promise.all(stores.map((store) => store.update(raise)));
    expect((await stores[0]!.read())?.epoch).toBe(5);
    // They did meet: without the precondition each would have written once, and four would be lost.
    expect(storage.writes.length).toBeGreaterThan(5);
  });

  test('decides again on what somebody else wrote in between', async () => {
    const { storage, store } = start(JSON.stringify(ledger({ epoch: 1 })));
    const seen: number[] = [];
    await store.update((found) => {
      seen.push(found!.epoch);
      if (seen.length === 1) {
        storage.objects.set(KEY, {
          content: Buffer.from(JSON.stringify(ledger({ epoch: 8 }))),
          generation: '8',
        });
      }
      return raise(found);
    });
    expect(seen).toEqual([1, 8]);
    expect((await store.read())?.epoch).toBe(9);
  });

  test.each([412, 429])('tries again after %d, each time later, up to two seconds', async (status) => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const { storage, clock, store } = start(JSON.stringify(EMPTY_LEDGER));
    storage.refusals.push(...Array<number>(MAX_TRIES - 1).fill(status));
    await store.update(raise);
    expect((await store.read())?.epoch).toBe(1);
    expect(clock.slept).toHaveLength(MAX_TRIES - 1);
    expect(clock.slept).toEqual([...clock.slept].sort((a, b) => a - b));
    expect([clock.slept[1]! / clock.slept[0]!, clock.slept.at(-1)]).toEqual([2, 2]);
  });

  test('does not wait as long as another writer does that it has met', async () => {
    const slept = async (drawn: number) => {
      jest.spyOn(Math, 'random').mockReturnValue(drawn);
      const { storage, clock, store } = start(JSON.stringify(EMPTY_LEDGER));
      storage.refusals.push(412);
      await store.update(raise);
      return clock.slept[0];
    };
    const [one, other] = [await slept(0), await slept(0.9)];
    expect(other! / one!).toBeGreaterThan(1.5);
  });

  test('rejects after the last try', async () => {
    const { storage, store } = start(JSON.stringify(EMPTY_LEDGER));
    storage.refusals.push(...Array<number>(MAX_TRIES + 5).fill(412));
    await expect(store.update(raise)).rejects.toMatchObject({ code: 'API_412' });
    expect(storage.writes).toHaveLength(MAX_TRIES);
  });

  test.each([500, 503])('tries again after %d, on what is there then', async (status) => {
    const { storage, store } = start(JSON.stringify(EMPTY_LEDGER));
    storage.refusals.push(status);
    expect(await store.update(raise)).toEqual({ ...EMPTY_LEDGER, epoch: 1 });
    expect(storage.writes).toHaveLength(2);
  });

  test('rejects 403 at once', async () => {
    const { storage, clock, store } = start(JSON.stringify(EMPTY_LEDGER));
    storage.refusals.push(403);
    await expect(store.update(raise)).rejects.toMatchObject({ code: 'API_403' });
    expect([storage.writes.length, clock.slept.length]).toEqual([1, 0]);
  });

  test('writes nothing when the change throws', async () => {
    const { storage, store } = start(JSON.stringify(EMPTY_LEDGER));
    const stop = new Error('stop');
    await expect(
      store.update(() => {
        throw stop;
      }),
    ).rejects.toBe(stop);
    expect(storage.writes).toEqual([]);
  });

  test.each<[string, string, string | RegExp]>([
    ['text', 'not a ledger', 'not a ledger'],
    ['an empty object', '', ''],
    [
      'an unknown state',
      JSON.stringify(ledger({ releases: [{ ...entry('a'), state: 'lost' as never }] })),
      /releases\[0\]\.state/,
    ],
    [
      'a time that is none',
      JSON.stringify(ledger({ releases: [entry('a', { startedAt: 'yesterday' })] })),
      /startedAt/,
    ],
    ['a key less', JSON.stringify({ ...EMPTY_LEDGER, holds: undefined }), /holds/],
  ])('rejects %s', async (_what, content, got) => {
    const { storage, store } = start(content);
    const unreadable = {
      code: 'LEDGER_UNREADABLE',
      exitCode: 3,
      where: `gs://${KEY}`,
      got: expect.stringMatching(got) as string,
      remedy: expect.stringContaining(`gcloud storage ls --all-versions --long gs://${KEY} `) as string,
    };
    await expect(store.read()).rejects.toMatchObject(unreadable);
    await expect(store.update(raise)).rejects.toMatchObject(unreadable);
    expect(storage.writes).toEqual([]);
  });
});

describe('a ledger of a newer version', () => {
  test('rejects to read or overwrite it, and says to update the checkout', async () => {
    const { storage, store } = start(JSON.stringify({ ...EMPTY_LEDGER, version: 3, whatever: 'new' }));
    const newer = {
      code: 'LEDGER_NEWER',
      exitCode: 3,
      got: 'version 3, this one reads up to 2',
      remedy: expect.stringContaining('update the checkout') as string,
    };
    await expect(store.read()).rejects.toMatchObject(newer);
    await expect(store.update(raise)).rejects.toMatchObject(newer);
    expect(storage.writes).toEqual([]);
  });
});

describe('requireLedger', () => {
  const context = { deployment: DEPLOYMENT, ledger: start().store };

  test('gives the ledger', () => {
    expect(requireLedger(FULL, context)).toBe(FULL);
  });

  test.each([
    ['where it is looked for', undefined, 'bin/lightonocr doctor example --only traffic'],
    ['what its caller knows better', 'mend it', 'mend it'],
  ])('rejects where there is none, with %s', (_what, own, remedy) => {
    expect(() => requireLedger(undefined, context, own)).toThrow(
      expect.objectContaining({ code: 'NO_LEDGER', exitCode: 3, where: `gs://${KEY}`, remedy }) as Error,
    );
  });
});

describe('ledgerRead', () => {
  const looked = (store: LedgerStore) =>
    snapshotOf({ cloudRun: { service: async () => undefined }, ledger: store } as never);

  test.each([
    ['read', JSON.stringify(FULL)],
    ['none', undefined],
    ['unread', 'no ledger'],
  ])('%s', async (state, content) => {
    const seen = ledgerRead((await looked(start(content).store)).ledger);
    expect(seen.state).toBe(state);
    expect(seen.ledger).toEqual(state === 'read' ? FULL : undefined);
  });

  test('rejects when it is stopped: that is no word about the ledger', async () => {
    const stopped = new DOMException('stopped', 'AbortError');
    await expect(looked({ ...start().store, load: () => Promise.reject(stopped) })).rejects.toBe(stopped);
  });
});

describe('startLedger', () => {
  test('is the ledger, or an empty one', () => {
    expect([startLedger(FULL), startLedger(undefined)]).toEqual([FULL, EMPTY_LEDGER]);
  });
});
