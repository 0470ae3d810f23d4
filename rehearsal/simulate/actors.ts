import { Failure } from '../../domain/failure';
import { REVISION } from '../../domain/releases/traffic';
import { scale } from '../../operate/scale';
import { applyChange } from '../../release/driver/applyChange';
import { withLease } from '../../release/driver/lease';
import type { Effects, ReleaseContext } from '../../release/ports/context';
import { assertNotBlocked } from '../../release/checks/preconditions';
import { reconcile } from '../../release/verbs/reconcile';
import { release } from '../../release/verbs/release';
import { rollback } from '../../release/verbs/rollback';
import { checkEnd } from './ends';
import { violate } from './watch';
import type { Random } from '../../domain/random';
import type { End, Process, Quality, World } from './state';
import { contextOf, made, process } from './world';

/** What somebody does in a schedule, from some second on. */
export type Actor = { readonly at: number } & (
  | { readonly does: 'deploy'; readonly letter: string; readonly quality: Quality; readonly ready: boolean }
  | { readonly does: 'rollback'; readonly to?: string; readonly now: boolean }
  | { readonly does: 'reconcile' }
  | { readonly does: 'hand'; readonly percent: number }
  | { readonly does: 'stop' }
);

/** Two or three of them, most often a deploy and somebody who rolls back meanwhile. */
export function drawActors(random: Random): Actor[] {
  const deploy = (letter: string, at: number): Actor => ({
    ...{ does: 'deploy', letter, at },
    quality: random.pick(['good', 'good', 'fails canary', 'fails smoke', 'undecided']),
    ready: random.chance(0.9),
  });
  const other = (): Actor => {
    const at = random() * 400;
    const which = random();
    if (which < 0.55)
      return {
        ...{ does: 'rollback', at, now: random.chance(0.6) },
        ...(random.chance(0.25) && { to: made(random.pick(['a', 'b', 'c', 'd'])).revision.name }),
      };
    if (which < 0.75) return { does: 'reconcile', at };
    if (which < 0.85) return { does: 'hand', at, percent: random.pick([0, 30, 100]) };
    if (which < 0.93) return { does: 'stop', at };
    return deploy(random.pick(['c', 'd', 'e']), at);
  };
  const first = random.chance(0.8) ? deploy('d', random() * 20) : other();
  return [first, ...Array.from({ length: 1 + random.below(2) }, other)];
}

/** The page that a revision is asked to read takes a second; what it says is the revision's quality. */
function effects(world: World, of: Process): Effects {
  const ask = async (context: ReleaseContext, seconds: number) =>
    context.clock.sleep(seconds, context.signal);
  const serving = () =>
    world.cloud.service().trafficStatuses.reduce((a, b) => ((b.percent ?? 0) > (a.percent ?? 0) ? b : a))
      .revision!;
  /** Who answers at a URL; nobody at that of a tag which somebody has taken away. */
  const answering = (url: string) => {
    const { uri, trafficStatuses } = world.cloud.service();
    return url === uri ? serving() : trafficStatuses.find((status) => status.uri === url)?.revision;
  };
  return {
    async warm(context, { traffic, service }) {
      await context.cloudRun.writeTraffic(traffic, service.etag).catch(() => undefined);
      await ask(context, 20);
    },
    async smoke(context, { url }) {
      await ask(context, 2);
      const revision = answering(url);
      const isGood = revision !== undefined && world.quality.get(revision) !== 'fails smoke';
      return { state: isGood ? 'healthy' : 'unhealthy', reasons: ['smoke'] };
    },
    async bake(context, { candidate: revision, bakeSeconds }) {
      await ask(context, bakeSeconds);
      const quality = world.quality.get(revision);
      if (quality === 'fails canary') return { state: 'unhealthy', reasons: ['errors'] };
      return { state: quality === 'undecided' ? 'inconclusive' : 'healthy', reasons: ['numbers'] };
    },
    async probe(context) {
      await ask(context, 1);
      if (world.isRough && of.random.chance(0.1)) return { state: 'not asked', observed: 'no token' };
      return { state: world.quality.get(serving()) === 'fails smoke' ? 'wrong' : 'well' };
    },
  };
}

