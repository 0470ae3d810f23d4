import { LATEST, REVISION, type TrafficTarget } from '../../../domain/releases/traffic';
import { EMPTY_LEDGER } from '../../../domain/releases/ledger';
import type { RevisionState } from '../../../domain/releases/revisions';
import { modelCloud } from '../../../rehearsal/simulate/modelCloud';
import { virtualTime } from '../../../rehearsal/virtualTime';
import type { CloudRun } from '../../../release/adapters/google/cloudRun';
import type { LedgerStore } from '../../../release/adapters/ledgerStore';
import { type Engine, openEngine } from '../../release/engine/engine';

/** What a script reads and writes through: the same ports on either cloud. */
interface Cloud {
  readonly cloudRun: Pick<CloudRun, 'service' | 'revisions' | 'writeTraffic'>;
  readonly ledger: Pick<LedgerStore, 'load' | 'write'>;
  /** Two revisions that are Ready, the first of which serves. */
  readonly a: string;
  readonly b: string;
  /** Resolves once what was written last is served. */
  settled(): Promise<void>;
}

/** What a script has seen, free of what differs between any two clouds: names, URLs, versions. */
type Seen = Record<string, unknown>;

const SCRIPTS: Readonly<Record<string, (cloud: Cloud) => Promise<Seen>>> = {
  'a write with its etag makes one generation and another etag': async ({ cloudRun, b, settled }) => {
    const before = (await cloudRun.service())!;
    const { generation } = await cloudRun.writeTraffic([share(b, 100)], before.etag);
    const after = (await cloudRun.service())!;
    await settled();
    const served = (await cloudRun.service())!;
    return {
      grows: Number(generation) - Number(before.generation),
      isAnswered: after.generation === generation,
      isOtherEtag: after.etag !== before.etag,
      asked: shares(after.traffic),
      served: shares(served.trafficStatuses),
      reconciling: served.reconciling,
      isSameUid: served.uid === before.uid,
    };
  },
  'a write with an etag that was overtaken is a conflict, and changes nothing': async ({
    cloudRun,
    a,
    b,
  }) => {
    const { etag } = (await cloudRun.service())!;
    await cloudRun.writeTraffic([share(b, 100)], etag);
    const end = await codeOf(cloudRun.writeTraffic([share(a, 100)], etag));
    return { end, asked: shares((await cloudRun.service())!.traffic) };
  },
  'a write of what is there already moves the etag': async ({ cloudRun, a }) => {
    const { etag, traffic } = (await cloudRun.service())!;
    await cloudRun.writeTraffic(traffic, etag);
    const after = (await cloudRun.service())!;
    return {
      isOtherEtag: after.etag !== etag,
      asked: shares(after.traffic),
      isA: after.traffic[0]!.revision === a,
    };
  },
  'a revision that is not there is refused, and changes nothing': async ({ cloudRun }) => {
    const { etag, generation } = (await cloudRun.service())!;
    const end = await codeOf(cloudRun.writeTraffic([share('lightonocr-gpu-none', 100)], etag));
    return { end, isSame: (await cloudRun.service())!.generation === generation };
  },
  'a tag without a share has a URL, comes first, and gets no traffic': async ({
    cloudRun,
    a,
    b,
    settled,
  }) => {
    const { etag } = (await cloudRun.service())!;
    await cloudRun.writeTraffic([share(a, 100), { type: REVISION, revision: b, tag: 'look' }], etag);
    await settled();
    const { traffic, trafficStatuses } = (await cloudRun.service())!;
    const tagged = trafficStatuses.find(({ tag }) => tag === 'look')!;
    return {
      asked: shares(traffic),
      first: trafficStatuses[0]!.tag,
      percent: tagged.percent ?? 0,
      hasUrl: (tagged.uri ?? '') !== '',
    };
  },
  'LATEST is served by the newest revision that is Ready, by its name': async ({ cloudRun, b, settled }) => {
    const { etag } = (await cloudRun.service())!;
    await cloudRun.writeTraffic([{ type: LATEST, percent: 100 }], etag);
    await settled();
    const { traffic, trafficStatuses, latestReadyRevision } = (await cloudRun.service())!;
    const [served] = trafficStatuses;
    return {
      asked: traffic.map(({ type, revision, percent }) => [type, revision, percent]),
      served: [served!.type, served!.revision === b, served!.percent],
      isNewest: latestReadyRevision === b,
    };
  },
  'the ledger is written only as it was read': async ({ ledger }) => {
    const { ledger: found, generation } = await ledger.load();
    await ledger.write({ ...(found ?? EMPTY_LEDGER), epoch: 1000 }, generation);
    const end = await codeOf(ledger.write({ ...(found ?? EMPTY_LEDGER), epoch: 2000 }, generation));
    const after = await ledger.load();
    return { end, epoch: after.ledger!.epoch, isOther: after.generation !== generation };
  },
};

const share = (revision: string, percent: number): TrafficTarget => ({ type: REVISION, revision, percent });
const shares = (traffic: readonly TrafficTarget[]) =>
  traffic.map(({ percent = 0, tag }) => [percent, tag]).sort();
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );

function onModel(): Cloud {
  const time = virtualTime(Date.UTC(2026, 0, 1));
  const [a, b] = ['lightonocr-gpu-a', 'lightonocr-gpu-b'];
  const ready = (name: string): RevisionState => ({ name, labels: {}, image: 'image', ready: 'yes' });
  const cloud = modelCloud(time, () => 1, {
    ledger: EMPTY_LEDGER,
    revisions: [ready(a), ready(b)],
    serving: a,
  });
  return {
    a,
    b,
    cloudRun: {
      service: async () => cloud.service(),
      revisions: async () => [...cloud.revisions()],
      writeTraffic: async (traffic, etag) => ({ generation: cloud.patch({ traffic }, etag).generation }),
    },
    ledger: {
      load: async () => cloud.ledger(),
      write: async (next, generation) => cloud.writeLedger(next, generation),
    },
    async settled() {
      await time.run(new Promise<void>((resolve) => time.after(5, resolve)));
    },
  };
}

describe('the model of the simulation and the local cloud say the same to', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  const onLocal = async (): Promise<Cloud> => {
    const { a, b } = await engine.twoReleases();
    await engine.byHand({ traffic: [share(a.revision, 100)] }, 'traffic');
    await engine.settled();
    const { cloudRun, ledger } = engine.run('script');
    return { cloudRun, ledger, a: a.revision, b: b.revision, settled: () => engine.settled() };
  };

  test.each(Object.entries(SCRIPTS))('%s', async (_what, script) => {
    const seen = await script(await onLocal());
    expect(await script(onModel())).toEqual(seen);
    expect(Object.keys(seen).length).toBeGreaterThan(1);
  });
});
