import { doctor } from '../../../operate/doctor';
import { type Engine, openEngine } from '../../release/engine/engine';
import { applyPlatform } from './platform';

describe('doctor, on a project that is set up and released', () => {
  let engine: Engine;
  let sha: string;
  beforeAll(async () => {
    engine = await openEngine();
    ({ sha } = await engine.release({ initLedger: true }));
    await applyPlatform(engine.run('person'));
  });
  afterAll(() => engine.stop());

  it('finds nothing', async () => {
    const findings = await doctor(engine.run('person'), { sha });
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  });
});
