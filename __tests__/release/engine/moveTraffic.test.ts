import { REVISION } from '../../../domain/releases/traffic';
import type { ReleaseContext } from '../../../release/ports/context';
import { rollback } from '../../../release/verbs/rollback';
import { before } from './between';
import { endOf, type Engine, openEngine, percentOf } from './engine';

describe('moveTraffic', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await openEngine()));
  afterAll(() => engine.stop());

  /** A rollback from B to A, with a colleague who gives B a tag between its read and its PATCH. */
  async function meanwhileTagged(context: (name: string) => ReleaseContext) {
    const { a, b } = await engine.twoReleases();
    const tag = { type: REVISION, revision: b.revision, tag: 'look' };
    const colleague = () => engine.byHand({ traffic: [...engine.service().traffic, tag] }, 'traffic');
    const meanwhile = before(context('on-call'), 'cloudRun', 'writeTraffic', colleague);
    const end = await endOf(rollback(meanwhile, { to: a.revision, now: true, reason: 'test' }));
    const tags = engine.service().traffic.flatMap((target) => target.tag ?? []);
    return { end, tags, percent: percentOf(engine, a.revision) };
  }

  test('reads and decides again when somebody has written since it read', async () => {
    expect(await meanwhileTagged(engine.run)).toEqual({ end: 'done', tags: ['look'], percent: 100 });
  });

  test('without the etag the other write is lost', async () => {
    const blind = (name: string) =>
      engine.run(name, ({ cloudRun }) => ({
        cloudRun: {
          ...cloudRun,
          writeTraffic: (traffic) => cloudRun.writeTraffic(traffic, ''),
        },
      }));
    expect(await meanwhileTagged(blind)).toEqual({ end: 'done', tags: [], percent: 100 });
  });
});
