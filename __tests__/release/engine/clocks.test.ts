import type { Clock } from '../../../ocr/clock';
import { deployRun, planRun } from '../../../rehearsal/stage';
import { serverTime } from '../../../release/adapters/serverTime';
import type { ReleaseContext } from '../../../release/ports/context';
import { endOf, type Engine, openEngine, percentOf } from './engine';

/** Of the cloud's time: whole seconds of it, and a period of the metrics, before which the first look ends. */
const CLOSE_MILLISECONDS = 90_000;

const offBy = (minutes: number, right: Clock): Clock => ({
  ...right,
  now: () => new Date(right.now().getTime() + minutes * 60_000),
});

describe("on a machine whose clock is wrong, the servers' time", () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());
  beforeEach(() => engine.twoReleases());

  test.each([
    { minutes: 10, told: 'fast' },
    { minutes: -10, told: 'slow' },
  ])('is what leases and canaries go by: $minutes minutes', async ({ minutes, told }) => {
    const lines: string[] = [];
    const offs: number[] = [];
    const leases: number[] = [];
    const now = () => engine.clock.now().getTime();
    const change = ({ metrics, ledger }: ReleaseContext): Partial<ReleaseContext> => ({
      metrics: {
        windowStats(revision, from, to) {
          offs.push(to.getTime() - now());
          return metrics.windowStats(revision, from, to);
        },
      },
      ledger: {
        ...ledger,
        async write(next, generation) {
          if (next.lease) leases.push(Date.parse(next.lease.expiresAt) - now());
          await ledger.write(next, generation);
        },
      },
    });
    const sha = await engine.merge();
    const opened = engine.run(`merge-${told}`, change, offBy(minutes, engine.clock));
    const run = { ...opened, progress: (line: string) => void lines.push(line) };
    const planned = await planRun(run, sha);
    expect(await endOf(deployRun(run, sha, planned))).toBe('done');
    expect(percentOf(engine, planned.revision)).toBe(100);
    expect(offs.length).toBeGreaterThan(0);
    expect(Math.max(...offs.map(Math.abs))).toBeLessThan(CLOSE_MILLISECONDS);
    const leased = engine.deployment.release.leaseSeconds * 1000;
    expect(leases.length).toBeGreaterThan(0);
    expect(Math.max(...leases.map((lease) => Math.abs(lease - leased)))).toBeLessThan(CLOSE_MILLISECONDS);
  });
});

describe('serverTime', () => {
  const START = Date.UTC(2026, 0, 1);
  const open = (skewMilliseconds: number) => {
    let at = START;
    const lines: string[] = [];
    const local: Clock = { now: () => new Date(at + skewMilliseconds), sleep: async () => undefined };
    const { clock, observe } = serverTime(local, (line) => lines.push(line));
    const answer = (milliseconds: number) => {
      const asked = local.now().getTime();
      at += milliseconds;
      observe(new Date(at).toUTCString(), asked);
    };
    return { answer, lines, off: () => clock.now().getTime() - at };
  };

  test.each([-1_000, -400, 0, 400])('leaves a clock alone that is within an answer: %d ms', (skew) => {
    const { answer, lines, off } = open(skew);
    [100, 1200, 30].forEach(answer);
    expect(Math.abs(off())).toBeLessThanOrEqual(1000);
    expect(lines).toEqual([]);
  });

  test('never moves a clock that is right, however slow answers are', () => {
    const { answer, off } = open(0);
    [100, 60_000, 5, 1_500].forEach(answer);
    expect(off()).toBe(0);
  });

  test('says once that a clock is wrong, and which way', () => {
    const fast = open(600_000);
    [500, 300].forEach(fast.answer);
    expect(fast.lines).toEqual(["this machine's clock is 599 s fast; leases and metrics go by Google's"]);
    const slow = open(-600_000);
    [500, 300].forEach(slow.answer);
    expect(slow.lines).toHaveLength(1);
    expect(slow.lines[0]).toMatch(/ s slow; /);
  });

  test('takes no answer for a time that names none', () => {
    const lines: string[] = [];
    const { clock, observe } = serverTime(
      { now: () => new Date(START), sleep: async () => undefined },
      (line) => lines.push(line),
    );
    observe(null, START);
    observe('yesterday', START);
    expect(clock.now().getTime()).toBe(START);
  });
});
