import { readFileSync } from 'node:fs';
import path from 'node:path';
import { characterErrorRate } from '../../domain/text/characterErrorRate';
import { readDocuments } from '../../ocr/batch';
import { createOcrClient } from '../../ocr/client';
import { preparePage } from '../../ocr/page';
import type { PageResult } from '../../ocr/pageResult';
import { createPageReader } from '../../ocr/reader';
import { waitUntilReady } from '../../ocr/warmUp';
import { SCANS, withScans } from '../fixtures/scans';
import { MODEL, ROOT, startContainer, type Container } from '../rehearsal/vllm/container';

const GOLDEN = path.join(ROOT, 'release', 'golden');
/** On the pages of multipage.pdf: two show the same plot, two the same text. */
const PHRASES = [
  'the trees back towards the end of the',
  '81 megapixels',
  'Support',
  'Support',
  'the State preserves of loaves and fishes',
  'the State preserves of loaves and fishes',
];

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

  const readAll = async (...files: readonly string[]): Promise<PageResult[]> => {
    const pages: PageResult[] = [];
    const reader = createPageReader(clientOf(service));
    for await (const page of readDocuments(files, { reader, window: 2 })) pages.push(page);
    return pages;
  };

  test('the golden page is read', async () => {
    const rate = await read(path.join(GOLDEN, 'page.png'), path.join(GOLDEN, 'page.txt'));
    expect(rate).toBeLessThanOrEqual(0.03);
  });

  withScans.each([
    ['phototest.tif', 'phototest.gold.txt', 0.02],
    ['eurotext.tif', 'eurotext.txt', 0.05],
  ])('the scan %s is read', async (file, textFile, maxErrorRate) => {
    expect(await read(path.join(SCANS, file), path.join(SCANS, textFile))).toBeLessThanOrEqual(maxErrorRate);
  });

  withScans('multipage.pdf comes back whole and in order, through the whole path', async () => {
    const pages = await readAll(path.join(SCANS, 'multipage.pdf'));
    expect(pages.map(({ page, status, source }) => [page, status, source])).toEqual(
      [1, 2, 3, 4, 5, 6].map((page) => [page, 'whole', 'ocr']),
    );
    pages.forEach(({ text }, at) => expect(text).toContain(PHRASES[at]));
  });

  withScans.each([
    ['phototest.tif', 'phototest.gold.txt', 0.02],
    ['eurotext.tif', 'eurotext.txt', 0.05],
  ])('%s is read through the whole path', async (file, textFile, maxErrorRate) => {
    const [page] = await readAll(path.join(SCANS, file));
    const rate = characterErrorRate(readFileSync(path.join(SCANS, textFile), 'utf8'), page?.text ?? '');
    expect(rate).toBeLessThanOrEqual(maxErrorRate);
  });

  withScans('invalid.pdf is one clear error, and its neighbour is read', async () => {
    const pages = await readAll(path.join(SCANS, 'invalid.pdf'), path.join(SCANS, 'c02-22.pdf'));
    expect(pages.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'UNREADABLE_DOCUMENT'],
      ['whole', undefined],
    ]);
  });

  withScans('a scan far over 1540 px is scaled down and read', async () => {
    const page = await preparePage(path.join(SCANS, 'typewriter.png'));
    expect(Math.max(page.width, page.height)).toBe(1540);
    expect((await clientOf(service).readPage(page)).text).toContain('Linzensoep');
  });
});
