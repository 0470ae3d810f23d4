import { type LogEntry, readLogEntry } from '../../../domain/logs/logEntry';
import { instanceStarts, startFolder } from '../../../domain/logs/startPhases';

const BEGIN = Date.parse('2026-11-25T03:00:00Z');
type Log = 'stdout' | 'stderr' | 'varlog/system';

/** A line of an instance, seconds after its start. */
function entry(seconds: number, textPayload: string, log: Log = 'stderr', instanceId = '00f46b92'): LogEntry {
  return readLogEntry({
    timestamp: new Date(BEGIN + seconds * 1000).toISOString(),
    insertId: `${seconds}`,
    logName: `projects/p/logs/run.googleapis.com%2F${encodeURIComponent(log)}`,
    labels: { instanceId },
    resource: { labels: { revision_name: 'ocr-a' } },
    textPayload,
  });
}
const system = (seconds: number, text: string, instance?: string) =>
  entry(seconds, text, 'varlog/system', instance);
const engine = (seconds: number, text: string) =>
  entry(seconds, `(EngineCore pid=28) INFO 11-25 03:00:00 [core.py:302] ${text}`);

const START = system(0, 'Starting new instance. Reason: AUTOSCALING - Instance started due to traffic.');
const PROBE =
  'STARTUP HTTP probe succeeded after 9 attempts for container "ocr-1" on port 8000 path "/health".';
/** The forms of vLLM 0.22 and newer. */
const NEW = [
  START,
  entry(4, '(APIServer pid=1) INFO 11-25 03:00:04 [utils.py:1] non-default args: {}'),
  engine(20, 'Starting to load model lightonai/LightOnOCR-2-1B...'),
  engine(24, 'Loading weights took 1.43 seconds'),
  engine(25, 'Model loading took 1.87 GiB memory and 3.200000 seconds'),
  engine(50, 'torch.compile took 25.93 s in total'),
  engine(70, 'Graph capturing finished in 20 secs, took 0.54 GiB'),
  engine(70.5, 'init engine (profile, create kv cache, warmup model) took 45.50 s (compilation: 25.93 s)'),
  entry(79, '(APIServer pid=1) INFO:     Application startup complete.'),
  system(80, PROBE),
];

