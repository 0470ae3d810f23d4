import { drive } from '../../../release/driver/drive';
import { contextOf, process, SERVICE, world } from '../../../rehearsal/simulate/world';
import { simulatedDeployment } from '../../../rehearsal/simulate/simulate';
import { failureOf } from '../../../rehearsal/stage';

describe('drive', () => {
  const quiet = () => ({ ...world(1, simulatedDeployment(), undefined, new Set()), isRough: false });
  const goal = { kind: 'rollback', reason: 'empty tables', now: true } as const;

  test('stopped after a decision says what was written and what finishes it: ROLLBACK_INTERRUPTED', async () => {
    const of = quiet();
    const stop = new AbortController();
    const context = contextOf(of, process(of, 'on-call'));
    const { writeTraffic } = context.cloudRun;
    const cloudRun = {
      ...context.cloudRun,
      writeTraffic: (...args: Parameters<typeof writeTraffic>) => {
        stop.abort();
        return writeTraffic(...args);
      },
    };
    const ends = failureOf(drive({ ...context, cloudRun, signal: stop.signal }, goal));
    await of.time.run(ends);
    expect(await ends).toMatchObject({
      code: 'ROLLBACK_INTERRUPTED',
      message: expect.stringContaining('traffic was asked for') as string,
      remedy: expect.stringContaining(`--to ${SERVICE}-bbbbbbb-bbbbbb`) as string,
    });
  });

  test('stopped before a decision has decided nothing', async () => {
    const of = quiet();
    const context = {
      ...contextOf(of, process(of, 'on-call')),
      signal: AbortSignal.abort(new Error('stopped')),
    };
    await expect(drive(context, goal)).rejects.toThrow('stopped');
    expect(of.intents).toEqual([]);
  });
});
