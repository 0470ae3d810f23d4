import { instanceSeconds } from '../../../domain/cost/load';
import { arrivalTimes } from '../../../domain/capacity/arrivals';
import { simulate, type SimulatedService } from '../../../domain/capacity/simulate';
import { random } from '../../../domain/random';
import { erlangC } from './erlangC';

const SERVICE: SimulatedService = {
  ...{ slots: 8, concurrency: 12, startSeconds: 50, idleSeconds: 900 },
  ...{ minInstances: 0, maxInstances: 3 },
};

describe('simulate, against M/M/c', () => {
  // c servers are instances that are kept. Twelve runs of 40,000 pages: their own spread says how near their mean has to be.
  test.each([
    [1, 4, 0.7],
    [1, 8, 0.8],
    [3, 8, 0.8],
    [10, 8, 0.85],
  ])('%d instances of %d slots, %d of them busy', (instances, slots, utilization) => {
    const [servers, pages, serviceSeconds] = [instances * slots, 40_000, 16];
    const load = servers * utilization;
    const seconds = (pages * serviceSeconds) / load;
    const service = { ...SERVICE, slots, minInstances: instances, maxInstances: instances };
    const waits = Array.from({ length: 12 }, (_, run) => {
      const source = random(1000 * servers + run);
      const arrivals = arrivalTimes({ pages, seconds, hoursPerDay: 24 }, source);
      return simulate(arrivals, () => -serviceSeconds * Math.log(1 - source()), service).wait;
    });
    const expected = erlangC(servers, load, serviceSeconds);
    for (const [simulated, theory, widest] of [
      [waits.map(({ share }) => share), expected.share, 0.06],
      [waits.map(({ mean }) => mean), expected.mean, 0.12],
    ] as const) {
      const mean = simulated.reduce((sum, value) => sum + value, 0) / simulated.length;
      const squares = simulated.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const error = Math.sqrt(squares / (simulated.length - 1) / simulated.length);
      expect(error / theory).toBeLessThan(widest);
      expect(Math.abs(mean - theory)).toBeLessThan(4 * error);
    }
  });
});

describe('simulate', () => {
  const atOnce = (pages: number) => new Float64Array(pages);

  test('bills as `cost` does: start, reading, idle tail', () => {
    const secondsPerPage = 2;
    const { seconds, starts, doneAt } = simulate(atOnce(960), () => secondsPerPage * SERVICE.slots, SERVICE);
    const { starting, reading, idle } = instanceSeconds(
      [{ at: 0, pages: 960 }],
      { ...SERVICE, secondsPerPage, kept: { instances: 0, times: [] } },
      1e6,
    );
    expect(seconds).toEqual({ starting, reading, idle });
    expect(starts).toBe(3);
    expect(doneAt).toBe(50 + (960 * 2) / 3);
  });

  test('starts as many instances as the pages ask for, and at most the maximum', () => {
    const peak = (pages: number) => simulate(atOnce(pages), () => 16, SERVICE).peak;
    expect([1, 12, 13, 36, 37, 5000].map(peak)).toEqual([1, 1, 2, 3, 3, 3]);
  });

  test('lets instances go after the idle time, and starts them again', () => {
    const arrivals = Float64Array.of(0, 900, 2000);
    const { starts, seconds, wait } = simulate(arrivals, () => 10, SERVICE);
    // The second page comes 840 s after the first was read, the third 1090 s after the second.
    expect(starts).toBe(2);
    expect(seconds).toEqual({ starting: 100, reading: 30, idle: 840 + 900 + 900 });
    expect(wait.share).toBeCloseTo(2 / 3);
  });

  test('counts the pages that are late', () => {
    const run = (deadline: number) =>
      simulate(atOnce(24), () => 10, { ...SERVICE, maxInstances: 1 }, deadline);
    expect(run(80)).toMatchObject({ doneAt: 80, late: 0 });
    expect(run(79.9).late).toBe(8);
    expect(run(0).late).toBe(24);
  });
});

describe('arrivalTimes', () => {
  test('are all at once, or in order within the time and the hours of the day', () => {
    expect([...arrivalTimes({ pages: 3, seconds: 0, hoursPerDay: 24 }, random(1))]).toEqual([0, 0, 0]);
    const times = arrivalTimes({ pages: 10_000, seconds: 2.25 * 86_400, hoursPerDay: 8 }, random(1));
    expect([...times].every((time, index) => time >= (times[index - 1] ?? 0))).toBe(true);
    expect(Math.max(...[...times].map((time) => time % 86_400))).toBeLessThan(8 * 3600);
    // Two whole days and six of the third's eight hours.
    const perDay = [0, 1, 2].map((day) => times.filter((time) => Math.floor(time / 86_400) === day).length);
    for (const [day, share] of [8 / 22, 8 / 22, 6 / 22].entries())
      expect(Math.abs(perDay[day]! / 10_000 - share)).toBeLessThan(0.02);
  });
});