describe('instanceStarts', () => {
  test('finds the phases of a start, their times and what vLLM says of them', () => {
    expect(instanceStarts(NEW)).toEqual([
      {
        revision: 'ocr-a',
        instance: '00f46b92',
        startedAt: '2026-11-25T03:00:00.000000000Z',
        reason: 'AUTOSCALING',
        state: 'ready',
        seconds: 80,
        phases: [
          { name: 'attach', seconds: 4 },
          { name: 'load', seconds: 21, detail: 'weights 1.43 s, 1.87 GiB' },
          { name: 'compile', seconds: 45.5, detail: 'torch.compile 25.93 s, CUDA graphs 20 s' },
          { name: 'ready', seconds: 9.5 },
        ],
      },
    ]);
  });

  test('reads the forms of older versions too', () => {
    const old = [
      START,
      entry(3, 'INFO 06-19 23:05:01 [loader.py:447] Loading weights took 0.69 seconds'),
      entry(
        4,
        'INFO 06-19 23:05:01 [gpu_model_runner.py:1273] Model loading took 3.4213 GiB and 0.902026 seconds',
      ),
      entry(9, 'INFO 06-19 23:05:18 [monitor.py:33] torch.compile takes 7.51 s in total'),
      entry(
        34,
        'INFO 06-19 23:05:35 [core.py:162] init engine (profile, create kv cache, warmup model) took 34.11 seconds',
      ),
    ];
    const [{ phases, state }] = instanceStarts(old) as [ReturnType<typeof instanceStarts>[0]];
    expect(state).toBe('starting');
    expect(phases.map(({ name, detail }) => [name, detail])).toEqual([
      ['attach', undefined],
      ['load', 'weights 0.69 s, 3.4213 GiB'],
      ['compile', 'torch.compile 7.51 s'],
    ]);
  });

  test.each([
    ['the probe passes first', [...NEW.slice(0, -2), system(78, PROBE), NEW.at(-2)!], 79],
    ['the server is up first', NEW, 80],
  ])('is ready when both the server and the probe say so: %s', (_, entries, seconds) => {
    expect(instanceStarts(entries)).toMatchObject([{ state: 'ready', seconds }]);
    expect(instanceStarts(entries.slice(0, -1))).toMatchObject([{ state: 'starting' }]);
  });

  test('a container without lines of vLLM is ready when its probe passes', () => {
    const [start] = instanceStarts([START, entry(2, 'hello'), system(5, PROBE)]);
    expect(start).toMatchObject({ state: 'ready', seconds: 5 });
    expect(start!.phases.map(({ name }) => name)).toEqual(['attach', 'ready']);
  });

  test.each([
    'Container called exit(1).',
    'Container terminated on signal 9.',
    'Memory limit of 32768 MiB exceeded with 33000 MiB used. Consider increasing the memory limit.',
    'STARTUP HTTP probe failed 48 times consecutively for container "ocr-1" on port 8000 path "/health".',
  ])('did not start: %s', (problem) => {
    expect(instanceStarts([...NEW.slice(0, 5), system(30, problem)])).toMatchObject([
      { state: 'failed', seconds: 30, problem, phases: [{ name: 'attach' }, { name: 'load' }] },
    ]);
  });

  test('an instance that ends after it was ready has not failed to start', () => {
    expect(instanceStarts([...NEW, system(900, 'Container called exit(0).')])).toMatchObject([
      { state: 'ready' },
    ]);
  });

  test('tells two instances apart, and two starts of which one begins earlier', () => {
    const other = system(1, 'Starting new instance. Reason: DEPLOYMENT_ROLLOUT - x', '00aa');
    const mixed = [NEW[0]!, other, ...NEW.slice(1), system(200, 'Container called exit(1).', '00aa')];
    expect(instanceStarts(mixed)).toMatchObject([
      { instance: '00f46b92', state: 'ready' },
      { instance: '00aa', state: 'failed', reason: 'DEPLOYMENT_ROLLOUT', phases: [] },
    ]);
  });
});

describe('startFolder', () => {
  const kinds = (entries: readonly LogEntry[]) =>
    entries
      .map(startFolder())
      .map((fold) => (typeof fold === 'string' ? fold : (fold.phase?.name ?? fold.step.state)));

  test('folds the lines of a start but for what ends a phase', () => {
    expect(kinds(NEW)).toEqual([
      'starting',
      'attach',
      'folded',
      'folded',
      'load',
      'folded',
      'folded',
      'compile',
      'folded',
      'ready',
    ]);
  });

  test('shows errors, requests, what comes after a start, and lines of a start that was not seen', () => {
    const error = entry(
      30,
      '(EngineCore pid=28) ERROR 11-25 03:00:30 [core.py:1] EngineCore failed to start.',
    );
    expect(kinds([...NEW.slice(0, 3), error])).toEqual(['starting', 'attach', 'folded', 'shown']);
    expect(kinds([...NEW, engine(90, 'Avg prompt throughput')]).at(-1)).toBe('shown');
    expect(kinds(NEW.slice(2, 5))).toEqual(['shown', 'shown', 'shown']);
    expect(
      kinds([
        START,
        readLogEntry({
          timestamp: START.at,
          labels: { instanceId: '00f46b92' },
          logName: 'x/logs/run.googleapis.com%2Frequests',
        }),
      ]),
    ).toEqual(['starting', 'shown']);
  });

  test('gives the last lines of a start that failed, and no more than 20', () => {
    const fold = startFolder();
    const many = Array.from({ length: 30 }, (_, index) => engine(10 + index, `line ${index}`));
    for (const line of [START, entry(1, 'first'), ...many]) fold(line);
    const failed = fold(system(60, 'Container called exit(1).'));
    expect(failed).toMatchObject({ step: { state: 'failed' }, lines: many.slice(-20) });
  });
});
