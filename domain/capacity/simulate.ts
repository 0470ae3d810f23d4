import { earliest } from './earliest';

/** A service, as pages see it. */
export interface SimulatedService {
  /** Pages that one instance reads at a time; more wait in its queue. */
  readonly slots: number;
  /** Pages that one instance is given at a time; more of them start another instance. */
  readonly concurrency: number;
  /** From the start of an instance until it is ready; billed. */
  readonly startSeconds: number;
  /** Without a page for so long, instances above the minimum go; billed. */
  readonly idleSeconds: number;
  readonly minInstances: number;
  readonly maxInstances: number;
}

export interface Simulated {
  /** When the last page was read; seconds from the start. */
  readonly doneAt: number;
  /** Pages that were read after the deadline. */
  readonly late: number;
  /** From a page's arrival to the start of its reading, seconds. */
  readonly wait: { readonly mean: number; readonly p95: number; readonly share: number };
  readonly starts: number;
  /** Instances at once, at most. */
  readonly peak: number;
  /** Seconds of instances, all billed: `starting`, and ready, `reading` or `idle`. */
  readonly seconds: { readonly starting: number; readonly reading: number; readonly idle: number };
}

/**
 * The service page by page, from event to event: a page comes, an instance is ready, a page is read, the service was idle for long
 * enough. As `domain/cost/load.ts` has it: pages that are there ÷ `concurrency` start instances, `maxInstances` at most; what waits
 * is shared by all ready ones, first come, first served; they go together, `idleSeconds` after the last page.
 * What it leaves out: that Cloud Run aims at 60 % of the concurrency and so starts instances earlier, that it may take idle ones
 * away earlier (10 to 15 minutes), that a page is read faster beside fewer others, and failures.
 * @param arrivals seconds from the start, in order.
 * @param readingSeconds of the next page.
 */
export function simulate(
  arrivals: Float64Array,
  readingSeconds: () => number,
  service: SimulatedService,
  deadline = Infinity,
): Simulated {
  const { slots, concurrency, startSeconds, idleSeconds, minInstances, maxInstances } = service;
  const ends = earliest();
  const waits = new Float64Array(arrivals.length);
  const starting: number[] = [];
  const total = { starting: 0, reading: 0, idle: 0 };
  let [now, ready, arrived, begun, done] = [0, minInstances, 0, 0, 0];
  let [late, starts, peak, idleFrom] = [0, 0, minInstances, 0];

  const startUpTo = (count: number) => {
    for (; ready + starting.length < count; starts++) starting.push(now + startSeconds);
    peak = Math.max(peak, ready + starting.length);
  };
  const begin = () => {
    for (; begun < arrived && begun - done < ready * slots; begun++) {
      waits[begun] = now - arrivals[begun]!;
      ends.add(now + readingSeconds());
    }
  };
  const goOn = (until: number) => {
    const seconds = until - now;
    total.starting += starting.length * seconds;
    total[begun > done ? 'reading' : 'idle'] += ready * seconds;
    now = until;
  };

  while (done < arrivals.length) {
    const until = Math.min(arrivals[arrived] ?? Infinity, starting[0] ?? Infinity, ends.first());
    if (arrived === done && until > idleFrom + idleSeconds && ready > minInstances) {
      goOn(Math.max(now, idleFrom + idleSeconds));
      ready = minInstances;
      continue;
    }
    goOn(until);
    while (arrivals[arrived]! <= now) arrived += 1;
    while (starting[0]! <= now) {
      starting.shift();
      ready += 1;
    }
    while (ends.first() <= now) {
      ends.take();
      done += 1;
      if (now > deadline) late += 1;
    }
    startUpTo(Math.min(maxInstances, Math.ceil((arrived - done) / concurrency)));
    begin();
    if (arrived === done) idleFrom = now;
  }
  total.idle += (ready - minInstances) * idleSeconds;
  return {
    doneAt: now,
    late,
    wait: waitOf(waits),
    starts,
    peak,
    seconds: total,
  };
}

function waitOf(waits: Float64Array): Simulated['wait'] {
  const count = Math.max(1, waits.length);
  let [sum, waited] = [0, 0];
  for (const wait of waits) {
    sum += wait;
    if (wait > 0) waited += 1;
  }
  return { mean: sum / count, share: waited / count, p95: waits.sort()[Math.floor(0.95 * count)] ?? 0 };
}
