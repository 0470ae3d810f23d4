import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { characterErrorRate } from '../../domain/text/characterErrorRate';
import { SCANS, withScans } from '../fixtures/scans';
import { ROOT } from '../rehearsal/vllm/container';
import { type Engine, openEngine } from '../release/engine/engine';

const STAND_IN = [process.execPath, join(ROOT, 'bin/start.js'), 'rehearsal/vllm/main'];
const GOLDEN = join(ROOT, 'release/golden');

// From the shell to the text: the program, the local cloud's token and door, its instance, the stand-in that reads the page.
describe('bin/lightonocr ocr, through a released service on the local cloud', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ocr-local-cloud-'));
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ cloud: { imageEntrypoint: STAND_IN } });
    await engine.release({ initLedger: true });
  });
  afterAll(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  async function errorRate(file: string, textFile: string): Promise<number> {
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      LIGHTONOCR_ENDPOINT: engine.cloud.url,
      LIGHTONOCR_INVOKER: 'me@example.com',
      GOOGLE_OAUTH_ACCESS_TOKEN: 'rehearsal',
    };
    const args = [join(ROOT, 'bin/lightonocr'), 'ocr', 'rehearsal', file];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env, cwd: folder });
    expect(stderr).toContain('1 page of 1 document: 1 by the service, 0 from text layers');
    return characterErrorRate(readFileSync(textFile, 'utf8'), stdout);
  }

  test('reads the golden page', async () => {
    const rate = await errorRate(join(GOLDEN, 'page.png'), join(GOLDEN, 'page.txt'));
    expect(rate).toBeLessThanOrEqual(0.03);
  });

  withScans('reads the scan phototest.tif', async () => {
    const rate = await errorRate(join(SCANS, 'phototest.tif'), join(SCANS, 'phototest.gold.txt'));
    expect(rate).toBeLessThanOrEqual(0.02);
  });
});
