import type { Clock } from '../../ocr/clock';

/** Above this a machine's clock is wrong enough to say so, once; leases last minutes. */
const SAID_SECONDS = 30;
/** A `Date` header counts whole seconds (RFC 9110, 5.6.7). */
const HEADER_MILLISECONDS = 1000;

export interface ServerTime {
  /** The servers' clock, as far as their answers have told it. */
  readonly clock: Clock;
  /** Told the `Date` header of each answer. @param asked milliseconds by the machine's own clock, before the request. */
  observe(date: string | null | undefined, asked: number): void;
}

/**
 * The clock that leases and windows go by. Machines differ: one that is ten minutes off would take a lease that its holder
 * renews, and ask for metrics of a window that has not been yet. The server's time lies somewhere between question and answer:
 * the difference is moved only as far as an answer proves it wrong, so a clock that is right is never moved.
 */
export function serverTime(local: Clock, say: (line: string) => void): ServerTime {
  let skew = 0;
  let isSaid = false;
  return {
    clock: { now: () => new Date(local.now().getTime() + skew), sleep: local.sleep },
    observe(date, asked) {
      const told = date ? Date.parse(date) : NaN;
      if (Number.isNaN(told)) return;
      const [least, most] = [told - local.now().getTime(), told + HEADER_MILLISECONDS - asked];
      skew = Math.min(Math.max(skew, least), most);
      if (isSaid || Math.abs(skew) <= SAID_SECONDS * 1000) return;
      isSaid = true;
      const seconds = Math.round(Math.abs(skew) / 1000);
      say(
        `this machine's clock is ${seconds} s ${skew > 0 ? 'slow' : 'fast'}; leases and metrics go by Google's`,
      );
    },
  };
}
