import { PROFILES } from '../../deployments/profiles';
import { judge } from '../../domain/canary/verdict';
import type { CanaryPorts, CanarySettings } from '../../release/checks/canaryPorts';
import { canarySession } from '../../release/checks/canarySession';
import { virtualTime } from '../../rehearsal/virtualTime';
import { type Random, random } from './random';
import { simulatedService, type World } from './world';

/** How one release ended. */
export interface Ended {
  readonly outcome: 'served' | 'blocked' | 'undecided';
  /** From the first step until 100 % for good, or until it went back. */
  readonly seconds: number;
  /** Of both revisions together. */
  readonly goldenPages: number;
  readonly reasons: readonly string[];
}

export interface Summary {
  /** Shares of all releases; `putBack` is all that were not served, `undecided` a part of it. */
  readonly served: number;
  readonly putBack: number;
  readonly blocked: number;
  readonly undecided: number;
  /** Of those that were served; null where none was. */
  readonly medianShareOfTodaysTime: number | null;
  /** Median, both revisions together. */
  readonly goldenPages: number;
}

/** The standard profile's: what a deployment that says nothing has. */
const { canary, monitoringPeriodSeconds, monitoringLagSeconds } = PROFILES.standard.release;
export const SETTINGS: CanarySettings = { ...canary, monitoringPeriodSeconds, monitoringLagSeconds };

/** Three bakes of 600, 600 and 300 s, each after a period and before a lag of the metrics, as releases had until 2026-11-29. */
const TODAYS_SECONDS = 600 + 600 + 300 + 3 * (60 + 180);

/** What is taken out or put in the place of something, to see that it is needed. */
export interface Changes {
  readonly judge?: CanaryPorts['judge'];
  ports?(ports: CanaryPorts, draw: Random): CanaryPorts;
}

/** One release through the engine's own canary, on virtual time, against a world that is drawn from the seed. */
export async function simulateRelease(world: World, seed: number, changes: Changes = {}): Promise<Ended> {
  const draw = random(seed);
  const time = virtualTime(1e12, () => new Promise(setImmediate));
  const { clock } = time;
  const service = simulatedService(world, clock, draw);
  const ports: CanaryPorts = {
    ...service,
    clock,
    signal: new AbortController().signal,
    random: draw.uniform,
    judge: changes.judge ?? judge,
  };
  const session = canarySession(changes.ports?.(ports, draw) ?? ports, SETTINGS);
  const started = clock.now().getTime();
  const ended = (outcome: Ended['outcome'], reasons: readonly string[]): Ended => ({
    outcome,
    reasons,
    seconds: (clock.now().getTime() - started) / 1000,
    goldenPages: service.goldenPages.candidate + service.goldenPages.stable,
  });
  const release = async (): Promise<Ended> => {
    for (const { percent, bakeSeconds } of canary.steps) {
      service.setPercent(percent);
      const { state, reasons } = await session.bake(percent, bakeSeconds);
      if (state === 'unhealthy') return ended('blocked', reasons);
      if (state === 'inconclusive') return ended('undecided', reasons);
    }
    return ended('served', []);
  };
  const released = release();
  await time.run(released);
  return released;
}

/** Many releases; each has a seed of its own. */
export async function simulateReleases(
  world: World,
  { releases, seed, changes }: { releases: number; seed: number; changes?: Changes },
): Promise<Ended[]> {
  const ended: Ended[] = [];
  // Far apart, so that neighbouring seeds share no release.
  for (let at = 0; at < releases; at++)
    ended.push(await simulateRelease(world, seed * 1_000_003 + at * 7919, changes));
  return ended;
}

export function summarize(ended: readonly Ended[]): Summary {
  const shareOf = (outcome: Ended['outcome']) =>
    ended.filter((release) => release.outcome === outcome).length / ended.length;
  const served = ended.filter(({ outcome }) => outcome === 'served');
  return {
    served: shareOf('served'),
    putBack: 1 - shareOf('served'),
    blocked: shareOf('blocked'),
    undecided: shareOf('undecided'),
    medianShareOfTodaysTime:
      served.length === 0 ? null : median(served.map(({ seconds }) => seconds)) / TODAYS_SECONDS,
    goldenPages: median(ended.map(({ goldenPages }) => goldenPages)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
