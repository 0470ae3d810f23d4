import type { Random } from '../random';

/** How pages come. */
export interface Arrivals {
  readonly pages: number;
  /** Over this long, at random and evenly (a Poisson process, given how many there are); 0: all are there at once. */
  readonly seconds: number;
  /** Hours of each day in which they come, beginning now; 24: around the clock. */
  readonly hoursPerDay: number;
}

const DAY_SECONDS = 86_400;

/** Times of all pages from now, in order: as many uniform times, sorted, are the times of a Poisson process. */
export function arrivalTimes({ pages, seconds, hoursPerDay }: Arrivals, random: Random): Float64Array {
  const times = new Float64Array(pages);
  if (seconds === 0) return times;
  const open = (hoursPerDay / 24) * DAY_SECONDS;
  const days = Math.floor(seconds / DAY_SECONDS);
  const total = days * open + Math.min(open, seconds - days * DAY_SECONDS);
  for (let index = 0; index < pages; index++) {
    const at = random() * total;
    const day = Math.floor(at / open);
    times[index] = day * DAY_SECONDS + (at - day * open);
  }
  return times.sort();
}
