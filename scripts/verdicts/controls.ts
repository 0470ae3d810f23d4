import type { GoldenAnswer } from '../../domain/canary/golden';
import { judge } from '../../domain/canary/verdict';
import type { Changes } from './simulate';

/** Parts of the canary that can be taken out, to see which row of the table each holds. */
export const CONTROLS = ['pairing', 'correction', 'set'] as const;
export type Control = (typeof CONTROLS)[number];

/** Fewer values have no spread to speak of. */
const LEAST_VALUES = 5;
/** Of the normal distribution, for 0.002 on one side: right for a single look at many values. */
const CRITICAL = 2.88;

export const withoutPart: Readonly<Record<Control, Changes>> = {
  /** Stable reads each page once, at the start, and not together with the candidate: seen with an outage. */
  pairing: {
    ports(ports) {
      const before = new Map<string, GoldenAnswer>();
      return {
        ...ports,
        async read(page, side, signal) {
          const known = side === 'stable' ? before.get(page) : undefined;
          const answer = known ?? (await ports.read(page, side, signal));
          if (side === 'stable' && answer.outcome === 'read') before.set(page, answer);
          return answer;
        },
      };
    },
  },
  /** The test of latencies at each look as if it were the only one. */
  correction: {
    judge(settings, evidence, step) {
      const { logRatios } = evidence.golden;
      const isWorse = logRatios.length >= LEAST_VALUES && statistic(logRatios) > CRITICAL;
      return isWorse
        ? { state: 'unhealthy', reasons: ['slower, at this look alone'] }
        : judge(settings, evidence, step);
    },
  },
  /** One golden page in place of the set. */
  set: {
    ports: (ports, draw) => ({
      ...ports,
      pages: [ports.pages[Math.floor(draw.uniform() * ports.pages.length)]!],
    }),
  },
};

/** Student's t of a mean above 0. */
function statistic(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return mean / Math.sqrt(squares / (values.length - 1) / values.length);
}
