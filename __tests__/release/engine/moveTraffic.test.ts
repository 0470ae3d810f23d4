import { openEngine, type Engine } from './engine';
describe('x', () => {
  let engine: Engine;
  beforeAll(async () => { engine = await openEngine(); });
  afterAll(() => engine.stop());
  test('a', async () => {
    const t0=Date.now();
    const a = await engine.release({ initLedger: true });
    console.log(Date.now()-t0, a, await engine.traffic());
    const t1=Date.now();
    const b = await engine.release();
    console.log(Date.now()-t1, b, await engine.traffic(), JSON.stringify(await engine.ledger()));
  });
});