/** Runs one process to its end. */
async function run(
  world: World,
  name: string,
  work: (context: ReleaseContext) => Promise<unknown>,
): Promise<End> {
  const of = process(world, name);
  const killed = new Promise<End>((resolve) => (of.die = () => resolve({ is: 'killed' })));
  const base = { ...contextOf(world, of) };
  const context = { ...base, effects: { ...effects(world, of), ...base.effects } };
  const ended = work(context).then(
    (result): End => ({ is: 'done', result }),
    (error: unknown): End =>
      error instanceof Failure ? { is: 'failed', failure: error } : { is: 'defect', error },
  );
  const from = world.intents.length;
  const end = await Promise.race([ended, killed]);
  checkEnd(world, name, end, {
    decided: world.intents.slice(from).some(({ by }) => by === name),
    faultsInRow: of.faultsInRow,
  });
  return end;
}

const pause = (world: World, seconds: number) =>
  new Promise<void>((resolve) => world.time.after(seconds, resolve));

/** Terraform's apply: the whole service, with the traffic of its plan, without an etag; sometimes twice. */
async function terraform(world: World, context: ReleaseContext, ready: boolean, letter: string) {
  const { traffic } = world.cloud.service(); // as it was when the plan was made again
  await context.clock.sleep(1 + world.random() * 20, context.signal);
  const { revision: state } = made(letter);
  const patch = { traffic, revision: { ...state, ready: ready ? ('yes' as const) : ('no' as const) } };
  world.cloud.patch(patch, undefined);
  if (world.random.chance(0.15)) world.cloud.patch(patch, undefined);
  await context.clock.sleep(5, context.signal);
}

async function deploy(world: World, actor: Extract<Actor, { does: 'deploy' }>): Promise<void> {
  const { letter, quality, ready } = actor;
  const { entry, revision } = made(letter);
  const { sha } = entry;
  if (!world.quality.has(revision.name)) world.quality.set(revision.name, quality);
  const name = `deploy-${letter}`;
  const end = await run(world, name, async (context) => {
    assertNotBlocked(context, await context.ledger.read(), entry);
    await withLease(context, (lease, leased) =>
      applyChange(leased, {}, entry, lease, async () => {
        const isNew = !world.cloud.revisions().some((each) => each.name === revision.name);
        const apply = () => terraform(world, leased, ready, letter);
        return { changes: isNew, writes: isNew, apply, untaint: async () => undefined };
      }),
    );
    return release(context, { sha });
  });
  if (end.is !== 'killed') await run(world, name, reconcile); // the job's last step, always
}

/** Somebody who runs the same command until it ends well, or somebody else has decided. */
async function rollBack(world: World, actor: Extract<Actor, { does: 'rollback' }>): Promise<void> {
  const from = world.intents.length;
  for (let runs = 1; runs <= 5; runs++) {
    const { now, to } = actor;
    const name = `on-call-${actor.at.toFixed(3)}${to ? '-to' : ''}`;
    const end = await run(world, name, (context) =>
      rollback(context, { reason: 'tables come out empty', now, ...(to && { to }) }),
    );
    const since = world.intents.slice(from);
    const targets = new Set(since.map(({ revision }) => revision));
    if (targets.size > 1 && since.every(({ by }) => by === name))
      violate(world, 'one decision', `reruns of one rollback went to ${[...targets].join(', ')}`);
    if (end.is === 'done' || (end.is === 'failed' && [2, 4].includes(end.failure.exitCode))) return;
    if (
      end.is === 'failed' &&
      ['NO_EARLIER_REVISION', 'TARGET_NOT_READY', 'SERVING_UNCLEAR'].includes(end.failure.code)
    )
      return;
    await pause(world, 5 + world.random() * 30); // longer than a write takes that lands late
    // Killed as its proof was written: the next one is a new decision, as after exit code 0.
    const { intent } = world.cloud.ledger().ledger!;
    if (intent?.by === name && !intent.open) return;
  }
}

/** What an actor does, from its time on. */
export async function act(world: World, actor: Actor): Promise<void> {
  await pause(world, actor.at);
  switch (actor.does) {
    case 'deploy':
      return deploy(world, actor);
    case 'rollback':
      return rollBack(world, actor);
    case 'reconcile':
      return void (await run(world, 'schedule', reconcile));
    case 'hand': {
      world.handAt = world.time.now();
      const [one, other] = [made('b').revision.name, made('c').revision.name];
      const { percent } = actor;
      const traffic = [
        { type: REVISION, revision: one, percent },
        { type: REVISION, revision: other, percent: 100 - percent },
      ].filter((share) => share.percent > 0);
      world.cloud.patch({ traffic }, undefined);
      return;
    }
    case 'stop': {
      await run(world, 'stopper', (context) => scale(context, 0, { reason: 'runaway cost' }));
      await pause(world, 60);
      await run(world, 'stopper', (context) => scale(context, 'restore', { reason: '' }));
    }
  }
}
