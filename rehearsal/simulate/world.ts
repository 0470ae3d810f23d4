import type { Deployment } from '../../domain/deployment';
import type { Failure } from '../../domain/failure';
import { applyDrift, planDrift } from '../../domain/plan/guard';
import { blockOn, type Ledger, type ReleaseEntry } from '../../domain/releases/ledger';
import type { RevisionState } from '../../domain/releases/revisions';
import { isTransient } from '../../domain/releases/next/faults';
import { type TrafficTarget } from '../../domain/releases/traffic';
import type { WantedScale } from '../../domain/scale/scale';
import { SHA_LABEL, TEMPLATE_LABEL } from '../../domain/template';
import { ledgerBy } from '../../release/adapters/ledgerStore';
import type { ReleaseContext } from '../../release/ports/context';
import { serverTime } from '../../release/adapters/serverTime';
import { drawFault, drawRates, errorOf } from './faults';
import { modelCloud } from './modelCloud';
import type { Mutation, Process, World } from './state';
import { random } from '../../domain/random';
import { patchBy, writeLedgerBy } from './watch';
import { virtualTime } from '../virtualTime';

export const START = Date.UTC(2026, 0, 1);
export const SERVICE = 'lightonocr-gpu';

/** A release `name` and its revision, good by default. */
export function made(letter: string): { readonly entry: ReleaseEntry; readonly revision: RevisionState } {
  const sha = letter.repeat(40);
  const digest = `sha256:${letter.repeat(64)}`;
  const templateHash = `template-${letter}`;
  const revision = `${SERVICE}-${letter.repeat(7)}-${letter.repeat(6)}`;
  const at = new Date(START - 86_400_000).toISOString();
  return {
    entry: {
      ...{ sha, digest, templateHash, revision, fingerprint: `fingerprint-${letter}` },
      ...{ state: 'served', percent: 100, epoch: 1, by: 'ci', startedAt: at, updatedAt: at, servedAt: at },
    },
    revision: {
      name: revision,
      labels: { [SHA_LABEL]: sha, [TEMPLATE_LABEL]: templateHash },
      image: `image@${digest}`,
      ready: 'yes',
    },
  };
}

/** Three releases that have served; the newest serves. */
export function world(
  seed: number,
  deployment: Deployment,
  mutation: Mutation | undefined,
  spared: ReadonlySet<number>,
): World {
  const chance = random(seed * 2654435761);
  const time = virtualTime(START);
  const letters = ['a', 'b', 'c'].map(made);
  const releases = letters
    .map(({ entry }, at) => ({ ...entry, epoch: at + 1, firstEpoch: at + 1 }))
    .reverse();
  const serving = releases[0]!;
  const at = new Date(START - 3_600_000).toISOString();
  const ledger: Ledger = {
    version: 1,
    epoch: 3,
    releases,
    holds: [],
    intent: {
      revision: serving.revision,
      by: 'ci',
      at,
      epoch: 3,
      reason: 'release',
      decided: false,
      settledAt: at,
    },
    journal: [],
  };
  const slow = chance.pick([0.5, 0.5, 2, 20]);
  const settles = random(seed ^ 0x5bd1e995);
  const start = { ledger, revisions: letters.map(({ revision }) => revision), serving: serving.revision };
  return {
    ...{ time, deployment, random: chance, mutation, spared },
    rates: drawRates(chance),
    cloud: modelCloud(time, () => 0.05 + settles() * slow, start),
    quality: new Map(letters.map(({ revision }) => [revision.name, 'good'])),
    ...{ isRough: true, calls: 0, dealt: [], violations: [], handAt: 0, intents: [] },
  };
}

export function process(world: World, name: string): Process {
  const own = random(world.random.below(2 ** 31));
  const isSkewed = own.chance(0.15);
  return {
    name,
    random: own,
    skewSeconds: isSkewed ? own.pick([-600, 600]) : 0,
    ...{ isDead: false, faultsInRow: 0, die: () => undefined, heard: () => undefined },
  };
}

