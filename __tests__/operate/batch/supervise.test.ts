import {
  type Reader,
  type ReaderMessage,
  supervise,
  type SupervisePorts,
} from '../../../operate/batch/supervise';

/** What a reading process does; `end` ends it. */
type Play = (
  say: (message: ReaderMessage) => void,
  end: (why?: string) => void,
  suspects: readonly string[],
  poison: readonly string[],
) => void;

describe('supervise', () => {
  let at: number;
  let started: { suspects: readonly string[]; poison: readonly string[] }[];
  let killed: number;
  let bytes: number;
  const abort = new AbortController();

  beforeEach(() => {
    [at, started, killed, bytes] = [0, [], 0, 0];
  });

  const run = (...plays: Play[]) => {
    const ports: SupervisePorts = {
      now: () => new Date(at),
      sleep: async (seconds, signal) => {
        await new Promise(setImmediate);
        signal?.throwIfAborted();
        at += seconds * 1000;
      },
      signal: abort.signal,
      progress: () => undefined,
      maxMemoryBytes: 1000,
      start(order): Reader {
        started.push(order);
        const play = plays[Math.min(started.length, plays.length) - 1]!;
        let end: (why?: string) => void = () => undefined;
        const exited = new Promise<string | undefined>((resolve) => (end = resolve));
        return {
          exited,
          onMessage: (hear) => setImmediate(() => play(hear, end, order.suspects, order.poison)),
          kill: () => {
            killed += 1;
            end('SIGKILL');
          },
          memoryBytes: () => bytes,
        };
      },
    };
    return supervise(ports);
  };
  const done: Play = (say, end) => {
    say({ kind: 'done' });
    end();
  };
  const crashIn =
    (document: string): Play =>
    (say, end) => {
      say({ kind: 'begin', document });
      end('SIGSEGV');
    };

  test('ends with the share', async () => {
    await run(done);
    expect(started).toEqual([{ suspects: [], poison: [] }]);
  });

  test('suspects what was under way at a crash, and gives it up after the third', async () => {
    const crash = crashIn('a');
    await run(crash, crash, crash, done);
    expect(started.map(({ suspects, poison }) => [suspects, poison])).toEqual([
      [[], []],
      [['a'], []],
      [['a'], []],
      [[], ['a']],
    ]);
  });

  test('does not suspect what was done', async () => {
    const play: Play = (say, end) => {
      say({ kind: 'begin', document: 'a' });
      say({ kind: 'end', document: 'a' });
      say({ kind: 'begin', document: 'b' });
      end('SIGKILL');
    };
    await run(play, done);
    expect(started[1]!.suspects).toEqual(['b']);
  });

  test('ends a process that is silent', async () => {
    await run((say) => say({ kind: 'begin', document: 'a' }), done);
    expect(killed).toBe(1);
    expect(started[1]!.suspects).toEqual(['a']);
  });

  test('ends a process that grows too large', async () => {
    const grow: Play = (say) => {
      say({ kind: 'begin', document: 'a' });
      bytes = 1001;
    };
    await run(grow, (say, end) => ((bytes = 0), done(say, end, [], [])));
    expect(killed).toBe(1);
  });

  test('waits for a service that does not answer, and blames no document', async () => {
    const stopped: Play = (say, end) => {
      say({ kind: 'begin', document: 'a' });
      say({ kind: 'stopped', code: 'CIRCUIT_OPEN', text: 'nobody answers' });
      end();
    };
    await run(stopped, stopped, done);
    expect(started.every(({ suspects, poison }) => suspects.length + poison.length === 0)).toBe(true);
    expect(at).toBeGreaterThanOrEqual(60_000);
  });

  test('gives up after an hour without a page', async () => {
    const stopped: Play = (say, end) => {
      say({ kind: 'stopped', code: 'NOT_AUTHORISED', text: 'no right' });
      end();
    };
    await expect(run(stopped)).rejects.toMatchObject({
      code: 'BATCH_STOPPED',
      got: 'NOT_AUTHORISED: no right',
    });
    expect(at).toBeGreaterThan(3_600_000);
  });
});
