import type { Clock } from '../../ocr/clock';

/** Above this a machine's clock is wrong enough to say so, once; leases last minutes. */
const SAID_SECONDS = 30;
/** A `Date` header counts whole seconds, and an answer takes a while: less is no skew. */
const NOTICED_SECONDS = 2;

export interface ServerTime {
  /** The servers' clock, as far as their answers have told it. */
  readonly clock: Clock;
  /** Told the `Date` header of each answer. */
  observe(date: string | null | undefined): void;
}

/**
 * The clock that leases and windows go by. Machines differ: one that is ten minutes off would take a lease that its holder
 * renews, and ask for metrics of a window that has not been yet.
 */
export function serverTime(local: Clock, say: (line: string) => void): ServerTime {
  let skewMilliseconds = 0;
  let isSaid = false;
  return {
    clock: { now: () => new Date(local.now().getTime() + skewMilliseconds), sleep: local.sleep },
    observe(date) {
      const told = date ? Date.parse(date) : NaN;
      if (Number.isNaN(told)) return;
      const skew = told - local.now().getTime();
      if (Math.abs(skew - skewMilliseconds) > NOTICED_SECONDS * 1000)
        skewMilliseconds = Math.abs(skew) > NOTICED_SECONDS * 1000 ? skew : 0;
      if (isSaid || Math.abs(skew) <= SAID_SECONDS * 1000) return;
      isSaid = true;
      const seconds = Math.round(Math.abs(skew) / 1000);
      say(
        `this machine's clock is ${seconds} s ${skew > 0 ? 'slow' : 'fast'}; leases and metrics go by Google's`,
      );
    },
  };
}
