import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { characterErrorRate } from '../../domain/characterErrorRate';
import { createOcrClient } from '../../ocr/client';
import { preparePage } from '../../ocr/page';
import { waitUntilReady } from '../../ocr/warmUp';
import { MODEL, ROOT, startContainer, type Container } from '../rehearsal/vllm/container';

/** Real scans are not part of the project; `SCANS_FOLDER` says where they are. */
const SCANS = process.env.SCANS_FOLDER ?? path.join(ROOT, '..', 'shared', 'scans');
const GOLDEN = path.join(ROOT, 'release', 'golden');

describe('a page through client and service', () => {
  let service: Container;
  beforeAll(async () => {
    service = await startContainer();
    await waitUntilReady(clientOf(service), { budgetSeconds: 60 });
  });
  afterAll(() => service.stop());

  const clientOf = ({ url }: Container) =>
    createOcrClient({ baseUrl: url, model: MODEL, identityToken: async () => 'a-token' });

  const read = async (file: string, textFile: string): Promise<number> => {
    const { text, finishReason } = await clientOf(service).readPage(await preparePage(file));
    expect(finishReason).toBe('stop');
    return characterErrorRate(readFileSync(textFile, 'utf8'), text);
  };

  test('the golden page is read', async () => {
    const rate = await read(path.join(GOLDEN, 'page.png'), path.join(GOLDEN, 'page.txt'));
    expect(rate).toBeLessThanOrEqual(0.03);
  });

  const withScans = existsSync(SCANS) ? test : test.skip;
  withScans.each([
    ['phototest.tif', 'phototest.gold.txt', 0.02],
    ['eurotext.tif', 'eurotext.txt', 0.05],
  ])('the scan %s is read', async (file, textFile, maxErrorRate) => {
    expect(await read(path.join(SCANS, file), path.join(SCANS, textFile))).toBeLessThanOrEqual(maxErrorRate);
  });

  withScans('a scan far over 1540 px is scaled down and read', async () => {
    const page = await preparePage(path.join(SCANS, 'typewriter.png'));
    expect(Math.max(page.width, page.height)).toBe(1540);
    expect((await clientOf(service).readPage(page)).text).toContain('Linzensoep');
  });
});
