import type { Deployment } from '../../domain/deployment';
import type { Failure } from '../../domain/failure';
import type { ReleaseContext } from '../../release/ports/context';
import type { Dealt, FaultRates } from './faults';
import type { ModelCloud } from './modelCloud';
import type { Random } from '../../domain/random';
import type { VirtualTime } from '../virtualTime';

/** What the instances of a revision are worth. */
export type Quality = 'good' | 'fails smoke' | 'fails canary' | 'undecided';

/** One process: it can be killed, and its clock can be wrong. */
export interface Process {
  readonly name: string;
  readonly random: Random;
  readonly skewSeconds: number;
  isDead: boolean;
  faultsInRow: number;
  die: () => void;
  /** Told the server's time with each answer, and when it was asked for; milliseconds. */
  heard: (time: number, asked: number) => void;
}

/** Everything of one schedule. */
export interface World {
  readonly time: VirtualTime;
  readonly cloud: ModelCloud;
  readonly deployment: Deployment;
  readonly random: Random;
  readonly rates: FaultRates;
  readonly quality: Map<string, Quality>;
  readonly mutation: Mutation | undefined;
  /** Faults happen. */
  isRough: boolean;
  calls: number;
  readonly dealt: Dealt[];
  /** Numbers of calls whose faults are left out. */
  readonly spared: ReadonlySet<number>;
  readonly violations: string[];
  /** When somebody wrote the service without the engine; 0: never. */
  handAt: number;
  /** Decisions as they were written to the ledger, oldest first. */
  readonly intents: { readonly by: string; readonly revision: string; readonly epoch: number }[];
}

/** One mechanism taken out. The simulation must then find a schedule that does harm: it shows what the mechanism is worth. */
export interface Mutation {
  /** What the mechanism does, in a line. */
  readonly without: string;
  readonly context?: (context: ReleaseContext, world: World) => ReleaseContext;
  /** Leases and windows go by each machine's own clock. */
  readonly rawClock?: boolean;
}

/** How a process ended: by its exit code, or killed. */
export type End =
  | { readonly is: 'done'; readonly result: unknown }
  | { readonly is: 'failed'; readonly failure: Failure }
  | { readonly is: 'killed' }
  | { readonly is: 'defect'; readonly error: unknown };
