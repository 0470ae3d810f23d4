import fc from 'fast-check';
import {
  type Burst,
  instanceSeconds,
  type Load,
  MONTH_SECONDS,
  monthOfBursts,
  type ServedBy,
  workingHours,
} from '../../../domain/cost/load';

/**
 * The same service watched second by second: nothing is computed ahead, every instance is looked at in every second.
 * Independent of the events that `instanceSeconds` jumps between.
 */
function watch(bursts: readonly Burst[], service: ServedBy, totalSeconds: number) {
  const seen = { starting: 0, reading: 0, idle: 0, starts: 0 };
  const instances: { startsIn: number; idleFor: number }[] = [];
  const kept = (second: number) =>
    service.kept.times.some(([from, to]) => second >= from - service.startSeconds && second < to)
      ? service.kept.instances
      : 0;
  const start = (startsIn: number) => instances.push({ startsIn, idleFor: 0 });
  for (let count = kept(0); count > 0; count -= 1) start(0);
  let waiting = 0;
  for (let second = 0; second < totalSeconds; second += 1) {
    // The one that is idle for longest goes first.
    for (const instance of [...instances].sort((a, b) => b.idleFor - a.idleFor)) {
      const goes = waiting === 0 && instance.startsIn === 0 && instance.idleFor >= service.idleSeconds;
      if (goes && instances.length > kept(second)) instances.splice(instances.indexOf(instance), 1);
    }
    const come = bursts.filter(({ at }) => at === second);
    let wanted = kept(second);
    for (const { pages } of come) {
      waiting += pages * service.secondsPerPage;
      const asked = Math.ceil(waiting / service.secondsPerPage / service.concurrency);
      wanted = Math.max(wanted, Math.min(service.maxInstances, asked));
    }
    for (; instances.length < wanted; seen.starts += 1) start(service.startSeconds);

    const ready = instances.filter(({ startsIn }) => startsIn === 0);
    seen.starting += instances.length - ready.length;
    seen[waiting > 0 ? 'reading' : 'idle'] += ready.length;
    for (const instance of instances) {
      if (instance.startsIn > 0) instance.startsIn -= 1;
      else instance.idleFor = waiting > 0 ? 0 : instance.idleFor + 1;
    }
    waiting -= Math.min(waiting, ready.length);
  }
  return { ...seen, unreadPages: waiting / service.secondsPerPage };
}

/**
 * Everything that starts work lies on a grid of twelve seconds, which up to four instances divide: so all pages are read at
 * the end of a whole second, and the two ways must agree to the second, not only about.
 */
const GRID = 12;
const onGrid = (from: number, to: number) => fc.integer({ min: from, max: to }).map((steps) => steps * GRID);
const scenes = fc.record({
  bursts: fc
    .array(fc.record({ at: onGrid(0, 150), pages: onGrid(1, 5) }), { maxLength: 6 })
    .map((all) => all.sort((a, b) => a.at - b.at)),
  secondsPerPage: fc.integer({ min: 1, max: 4 }),
  startSeconds: onGrid(0, 12),
  idleSeconds: fc.integer({ min: 0, max: 400 }),
  concurrency: fc.integer({ min: 1, max: 40 }),
  maxInstances: fc.integer({ min: 1, max: 4 }),
  kept: fc.record({
    instances: fc.integer({ min: 0, max: 2 }),
    times: fc
      .array(onGrid(13, 200), { maxLength: 4 })
      .map((all) => [...new Set(all)].sort((a, b) => a - b))
      .map((all) =>
        Array.from({ length: all.length >> 1 }, (_, i) => [all[2 * i]!, all[2 * i + 1]!] as const),
      ),
  }),
  totalSeconds: onGrid(1, 250),
});

const ONE: ServedBy = {
  secondsPerPage: 2,
  startSeconds: 50,
  idleSeconds: 900,
  concurrency: 12,
  maxInstances: 1,
  kept: { instances: 0, times: [] },
};

