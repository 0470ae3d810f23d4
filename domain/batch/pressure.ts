/** Requests that a task may have under way, by what the service bears. */
export interface Pressure {
  /** A whole number of requests is the part before the point. */
  readonly limit: number;
  /** Requests that were sent before this did not know of the last lowering, and lower nothing again. Milliseconds. */
  readonly loweredAt: number;
}

/** By a refusal; what additive increase and multiplicative decrease use is between 1/2 and 7/8, this is in the middle. An own choice. */
const DECREASE = 0.7;

/**
 * A share of the service's capacity: every task begins with it, and never takes more, so that whoever else calls keeps the rest.
 * @param pagesAtOnce of all tasks together. @param tasks those that are at work.
 */
export const shareOf = (pagesAtOnce: number, tasks: number): number =>
  Math.max(1, pagesAtOnce / Math.max(1, tasks));

export const startPressure = (share: number): Pressure => ({ limit: share, loweredAt: -Infinity });

/** One page was read in time: a window of them makes room for one more (D.-M. Chiu and R. Jain, Comput. Netw. ISDN Syst. 17, 1989). */
export const afterAnswer = (pressure: Pressure, share: number): Pressure => ({
  ...pressure,
  limit: Math.min(share, pressure.limit + 1 / pressure.limit),
});

/** 429, or an answer that waited long in a queue. */
export function afterRefusal(pressure: Pressure, sentAt: number, now: number): Pressure {
  if (sentAt < pressure.loweredAt) return pressure;
  return { limit: Math.max(1, pressure.limit * DECREASE), loweredAt: now };
}
