/** Pages that come at once. */
export interface Burst {
  /** Seconds since the month began. */
  readonly at: number;
  readonly pages: number;
}

/** When work comes. */
export interface Load {
  readonly pagesPerDay: number;
  /** Pages that come at once, a document or a batch. */
  readonly burstPages: number;
  /** Hours of the day in which bursts come, evenly; they lie around noon. */
  readonly hours: number;
  /** Days of the month with work. They follow each other: a weekend between them adds no cost at zero. */
  readonly daysPerMonth: number;
}

/** A month of 730 hours, as Google's price pages count it. */
export const MONTH_SECONDS = 730 * 3600;
const DAY_SECONDS = 86_400;

/** Time from the month's start at which the work of a day begins and ends. */
export function workingHours(load: Load): [from: number, to: number][] {
  const from = ((24 - load.hours) / 2) * 3600;
  return Array.from({ length: load.daysPerMonth }, (_, day) => {
    const start = day * DAY_SECONDS + from;
    return [start, start + load.hours * 3600];
  });
}

export const burstsPerDay = ({ pagesPerDay, burstPages }: Load): number =>
  Math.ceil(pagesPerDay / burstPages);

/** A month's bursts, in order; the last of a day has what is left. */
export function monthOfBursts(load: Load): Burst[] {
  const count = burstsPerDay(load);
  const gap = (load.hours * 3600) / count;
  return workingHours(load).flatMap(([from]) =>
    Array.from({ length: count }, (_, index) => ({
      at: from + index * gap,
      pages: Math.min(load.burstPages, load.pagesPerDay - index * load.burstPages),
    })),
  );
}

/** The service, as its bill sees it. */
export interface ServedBy {
  /** Of one instance that is given enough pages at a time. */
  readonly secondsPerPage: number;
  /** From the start of an instance until it is ready; billed. */
  readonly startSeconds: number;
  /** An instance without a page for so long is taken away; billed. */
  readonly idleSeconds: number;
  /** Pages that one instance is given at a time; more of them start another instance. */
  readonly concurrency: number;
  readonly maxInstances: number;
  /** Instances that stay without a page in the times [from, to), ready at `from`. */
  readonly kept: { readonly instances: number; readonly times: readonly (readonly [number, number])[] };
}

/** What is billed: seconds of instances, by what they did. */
export interface InstanceSeconds {
  readonly starting: number;
  readonly reading: number;
  readonly idle: number;
  /** Instances that were started. */
  readonly starts: number;
  /** Pages that are not read when the time is over: there are more than the instances can read. */
  readonly unreadPages: number;
}

/** Pages become seconds and pages again: five full instances must not be 5.000000000000001 of them. */
const ROUNDING = 1e-9;

interface Instance {
  readonly readyAt: number;
  /** End of its last page; `readyAt` before the first. */
  usedAt: number;
}

/**
 * Seconds of instances that bursts cost, from event to event: a burst comes, an instance is ready, all pages are read, an
 * instance was idle for long enough, the kept times begin and end.
 * - A burst starts instances until there are as many as pages wait ÷ concurrency, `maxInstances` at most.
 * - All ready instances share what waits: Cloud Run spreads requests. So one that is not needed lives as long as the others.
 * - An instance lives until it has read nothing for `idleSeconds`; a burst at that very second finds it gone.
 * What it leaves out: pages of different length, and that Cloud Run may start instances earlier (it aims at 60 % of the
 * concurrency) or take idle ones away earlier (10 to 15 minutes).
 */
export function instanceSeconds(
  bursts: readonly Burst[],
  service: ServedBy,
  totalSeconds: number,
): InstanceSeconds {
  const { secondsPerPage, startSeconds, idleSeconds, concurrency, maxInstances, kept } = service;
  const total = { starting: 0, reading: 0, idle: 0, starts: 0 };
  const keptAt = (time: number) =>
    kept.times.some(([from, to]) => from - startSeconds <= time && time < to) ? kept.instances : 0;
  const edges = kept.times.flatMap(([from, to]) => [from - startSeconds, to]).sort((a, b) => a - b);
  let now = 0;
  /** Seconds of one instance that the waiting pages take. */
  let work = 0;
  let nextBurst = 0;
  let nextEdge = 0;
  const live: Instance[] = Array.from({ length: keptAt(0) }, () => ({ readyAt: 0, usedAt: 0 }));

  const startUpTo = (count: number) => {
    while (live.length < count) {
      live.push({ readyAt: now + startSeconds, usedAt: now + startSeconds });
      total.starts += 1;
    }
  };
  // The one that is first is idle for longest: those that read end together, and who started later is ready later.
  const goesAt = () => (live.length > keptAt(now) ? live[0]!.usedAt + idleSeconds : Infinity);

  while (now < totalSeconds) {
    if (work === 0) {
      while (goesAt() <= now) live.shift();
    }
    while (edges[nextEdge]! <= now) nextEdge += 1;
    startUpTo(keptAt(now));
    for (; nextBurst < bursts.length && bursts[nextBurst]!.at <= now; nextBurst += 1) {
      work += bursts[nextBurst]!.pages * secondsPerPage;
      startUpTo(Math.min(maxInstances, Math.ceil(work / secondsPerPage / concurrency - ROUNDING)));
    }

    const ready = live.filter(({ readyAt }) => readyAt <= now);
    const readAt = work > 0 ? now + work / ready.length : Infinity;
    const until = Math.min(
      totalSeconds,
      bursts[nextBurst]?.at ?? Infinity,
      edges[nextEdge] ?? Infinity,
      readAt,
      work === 0 ? goesAt() : Infinity,
      ...live.flatMap(({ readyAt }) => (readyAt > now ? [readyAt] : [])),
    );
    const seconds = until - now;
    total.starting += (live.length - ready.length) * seconds;
    total[work > 0 ? 'reading' : 'idle'] += ready.length * seconds;
    work = until === readAt ? 0 : Math.max(0, work - ready.length * seconds);
    now = until;
    if (until === readAt) for (const instance of ready) instance.usedAt = now;
  }
  return { ...total, unreadPages: work / secondsPerPage };
}
