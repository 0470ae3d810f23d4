import { REVISION } from '../../../domain/releases/traffic';
import { rollback } from '../../../release/verbs/rollback';
import type { CallApi } from '../../../release/adapters/google/googleApi';
import { googlePorts } from '../../../release/open';
import { type Engine, openEngine, percentOf, type Released } from './engine';

const REVISIONS = 100;
const MOST_CALLS = 30;

describe('rollback of a service that serves a hundred revisions', () => {
  let engine: Engine;
  let a: Released;
  beforeAll(async () => {
    engine = await openEngine({ cloud: { gpuQuota: 3 * REVISIONS } });
    ({ a } = await engine.twoReleases());
  });
  afterAll(() => engine.stop());

  test(`costs ${MOST_CALLS} calls at most`, async () => {
    const { template } = engine.service() as unknown as { template: object };
    const names = Array.from({ length: REVISIONS }, (_, at) => `${engine.deployment.service}-many-${at}`);
    for (const revision of names) await engine.byHand({ template: { ...template, revision } }, 'template');
    const traffic = names.map((revision) => ({ type: REVISION, revision, percent: 1 }));
    await engine.byHand({ traffic }, 'traffic');
    const opened = engine.run('on-call');
    const calls: string[] = [];
    const call: CallApi = (api, request) => {
      calls.push(`${request.method ?? 'GET'} ${api}`);
      return opened.call(api, request);
    };
    const counted = { ...opened, ...googlePorts(call, opened.deployment, opened.clock) };
    expect(await rollback(counted, { to: a.revision, reason: 'test' })).toMatchObject({
      from: expect.arrayContaining(names) as string[],
    });
    expect(percentOf(engine, a.revision)).toBe(100);
    expect(calls.length).toBeLessThanOrEqual(MOST_CALLS);
    // They are of one image with the same settings, so one block refuses what all of them would.
    expect((await engine.ledger()).holds).toHaveLength(1);
  });
});