/** One call of a process to the model, with what can become of it. */
export function call<T>(
  world: World,
  process: Process,
  port: string,
  writes: boolean,
  work: (stale: number) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (process.isDead) return;
    const number = ++world.calls;
    const drawn = drawFault(process.random, world.rates, port, writes);
    const asked = world.time.now();
    const seconds = 0.02 + process.random() * 0.3;
    const fault = world.isRough && !world.spared.has(number) ? drawn : undefined;
    process.faultsInRow = fault && fault.is !== 'stale' ? process.faultsInRow + 1 : 0;
    if (fault) world.dealt.push({ call: number, actor: process.name, port, fault });
    const kill = () => {
      process.isDead = true;
      process.die();
    };
    if (fault?.is === 'kill' && fault.when === 'before') return kill();
    world.time.after(seconds, () => {
      if (process.isDead) return;
      const error = fault && errorOf(fault, port);
      const isBefore = fault && 'when' in fault && fault.when === 'before';
      if (error && isBefore) return reject(error);
      if (fault?.is === 'reset' && fault.when === 'late') {
        world.time.after(4, () => {
          try {
            work(0);
          } catch {
            // It came too late, and nobody waits for its answer.
          }
        });
        return reject(error!);
      }
      try {
        const result = work(fault?.is === 'stale' ? fault.writes : 0);
        process.heard(world.time.now(), asked);
        if (fault?.is === 'kill') return kill();
        if (error) return reject(error);
        resolve(result);
      } catch (thrown) {
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    });
  });
}

/** The ports of a process. */
export function contextOf(world: World, of: Process): ReleaseContext {
  const { cloud, time } = world;
  /** As the transport does it: a read that fails is tried again three times. */
  const ask = async <T>(port: string, work: (stale: number) => T): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await call(world, of, port, false, work);
      } catch (error) {
        if (tries === 4 || !isTransient(error as Failure)) throw error;
      }
    }
  };
  const write = <T>(port: string, work: () => T) => call(world, of, port, true, work);
  const local = { now: () => new Date(time.now() + of.skewSeconds * 1000) };
  const sleep: ReleaseContext['clock']['sleep'] = async (seconds, signal) => {
    if (!of.isDead) await time.clock.sleep(seconds, signal);
    if (of.isDead) await new Promise(() => undefined);
  };
  const corrected = serverTime({ ...local, sleep }, () => undefined);
  const { now } = world.mutation?.rawClock ? local : corrected.clock;
  const ledger = ledgerBy(
    {
      url: 'gs://ledger-bucket/ledger.json',
      load: () => ask('ledger.load', () => cloud.ledger()),
      write: (next, generation) =>
        write('ledger.write', () => writeLedgerBy(world, of.name, next, generation)),
    },
    { clock: { now, sleep }, random: of.random },
  );
  if (of.skewSeconds !== 0)
    of.heard = (at, asked) => corrected.observe(new Date(at).toUTCString(), asked + of.skewSeconds * 1000);
  const patched = ({ generation }: { generation: string }) => ({ operation: 'operation', generation });
  const context = {
    deployment: world.deployment,
    cloudRun: {
      service: () =>
        ask('cloudRun.service', (stale) => (stale > 0 ? cloud.serviceBefore(stale) : cloud.service())),
      revision: (name: string) =>
        ask('cloudRun.revision', () => cloud.revisions().find((each) => each.name === name)),
      revisions: () => ask('cloudRun.revisions', () => cloud.revisions()),
      writeTraffic: (traffic: readonly TrafficTarget[], etag: string) =>
        write('cloudRun.writeTraffic', () => patched(patchBy(world, of.name, { traffic }, etag))),
      writeScale: ({ traffic, scaling }: WantedScale, etag: string) =>
        write('cloudRun.writeScale', () => patched(patchBy(world, of.name, { traffic, scaling }, etag))),
      operationError: () => ask('cloudRun.operationError', () => undefined),
    },
    registry: { has: () => ask('registry.has', () => true) },
    ledger,
    git: { resolve: async (sha: string) => sha, isAncestor: async () => false },
    defences: { guard: { planDrift, applyDrift }, blockOn },
    actor: { holder: of.name, by: of.name },
    clock: { now, sleep },
    random: of.random,
    signal: new AbortController().signal,
    progress: () => undefined,
  } as unknown as ReleaseContext;
  return world.mutation?.context?.(context, world) ?? context;
}
