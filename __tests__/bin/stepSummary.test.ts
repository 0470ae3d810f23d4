import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendSummary, summarized } from '../../bin/stepSummary';
import { Failure } from '../../domain/failure';
import type { ReleaseContext } from '../../release/ports/context';
import { DEPLOYMENT } from '../constructs/deployment';
import { fakeClock } from '../fixtures/clock';

describe('appendSummary', () => {
  test('stays within what a step may say: several reviews of one step do not drop each other', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'append-'));
    const file = join(directory, 'summary.md');
    for (const letter of ['a', 'é', 'c', 'd']) await appendSummary(letter.repeat(450_000), file);
    const text = await readFile(file, 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    // The second has two bytes a letter and does not fit; what comes after it does.
    expect([...new Set(text)].filter((letter) => 'aécd'.includes(letter))).toEqual(
      expect.arrayContaining(['a', 'c']),
    );
    expect(text).not.toContain('éé');
    expect(text.split('There is more in the log').length).toBeGreaterThan(1);
    await rm(directory, { recursive: true });
  });
});

describe('summarized', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'summary-'))));
  afterEach(() => rm(directory, { recursive: true }));

  const shares = (a: number, b: number) => [
    { revision: 'a', percent: a },
    { revision: 'b', percent: b },
  ];
  const context = () => {
    const progress: string[] = [];
    const context = {
      deployment: DEPLOYMENT,
      clock: fakeClock(),
      actor: { holder: 'x', by: 'x', runUrl: 'https://github.com/o/r/actions/runs/1' },
      progress: (line: string) => void progress.push(line),
      cloudRun: {
        service: async () => ({ trafficStatuses: shares(100, 0) }),
        writeTraffic: async () => 'operation',
      },
    } as unknown as ReleaseContext;
    return { context, progress };
  };
  /** A release in two steps; one minute each. */
  const work = async (watched: ReleaseContext) => {
    await watched.cloudRun.service();
    for (const percent of [10, 100]) {
      await watched.clock.sleep(60);
      await watched.cloudRun.writeTraffic(shares(100 - percent, percent), 'etag');
    }
  };

  test('writes what was done and the traffic that was moved', async () => {
    const file = join(directory, 'summary.md');
    await summarized(
      'release',
      context().context,
      async (watched) => {
        await work(watched);
        return { text: 'served', data: { revision: 'b' } };
      },
      file,
    );
    const text = await readFile(file, 'utf8');
    expect(text).toContain('✅ release `example` (120 s)\n\nserved');
    expect(text).toContain('x-axis ["0:00", "1:00", "2:00"]');
    expect(text).toContain('line [100, 90, 0]\n  line [0, 10, 100]');
    expect(text).toContain('[run](https://github.com/o/r/actions/runs/1)');
  });

  test('writes a failure too, with the traffic until then, and throws it on', async () => {
    const file = join(directory, 'summary.md');
    const failure = new Failure({
      code: 'CANARY_UNHEALTHY',
      message: 'm',
      where: 'w',
      remedy: 'r',
      exitCode: 1,
    });
    const run = summarized(
      'release',
      context().context,
      async (watched) => {
        await work(watched);
        throw failure;
      },
      file,
    );
    await expect(run).rejects.toBe(failure);
    const text = await readFile(file, 'utf8');
    expect(text).toContain('**CANARY_UNHEALTHY** (exit code 1: failed and put back)');
    expect(text).toContain('xychart-beta');
  });

  test.each([
    [
      'a signal',
      Object.assign(new Error('aborted'), { name: 'AbortError' }),
      'stopped; lightonocr reconcile',
    ],
    ['a defect', new TypeError('x is undefined'), 'This is a defect, please report it: x is undefined'],
  ])('tells of the traffic until %s ended it', async (_what, error, words) => {
    const file = join(directory, 'summary.md');
    const run = summarized(
      'release',
      context().context,
      async (watched) => {
        await work(watched);
        throw error;
      },
      file,
    );
    await expect(run).rejects.toBe(error);
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(/^## ❌ release /);
    expect(text).toContain(words);
    expect(text).toContain('xychart-beta');
  });

  test('a summary that cannot be written changes no outcome', async () => {
    const { context: where, progress } = context();
    const done = await summarized(
      'status',
      where,
      async () => ({ text: 'x', data: {} }),
      join(directory, 'no', 'such'),
    );
    expect(done.text).toBe('x');
    expect(progress).toEqual([expect.stringContaining('could not be written')]);
  });

  test('outside a workflow the context is handed on as it is', async () => {
    const { context: where } = context();
    const seen: unknown[] = [];
    await summarized(
      'status',
      where,
      async (given) => {
        seen.push(given);
        return { text: '', data: {} };
      },
      '',
    );
    expect(seen).toEqual([where]);
  });
});
