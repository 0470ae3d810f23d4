import { longPdf } from './documents';
import { openDocument } from '../../ocr/document';
import { ENGLISH, onePagePdf } from './documents';
import {
  corruptStream,
  foreignStream,
  hiddenText,
  imagePdf,
  lightTextPdf,
  miscountedPdf,
  redactedPdf,
  scans,
  secondPagePdf,
  sizelessPdf,
} from './oddPages';

const TEXT = ENGLISH.join('\n');
const page = async (pdf: Buffer, number = 1, forceOcr = false) =>
  (await openDocument({ name: 'scan.pdf', content: pdf }, { forceOcr })).page(number);

describe('readPage', () => {
  test.each([
    ['corrupt', corruptStream(), 'compressed data are corrupt'],
    ['in a filter that nobody knows', foreignStream(), 'filter FooDecode'],
    ['not there', 'null', 'not there'],
  ])('fails a page whose content is %s, and reads the others', async (_what, content, got) => {
    const document = await openDocument({ name: 'scan.pdf', content: secondPagePdf(content) });
    await expect(document.page(2)).rejects.toMatchObject({
      code: 'UNREADABLE_PAGE',
      where: 'scan.pdf, page 2',
      got: expect.stringContaining(got),
    });
    expect([await document.page(1), await document.page(3)]).toMatchObject([
      { kind: 'text', text: TEXT, warnings: [] },
      { kind: 'text', text: TEXT, warnings: [] },
    ]);
  });

  test.each([
    ['JBIG2Decode', 'garbage '.repeat(200)],
    ['JXLDecode', 'garbage '.repeat(200)],
    ['JPXDecode', `\0\0\0\fjP  \r\n\x87\n${'garbage '.repeat(2000)}`],
    ['DCTDecode', `\xff\xd8\xff\xe0${'garbage '.repeat(2000)}`],
  ])('fails a page whose only image is garbage in %s', async (filter, data) => {
    const rejected = { code: 'UNREADABLE_PAGE', got: expect.stringContaining(filter) };
    await expect(page(imagePdf(data, filter))).rejects.toMatchObject(rejected);
    await expect(page(imagePdf(data, filter), 1, true)).rejects.toMatchObject(rejected);
  });

  test('a page without content is empty, without a warning', async () => {
    expect(await page(onePagePdf(''))).toMatchObject({
      kind: 'text',
      text: '',
      why: 'an empty page',
      warnings: [],
    });
  });

  test.each(['0 0 1 1000000', '0 0 0 0', '0 0 inf inf'])(
    'a page of [%s] has the size of a letter',
    async (box) => {
      expect(await page(sizelessPdf(box))).toMatchObject({ kind: 'text', text: TEXT });
      const drawn = await page(sizelessPdf(box), 1, true);
      expect(drawn).toMatchObject({ image: { width: 1190, height: 1540 } });
    },
  );

  test('the pages that are there count, with one warning', async () => {
    const document = await openDocument(miscountedPdf());
    expect(document.pageCount).toBe(5);
    const pages = [];
    for (let number = 1; number <= 5; number++) pages.push(await document.page(number));
    expect(pages.map(({ kind }) => kind)).toEqual(Array(5).fill('text'));
    expect(pages.flatMap(({ warnings }) => warnings)).toEqual([
      'PAGE_COUNT: the file says 9 pages and has 5',
    ]);
  });

  test.each(Object.entries(hiddenText))('text that is %s is no text', async (_how, make) => {
    expect(await page(make())).not.toMatchObject({ text: expect.stringContaining('committee') });
  });

  test('text under a black bar is no text, and the rest is', async () => {
    const read = await page(redactedPdf());
    expect(read).toMatchObject({ kind: 'text', text: `${ENGLISH[0]}\n${ENGLISH[2]}` });
  });

  test('white text on a dark ground is text', async () => {
    expect(await page(lightTextPdf())).toMatchObject({ kind: 'text', text: TEXT });
  });

  test.each(Object.entries(scans))('a scan that is drawn as %s goes to the service', async (_how, make) => {
    expect(await page(await make())).toMatchObject({ kind: 'image', warnings: [] });
  });
});

describe('a long page', () => {
  const page = async (pdf: Buffer, options = {}) =>
    (await openDocument({ name: 'receipt.pdf', content: pdf }, options)).page(1);

  test('is drawn in slices, cut between its lines, in 200 dots an inch', async () => {
    const drawn = await page(await longPdf(226, 2000), { forceOcr: true });
    if (drawn.kind !== 'slices') throw new Error(`it came as ${drawn.kind}`);
    expect(drawn.why).toBe('OCR was asked for, read in 4 slices');
    expect(drawn.slices.map(({ width, overlaps }) => [width, overlaps])).toEqual(
      drawn.slices.map(() => [Math.round((226 * 200) / 72), false]),
    );
    expect(drawn.slices.reduce((sum, { height }) => sum + height, 0)).toBe(Math.round((2000 * 200) / 72));
    expect(Math.max(...drawn.slices.map(({ height }) => height))).toBeLessThanOrEqual(1540);
  });

  test.each<[what: string, size: [number, number]]>([
    ['a bookmark, which has all its detail in one picture', [50, 150]],
    ['a page that is wide', [2000, 226]],
    ['a page of paper', [612, 1300]],
  ])('is not %s', async (_what, size) => {
    const drawn = await page(await longPdf(...size), { forceOcr: true });
    if (drawn.kind !== 'image') throw new Error(`it came as ${drawn.kind}`);
    expect(Math.max(drawn.image.width, drawn.image.height)).toBe(1540);
  });

  test('has all of its text seen, however long it is', async () => {
    const read = await page(await longPdf(300, 9000));
    if (read.kind !== 'text') throw new Error(`it came as ${read.kind}: ${read.why}`);
    expect(read.text.split('\n')).toHaveLength(449);
  });
});

test('a small page, as a label or a ticket, has all of its letters', async () => {
  const pdf = await longPdf(200, 40);
  expect(await page(pdf)).toMatchObject({ kind: 'text', text: '1 bread and butter 12.50' });
});