describe('instanceSeconds', () => {
  test('agrees with a service watched second by second', () => {
    let [started, reused, unread] = [0, 0, 0];
    fc.assert(
      fc.property(scenes, ({ bursts, totalSeconds, ...service }) => {
        service.kept.instances = Math.min(service.kept.instances, service.maxInstances);
        const found = instanceSeconds(bursts, service, totalSeconds);
        expect(found).toEqual(watch(bursts, service, totalSeconds));
        started += found.starts > 1 ? 1 : 0;
        reused += bursts.length > found.starts ? 1 : 0;
        unread += found.unreadPages > 0 ? 1 : 0;
      }),
      { numRuns: 400 },
    );
    // The scenes are of all kinds: none of these passes for want of a case.
    for (const kind of [started, reused, unread]) expect(kind).toBeGreaterThan(0);
  });

  test('bills the start, the pages and the tail of one burst', () => {
    expect(instanceSeconds([{ at: 100, pages: 30 }], ONE, 10_000)).toEqual({
      starting: 50,
      reading: 60,
      idle: 900,
      starts: 1,
      unreadPages: 0,
    });
  });

  test.each([0.3, 0.5, 0.7, 0.955])(
    'at %d pages a second starts as many instances as the pages fill, and not one more for a rounding',
    (pagesPerSecond) => {
      const service = {
        ...{ secondsPerPage: 1 / pagesPerSecond, startSeconds: 0, idleSeconds: 0, concurrency: 12 },
        ...{ maxInstances: 250, kept: { instances: 0, times: [] } },
      };
      const full = Array.from({ length: 250 }, (_, index) => index + 1);
      const started = full.map(
        (instances) => instanceSeconds([{ at: 0, pages: 12 * instances }], service, 1e6).starts,
      );
      expect(started).toEqual(full);
    },
  );

  test('a burst within the tail finds the instance and moves the tail; one after it starts another', () => {
    const at = (second: number) =>
      instanceSeconds(
        [
          { at: 0, pages: 1 },
          { at: second, pages: 1 },
        ],
        ONE,
        10_000,
      );
    // Read at 52; gone at 952.
    expect(at(951)).toMatchObject({ starts: 1, idle: 899 + 900 });
    expect(at(952)).toMatchObject({ starts: 2, idle: 900 + 900 });
  });

  test('costs nothing without pages, and all of the time with an instance that is kept', () => {
    expect(instanceSeconds([], ONE, 5000)).toMatchObject({ starting: 0, reading: 0, idle: 0 });
    const kept = { instances: 1, times: [[0, 5000] as const] };
    expect(instanceSeconds([], { ...ONE, kept }, 5000)).toMatchObject({ starting: 0, idle: 5000, starts: 0 });
  });

  test('says how many pages are left when the instances cannot read them all', () => {
    const found = instanceSeconds([{ at: 0, pages: 100 }], ONE, 150);
    expect(found).toMatchObject({ reading: 100, unreadPages: 50 });
  });
});

describe('monthOfBursts', () => {
  const loads = fc.record<Load>({
    pagesPerDay: fc.integer({ min: 1, max: 3000 }),
    burstPages: fc.integer({ min: 1, max: 400 }),
    hours: fc.double({ min: 0.5, max: 24, noNaN: true }),
    daysPerMonth: fc.integer({ min: 1, max: 30 }),
  });

  test('holds every page of every day, in order, within the hours', () => {
    fc.assert(
      fc.property(loads, (load) => {
        const bursts = monthOfBursts(load);
        const hours = workingHours(load);
        expect(bursts.reduce((sum, { pages }) => sum + pages, 0)).toBe(load.pagesPerDay * load.daysPerMonth);
        expect(Math.max(...bursts.map(({ pages }) => pages))).toBeLessThanOrEqual(load.burstPages);
        const within = ({ at }: Burst) => hours.some(([from, to]) => from <= at && at < to);
        expect(bursts.filter((burst) => !within(burst))).toEqual([]);
        expect(bursts.some(({ at }, index) => index > 0 && at < bursts[index - 1]!.at)).toBe(false);
        expect(hours.at(-1)![1]).toBeLessThan(MONTH_SECONDS);
      }),
      { numRuns: 60 },
    );
  });
});
