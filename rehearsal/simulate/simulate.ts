import type { Deployment } from '../../domain/deployment';
import { loadDeployment } from '../../deployments/load';
import type { Mutation } from './state';
import { play, type Played } from './schedule';

export interface SimulateOptions {
  readonly schedules: number;
  /** Of the first schedule; the next ones have the next numbers. */
  readonly seed: number;
  readonly mutation?: Mutation;
  /** Schedules that fail after which no more are played; default 3. */
  readonly mostFailures?: number;
}

export interface SimulateFailure {
  /** Replays it: `npm run simulate -- --schedules 1 --seed SEED`. */
  readonly seed: number;
  readonly violation: string;
  /** The fewest actors and faults that still do it. */
  readonly shrunk: Pick<Played, 'actors' | 'faults'>;
}

export interface Simulated {
  readonly schedules: number;
  readonly seed: number;
  readonly failures: readonly SimulateFailure[];
  /** Calls to the model in the median schedule. */
  readonly medianCalls: number;
  readonly schedulesPerCpuSecond: number;
}

const MOST_FAILURES = 3;

/** The rehearsal's deployment with a canary of minutes: virtual time costs nothing, and calls are what a schedule is about. */
export function simulatedDeployment(): Deployment {
  const { release, ...deployment } = loadDeployment('rehearsal');
  return {
    ...deployment,
    release: {
      ...release,
      leaseSeconds: 180,
      monitoringLagSeconds: 0,
      smoke: { ...release.smoke, coldStartSeconds: 60 },
      canary: {
        ...release.canary,
        steps: [
          { percent: 10, bakeSeconds: 60 },
          { percent: 100, bakeSeconds: 60 },
        ],
      },
    },
  };
}

/** Plays schedules from their seeds, one after the other. @param cpu seconds of CPU that this process has used. */
export async function simulate(options: SimulateOptions, cpu: () => number): Promise<Simulated> {
  Error.stackTraceLimit = 0; // thousands of failures a second, and their codes say enough
  const deployment = simulatedDeployment();
  const { schedules, seed, mutation, mostFailures = MOST_FAILURES } = options;
  const given = { deployment, ...(mutation && { mutation }) };
  const calls: number[] = [];
  const failures: SimulateFailure[] = [];
  const started = cpu();
  let played = 0;
  for (; played < schedules && failures.length < mostFailures; played++) {
    const one = await play(seed + played, given);
    calls.push(one.calls);
    if (one.violation !== undefined) {
      const shrunk = await shrink(seed + played, one, given);
      failures.push({ seed: seed + played, violation: one.violation, shrunk });
    }
  }
  const seconds = cpu() - started;
  calls.sort((a, b) => a - b);
  return {
    ...{ schedules: played, seed, failures },
    medianCalls: calls[Math.floor(calls.length / 2)] ?? 0,
    schedulesPerCpuSecond: Math.round(played / Math.max(seconds, 0.001)),
  };
}

/** Leaves out actors, then faults, one at a time, as long as the same invariant does not hold. */
async function shrink(
  seed: number,
  found: Played,
  given: Parameters<typeof play>[1],
): Promise<Pick<Played, 'actors' | 'faults'>> {
  const invariant = found.violation!.split(':')[0];
  let best = found;
  const attempt = async (actors: Played['actors'], spared: ReadonlySet<number>) => {
    const tried = await play(seed, { ...given, actors, spared });
    const isSame = tried.violation?.split(':')[0] === invariant;
    if (isSame) best = tried;
    return isSame;
  };
  for (const actor of found.actors) {
    const fewer = best.actors.filter((other) => other !== actor);
    if (fewer.length > 0) await attempt(fewer, new Set());
  }
  let spared: ReadonlySet<number> = new Set();
  for (const { call } of best.faults) {
    const more = new Set([...spared, call]);
    if (await attempt(best.actors, more)) spared = more;
  }
  const { actors, faults } = best;
  return { actors, faults };
}
