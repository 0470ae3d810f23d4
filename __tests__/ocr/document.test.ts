import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { PDFDocument, degrees, rgb } from 'pdf-lib';
import { imageTokens } from '../../domain/models/geometry';
import { type DocumentSource, openDocument } from '../../ocr/document';
import {
  busyPdf,
  emptyPdf,
  encryptedPdf,
  ENGLISH,
  filledFormPdf,
  hugeImagePdf,
  hugePagePdf,
  linesPdf,
  type PageKind,
  pdfOf,
  scan,
  wrappedPdf,
} from './documents';

const folder = mkdtempSync(join(tmpdir(), 'document-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function pagesOf(source: DocumentSource, options = {}) {
  const document = await openDocument(source, options);
  const pages = [];
  for (let page = 1; page <= document.pageCount; page++) pages.push(await document.page(page));
  return pages;
}
/** What is sent of a page. */
function picturesOf(page: Awaited<ReturnType<typeof pagesOf>>[number] | undefined) {
  if (page?.kind === 'slices') return page.slices;
  if (page?.kind === 'image') return [page.image];
  throw new Error('not an image');
}
const sizeOf = (page: Awaited<ReturnType<typeof pagesOf>>[number]) =>
  page.kind === 'image' ? [page.image.width, page.image.height] : page.kind;
/** Red, or the shade of a grey page, of the first pixel. */
const firstSample = async (page: Awaited<ReturnType<typeof pagesOf>>[number]) =>
  page.kind === 'image' && (await sharp(page.image.data).raw().toBuffer())[0];

const tiff = (colours: readonly string[]) =>
  Promise.all(
    colours.map((background) =>
      sharp({ create: { width: 30, height: 20, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  ).then((frames) =>
    sharp(frames, { join: { animated: true } })
      .tiff()
      .toBuffer(),
  );

describe('openDocument', () => {
  test.each<[kind: PageKind, expected: 'text' | 'image', why: string | RegExp]>([
    ['digital', 'text', 'a text layer'],
    ['with-logo', 'text', 'a text layer'],
    ['empty', 'text', 'an empty page'],
    ['scanned', 'image', 'no text layer'],
    ['earlier-ocr', 'image', 'images cover 100 % of the page'],
    ['garbage', 'image', /common letters: not words$/],
    ['stamped-drawing', 'image', '8 letters and digits beside 1 drawing'],
  ])('a %s page goes by way of %s', async (kind, expected, why) => {
    const [page] = await pagesOf(await pdfOf([kind]));
    expect(page).toMatchObject({
      kind: expected,
      why: typeof why === 'string' ? why : expect.stringMatching(why),
    });
  });

  test('decides page by page in a mixed document, and gives the text as it stands', async () => {
    const pages = await pagesOf(await pdfOf(['digital', 'scanned', 'digital']));
    expect(pages.map(({ kind }) => kind)).toEqual(['text', 'image', 'text']);
    expect(pages[2]).toMatchObject({ text: ['Page 3', ...ENGLISH].join('\n') });
  });

  test('makes words whole that a line break divides, and keeps the hyphen of a name', async () => {
    const lines = [
      'The committee examined a large number of docu-',
      'ments about North-',
      'South trade, and well-known ones.',
    ];
    const [page] = await pagesOf(await linesPdf(lines));
    expect(page).toMatchObject({
      kind: 'text',
      text: 'The committee examined a large number of documents about North-South trade, and well-known ones.',
    });
  });

  test('gives no text that was cropped away', async () => {
    const [page] = await pagesOf(await linesPdf(['The password is swordfish', ...ENGLISH], 695));
    expect(page).toMatchObject({ kind: 'text', text: ENGLISH.join('\n') });
  });

  test('takes no text layer when OCR is asked for', async () => {
    const pages = await pagesOf(await pdfOf(['digital']), { forceOcr: true });
    expect(pages[0]).toMatchObject({ kind: 'image', why: 'OCR was asked for' });
  });

  test.each([true, false])(
    'reads what a form was filled with (a picture of it there: %s)',
    async (picture) => {
      const pdf = await filledFormPdf('Jane Roe, 12 March 1990, Springfield', picture);
      expect(await pagesOf(pdf)).toMatchObject([{ text: 'Jane Roe, 12 March 1990, Springfield' }]);
      const [drawn] = await pagesOf(pdf, { forceOcr: true });
      const { channels } = await sharp(drawn?.kind === 'image' ? drawn.image.data : undefined).stats();
      expect(channels[0]?.min).toBeLessThan(50); // ink
    },
  );

  test.each<[kind: PageKind, expected: 'text' | 'image', why: string]>([
    ['with-logo', 'text', 'a text layer'],
    ['earlier-ocr', 'image', 'images cover 100 % of the page'],
    ['stamped-drawing', 'image', '8 letters and digits beside 1 drawing'],
  ])('a %s page inside of another page goes by way of %s', async (kind, expected, why) => {
    expect(await pagesOf(await wrappedPdf(kind))).toMatchObject([{ kind: expected, why }]);
  });

  test('draws a PDF page so that its longest side is what was asked, upright and in colour', async () => {
    const pdf = await PDFDocument.create();
    const page = pdf.addPage([600, 300]);
    page.drawRectangle({
      x: 0,
      y: 0,
      width: 600,
      height: 300,
      color: rgb(1, 0, 0),
    });
    page.setRotation(degrees(90));
    const [drawn] = await pagesOf(Buffer.from(await pdf.save()), { longestSidePixels: 200 });
    expect(sizeOf(drawn!)).toEqual([100, 200]);
    const data = drawn?.kind === 'image' ? drawn.image.data : Buffer.alloc(0);
    expect([...(await sharp(data).raw().toBuffer()).subarray(0, 3)]).toEqual([255, 0, 0]);
  });

  test('draws the pages of a PDF in order, also past the point where it is opened anew', async () => {
    const pdf = await PDFDocument.create();
    const shades = Array.from({ length: 20 }, (_shade, at) => 10 * at);
    for (const shade of shades)
      pdf
        .addPage([60, 60])
        .drawRectangle({ x: 0, y: 0, width: 60, height: 60, color: rgb(shade / 255, 0, 0) });
    const pages = await pagesOf(Buffer.from(await pdf.save()), { longestSidePixels: 30 });
    expect(await Promise.all(pages.map(firstSample))).toEqual(shades);
  });

  test('gives all frames of a TIFF, in order', async () => {
    const pages = await pagesOf(await tiff(['#000000', '#808080', '#ffffff']));
    expect(await Promise.all(pages.map(firstSample))).toEqual([0, 128, 255]);
  });

  test.each(['png', 'jpeg', 'webp', 'tiff', 'gif'] as const)('reads %s', async (format) => {
    const image = await sharp(await scan(60, 40))
      .toFormat(format)
      .toBuffer();
    expect((await pagesOf(image)).map(sizeOf)).toEqual([[60, 40]]);
  });

  test('reads a path, bytes and a stream alike, and tells them by their content', async () => {
    const file = join(folder, 'page.png');
    writeFileSync(file, await scan(60, 40, 'png'));
    const documents = await Promise.all([
      openDocument(file),
      openDocument(createReadStream(file)),
      openDocument({ name: 'mine', content: createReadStream(file) }),
    ]);
    expect(new Set(documents.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(documents[0]?.name).toBe(file);
    expect(documents[2]?.name).toBe('mine');
  });

  test('takes bytes that are no Buffer', async () => {
    expect(await pagesOf(new Uint8Array(await scan(60, 40)))).toHaveLength(1);
  });

  test('takes a picture whose metadata name a PDF for a picture', async () => {
    const image = sharp(await scan(60, 40)).withExif({ IFD0: { ImageDescription: 'made from %PDF-1.4' } });
    expect((await pagesOf(await image.jpeg().toBuffer())).map(sizeOf)).toEqual([[60, 40]]);
  });

  test('finds a PDF behind the header of a mail', async () => {
    const pdf = await pdfOf(['digital']);
    expect(
      await pagesOf(Buffer.concat([Buffer.from('Content-Type: application/pdf\n\n'), pdf])),
    ).toHaveLength(1);
  });

  test.each([0, NaN, 1.5, 20_000])(
    'rejects a longest side of %d before anything is read',
    async (longestSidePixels) => {
      await expect(openDocument('none.pdf', { longestSidePixels })).rejects.toMatchObject({
        code: 'BAD_OPTION',
      });
    },
  );

  test('rejects what is neither path, bytes nor stream', async () => {
    const source = new URL('file:///page.png') as unknown as string;
    await expect(openDocument(source)).rejects.toMatchObject({ code: 'UNREADABLE_DOCUMENT' });
  });

  test('never sends more pixels or tokens than configured, whatever the page', async () => {
    const sides = fc.integer({ min: 1, max: 3000 });
    await fc.assert(
      fc.asyncProperty(sides, sides, fc.integer({ min: 28, max: 1540 }), async (width, height, longest) => {
        const pdf = await PDFDocument.create();
        pdf.addPage([width, height]).drawRectangle({ x: 0, y: 0, width: 1, height: 1 });
        const image = await sharp({ create: { width, height, channels: 3, background: 'white' } })
          .png()
          .toBuffer();
        const options = { longestSidePixels: longest };
        for (const source of [Buffer.from(await pdf.save()), image]) {
          const [page] = await pagesOf(source, options);
          for (const { width: w, height: h } of picturesOf(page)) {
            expect(Math.max(w, h)).toBeLessThanOrEqual(longest);
            const tokens = Math.ceil(w / 28) * Math.ceil(h / 28);
            expect(imageTokens(w, h)).toBe(tokens);
            expect(tokens).toBeLessThanOrEqual(3025);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('openDocument on bad documents', () => {
  const truncated = async () => (await pdfOf(['scanned', 'digital'])).subarray(0, 900);
  const cutImage = async () => (await scan(500, 500, 'png')).subarray(0, 60);
  const bomb = async (side = 35_000, interlaced = 0) => {
    const png = await scan(1, 1, 'png');
    png.writeUInt32BE(side, 16);
    png.writeUInt32BE(side, 20);
    png.writeUInt8(interlaced, 28);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    return png;
  };

  test.each<[what: string, make: () => Promise<Buffer>, code: string]>([
    ['a PDF that wants a password', async () => encryptedPdf(), 'ENCRYPTED_DOCUMENT'],
    ['a PDF that is cut off', truncated, 'UNREADABLE_DOCUMENT'],
    ['a PDF without pages', async () => emptyPdf(), 'UNREADABLE_DOCUMENT'],
    ['a PDF that is only a header', async () => Buffer.from('%PDF-1.7\n'), 'UNREADABLE_DOCUMENT'],
    ['an image that is cut off', cutImage, 'UNREADABLE_DOCUMENT'],
    ['a PNG of 35,000 × 35,000 px', () => bomb(), 'DOCUMENT_TOO_LARGE'],
    ['an interlaced PNG of 10,000 × 10,000 px', () => bomb(10_000, 1), 'DOCUMENT_TOO_LARGE'],
    ['a PDF with an image of 35,000 × 35,000 px', async () => hugeImagePdf(35_000), 'DOCUMENT_TOO_LARGE'],
    ['a PDF page that takes minutes to draw', async () => busyPdf(200_000), 'DOCUMENT_TOO_LARGE'],
    ['an SVG', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'UNREADABLE_DOCUMENT'],
    ['a text file', async () => Buffer.from('Dear Sir'), 'UNREADABLE_DOCUMENT'],
    ['nothing', async () => Buffer.alloc(0), 'UNREADABLE_DOCUMENT'],
  ])('rejects %s, in little memory', async (_what, make, code) => {
    const content = await make();
    const before = process.memoryUsage().rss;
    await expect(pagesOf({ name: 'letter.pdf', content })).rejects.toMatchObject({
      code,
      where: expect.stringContaining('letter.pdf'),
      exitCode: 2,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
  });

  test('draws a page of 35,000 points as small as any other', async () => {
    const before = process.memoryUsage().rss;
    const [page] = await pagesOf(hugePagePdf(35_000));
    expect(sizeOf(page!)).toEqual([1540, 1540]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
  });

  test('rejects a file that is not there', async () => {
    await expect(openDocument(join(folder, 'none.pdf'))).rejects.toMatchObject({
      code: 'UNREADABLE_DOCUMENT',
      message: expect.stringContaining('ENOENT'),
    });
  });

  test.each<[limit: string, limits: object]>([
    ['bytes', { maxFileBytes: 1000 }],
    ['pages', { maxPages: 1 }],
    ['objects on a page', { maxPageObjects: 0 }],
    ['pixels of an image on a page', { maxInputPixels: 600 * 800 - 1 }],
  ])('rejects more %s than its limit', async (_limit, limits) => {
    const pdf = await pdfOf(['scanned', 'scanned']);
    await expect(pagesOf(pdf, { limits })).rejects.toMatchObject({ code: 'DOCUMENT_TOO_LARGE' });
    expect(await pagesOf(pdf)).toHaveLength(2);
  });

  test.each<[kind: string, make: (image: sharp.Sharp) => sharp.Sharp]>([
    ['an interlaced PNG', (image) => image.png({ progressive: true })],
    ['a progressive JPEG', (image) => image.jpeg({ progressive: true })],
    ['a GIF', (image) => image.gif()],
    ['AVIF', (image) => image.avif()],
  ])('rejects more pixels than the limit of what is decoded as a whole: %s', async (_kind, make) => {
    const limits = { maxWholePixels: 60 * 40 - 1 };
    const image = await make(sharp(await scan(60, 40))).toBuffer();
    await expect(pagesOf(image, { limits })).rejects.toMatchObject({
      code: 'DOCUMENT_TOO_LARGE',
      got: expect.stringContaining('60×40 px, at most 2399'),
    });
    expect(await pagesOf(image)).toHaveLength(1);
    expect(await pagesOf(await scan(60, 40, 'png'), { limits })).toHaveLength(1); // a plain one is streamed
  });

  test('reads no more of a device or a pipe than the limit', async () => {
    await expect(openDocument('/dev/zero', { limits: { maxFileBytes: 10_000 } })).rejects.toMatchObject({
      code: 'DOCUMENT_TOO_LARGE',
    });
  });

  test('rejects a folder', async () => {
    await expect(openDocument(folder)).rejects.toMatchObject({ code: 'UNREADABLE_DOCUMENT', where: folder });
  });

  test('reads no more of a stream than the limit', async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 1000;
        yield Buffer.alloc(1000);
      }
    }
    await expect(openDocument(endless(), { limits: { maxFileBytes: 10_000 } })).rejects.toMatchObject({
      code: 'DOCUMENT_TOO_LARGE',
    });
    expect(given).toBe(11_000);
  });
});
