import type { Deployment } from '../../domain/deployment';
import { unfinishedRelease } from '../../domain/releases/activeRelease';
import { CANDIDATE_TAG } from '../../domain/releases/traffic';
import { reconcile } from '../../release/verbs/reconcile';
import { act, type Actor, drawActors } from './actors';
import type { Dealt } from './faults';
import { askedShares } from './modelCloud';
import { random } from '../../domain/random';
import { violate } from './watch';
import type { Mutation, World } from './state';
import { contextOf, process, world } from './world';

export interface Played {
  readonly calls: number;
  readonly actors: readonly Actor[];
  /** Faults that happened, by the number of their call. */
  readonly faults: readonly Dealt[];
  /** The first invariant that did not hold. */
  readonly violation?: string;
}

export interface ScheduleOptions {
  readonly deployment: Deployment;
  readonly mutation?: Mutation;
  /** Instead of those that the seed draws; for shrinking. */
  readonly actors?: readonly Actor[];
  /** Calls whose faults do not happen. */
  readonly spared?: ReadonlySet<number>;
}

/** Until every lease has run out and every warm-up is over. */
const QUIET_SECONDS = 3600;
/** As reconcile.yml runs it, so often. */
const RECONCILES = 3;
const SCHEDULE_SECONDS = 900;

/** One schedule, from its seed alone: who does what when, what fails, and whether the invariants held. */
export async function play(seed: number, options: ScheduleOptions): Promise<Played> {
  const { deployment, mutation, spared = new Set() } = options;
  const actors = options.actors ?? drawActors(random(seed));
  const of = world(seed, deployment, mutation, spared);
  const end = await of.time.run(whole(of, actors));
  if (end === 'stuck') violate(of, 'every command ends', 'nobody waits for anything, and it is not over');
  const [violation] = of.violations;
  return { calls: of.calls, actors, faults: of.dealt, ...(violation !== undefined && { violation }) };
}

async function whole(of: World, actors: readonly Actor[]): Promise<void> {
  await Promise.all(actors.map((actor) => act(of, actor)));
  of.isRough = false;
  await new Promise<void>((resolve) => of.time.after(QUIET_SECONDS, resolve));
  for (let runs = 1; runs <= RECONCILES; runs++) {
    const end = await reconcile(contextOf(of, process(of, 'schedule-last'))).catch((error: unknown) => error);
    if (end instanceof Error) {
      if (of.handAt === 0) violate(of, 'every schedule ends in the desired state', String(end));
      return;
    }
    await new Promise<void>((resolve) => of.time.after(SCHEDULE_SECONDS, resolve));
  }
  checkLast(of);
}

/** Faults have stopped and `reconcile` has run: everything is as it is desired. */
function checkLast(of: World): void {
  const service = of.cloud.service();
  const ledger = of.cloud.ledger().ledger!;
  const desired = ledger.intent!.revision;
  const shares = askedShares(service);
  if (of.handAt === 0 && shares.get(desired) !== 100)
    violate(
      of,
      'every schedule ends in the desired state',
      `${JSON.stringify([...shares])}, desired ${desired}`,
    );
  const unfinished = unfinishedRelease(ledger);
  if (unfinished) violate(of, 'every release ends', `${unfinished.revision} is ${unfinished.state}`);
  if (ledger.intent!.settledAt === undefined) violate(of, 'every decision is finished', desired);
  const stray = service.traffic.find(({ tag }) => tag && CANDIDATE_TAG.test(tag));
  if (stray && of.handAt === 0) violate(of, 'no tag is orphaned', `${stray.tag} on ${stray.revision}`);
}
