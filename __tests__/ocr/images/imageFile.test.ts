import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { openImage } from '../../../ocr/images/imageFile';
import { DEFAULT_LIMITS } from '../../../ocr/limits';
import { barPixels, CODED_PICTURES, greyImage, INK, PAPER, tiffOf } from './pictures';

const decode = async (bytes: Buffer, page = 1, longest = 1540) =>
  (await openImage(bytes, 'page', DEFAULT_LIMITS)).decode(page, longest);
/** Of a grey page: the level at a place. */
const levelAt = ({ raster }: Awaited<ReturnType<typeof decode>>, x: number, y: number) =>
  raster.pixels[(y * raster.width + x) * raster.channels];
const sizeOf = ({ raster: { width, height } }: Awaited<ReturnType<typeof decode>>) => [width, height];

const [WIDTH, HEIGHT] = [40, 60];
const BAR = barPixels(WIDTH, HEIGHT, 10, 20);

describe('openImage on pictures as people have them', () => {
  test.each<[what: string, density: [number, number], size: [number, number]]>([
    ['a fax of 204 × 98 dpi', [204, 98], [40, 125]],
    ['a fax of 204 × 391 dpi', [204, 391], [77, 60]],
    ['square pixels', [300, 300], [40, 60]],
    ['densities that no scanner has', [1, 600], [40, 60]],
  ])('makes pixels square, enlarging alone: %s', async (_what, density, size) => {
    const file = tiffOf([{ width: WIDTH, height: HEIGHT, pixels: BAR, density }]);
    expect(sizeOf(await decode(file))).toEqual(size);
  });

  test('reads the shape of pixels from PNG and JPEG too', async () => {
    const png = await greyImage(BAR, WIDTH, HEIGHT).png().toBuffer();
    const shaped = Buffer.concat([png.subarray(0, 33), physicalPixels(2, 1), png.subarray(33)]);
    expect(sizeOf(await decode(shaped))).toEqual([WIDTH, 2 * HEIGHT]);
    const jpeg = await greyImage(BAR, WIDTH, HEIGHT).jpeg().toBuffer();
    const jfif = Buffer.from('ffe000104a46494600010200000100020000', 'hex');
    const shapedToo = Buffer.concat([jpeg.subarray(0, 2), jfif, jpeg.subarray(2)]);
    expect(sizeOf(await decode(shapedToo))).toEqual([2 * WIDTH, HEIGHT]);
  });

  test.each<[what: string, factor: number, offset: number]>([
    ['twelve bits in sixteen', 16, 0],
    ['a dark part of sixteen', 2, 300],
    ['all of sixteen', 257, 0],
  ])('stretches %s to the range that is used', async (_what, factor, offset) => {
    const pixels = Buffer.alloc(2 * BAR.length);
    BAR.forEach((level, at) => pixels.writeUInt16LE(level * factor + offset, 2 * at));
    const page = await decode(tiffOf([{ width: WIDTH, height: HEIGHT, pixels, bits: 16 }]));
    expect([levelAt(page, 5, 15), levelAt(page, 30, 50)]).toEqual([0, 255]);
    expect(page.raster.channels).toBe(1);
  });

  test('stretches floats', async () => {
    const pixels = Buffer.alloc(4 * BAR.length);
    BAR.forEach((level, at) => pixels.writeFloatLE(level / 1000, 4 * at));
    const float = { width: WIDTH, height: HEIGHT, pixels, bits: 32, entries: [[339, 3, 1, 3]] as const };
    const page = await decode(tiffOf([float]));
    expect([levelAt(page, 5, 15), levelAt(page, 30, 50)]).toEqual([0, 255]);
  });

  test('reads CIELab of eight bits', async () => {
    // L* 50, a* 0, b* 0 is a grey of 119 in sRGB; L* 54, a* 81, b* 70 is red (CIE 15, IEC 61966-2-1).
    const pixels = Buffer.from([128, 0, 0, 138, 81, 70]);
    const { raster } = await decode(tiffOf([{ width: 2, height: 1, pixels, samples: 3, photometric: 8 }]));
    const [red, green, blue] = [...raster.pixels.subarray(3)] as [number, number, number];
    expect(Math.abs(raster.pixels[0]! - 119)).toBeLessThan(3);
    expect([red > 245, green < 20, blue < 20]).toEqual([true, true, true]);
  });

  test.each(['white', 'black'])('puts %s letters on a ground that they stand out from', async (ink) => {
    const letters = await sharp({ create: { width: 20, height: 8, channels: 4, background: ink } })
      .png()
      .toBuffer();
    const clear = { r: 255, g: 255, b: 255, alpha: 0 };
    const sheet = sharp({ create: { width: 60, height: 40, channels: 4, background: clear } });
    const page = await decode(
      await sheet
        .composite([{ input: letters, left: 10, top: 10 }])
        .png()
        .toBuffer(),
    );
    expect(Math.abs(levelAt(page, 15, 14)! - levelAt(page, 50, 35)!)).toBeGreaterThan(200);
  });

  test.each(['jpeg', 'png', 'webp', 'tiff'] as const)('turns %s upright as its EXIF says', async (format) => {
    const image = greyImage(BAR, WIDTH, HEIGHT).withMetadata({ orientation: 6 });
    expect(sizeOf(await decode(await image.toFormat(format).toBuffer()))).toEqual([HEIGHT, WIDTH]);
  });

  test.each<[what: string, tag: [number, number, number, number]]>([
    ['thumbnails (NewSubfileType 1)', [254, 4, 1, 1]],
    ['masks (NewSubfileType 4)', [254, 4, 1, 4]],
    ['thumbnails (SubfileType 2)', [255, 3, 1, 2]],
  ])('leaves out %s of a TIFF, and keeps its pages', async (_what, tag) => {
    const page = { width: WIDTH, height: HEIGHT, pixels: BAR, entries: [[254, 4, 1, 2]] as const };
    const extra = { width: 4, height: 6, pixels: Buffer.alloc(24), entries: [tag] };
    const file = await openImage(tiffOf([page, extra, page, extra]), 'page', DEFAULT_LIMITS);
    expect(file).toMatchObject({ pageCount: 2, warnings: [] });
    expect(sizeOf(await file.decode(2, 1540))).toEqual([WIDTH, HEIGHT]);
  });

  test('keeps a lone thumbnail', async () => {
    const extra = { width: WIDTH, height: HEIGHT, pixels: BAR, entries: [[254, 4, 1, 1]] as const };
    expect(sizeOf(await decode(tiffOf([extra])))).toEqual([WIDTH, HEIGHT]);
  });

  test.each(Object.entries(CODED_PICTURES))('reads %s, of a program of its own', async (_what, coded) => {
    const page = await decode(Buffer.from(coded, 'base64'));
    expect([page.warnings, sizeOf(page)]).toEqual([[], [48, 32]]);
    const { pixels, channels } = page.raster;
    const at = (x: number, y: number) => [...pixels.subarray((y * 48 + x) * channels).subarray(0, 3)];
    expect([at(4, 10), at(26, 10), at(34, 12)]).toEqual([
      [20, 40, 60],
      [255, 255, 255],
      [200, 30, 30],
    ]);
  });

  test('sends grey of three channels as one', async () => {
    const rgb = await greyImage(BAR, WIDTH, HEIGHT).toColourspace('srgb').png().toBuffer();
    expect((await decode(rgb)).warnings).toEqual([]);
    expect((await decode(await greyImage(BAR, WIDTH, HEIGHT).png().toBuffer())).raster.channels).toBe(1);
  });
});

describe('openImage on damaged files', () => {
  const photo = () =>
    greyImage(barPixels(400, 600, 100, 200), 400, 600)
      .jpeg()
      .toBuffer();

  test('reads a JPEG as far as it goes, with a warning', async () => {
    const whole = await photo();
    const page = await decode(whole.subarray(0, whole.length - 100));
    expect(page.warnings).toEqual([expect.stringMatching(/^IMAGE_DAMAGED: /)]);
    expect(levelAt(page, 50, 150)).toBeLessThan(INK + 10);
    expect(levelAt(page, 300, 20)).toBeGreaterThan(PAPER - 10);
  });

  test('reads a JPEG with odd scan parameters, with a warning', async () => {
    const bytes = await photo();
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    bytes[scan + 2 + bytes.readUInt16BE(scan + 2) - 2] = 0; // Se of a baseline scan is 63
    const page = await decode(bytes);
    expect(page.warnings).toHaveLength(1);
    expect(levelAt(page, 50, 150)).toBeLessThan(INK + 10);
  });

  test('reads the pages before the cut of a TIFF, and says that others are lost', async () => {
    const page = { width: WIDTH, height: HEIGHT, pixels: BAR };
    const whole = tiffOf([page, page]);
    const file = await openImage(whole.subarray(0, whole.length - 20), 'page', DEFAULT_LIMITS);
    expect(file).toMatchObject({ pageCount: 1, warnings: [expect.stringMatching(/^PAGES_MISSING: /)] });
    expect(levelAt(await file.decode(1, 1540), 5, 15)).toBe(INK);
  });

  test('rejects a file of which nothing can be decoded', async () => {
    const whole = await photo();
    const headers = whole.subarray(0, whole.indexOf(Buffer.from([0xff, 0xda])) + 10);
    await expect(decode(headers)).rejects.toMatchObject({ code: 'UNREADABLE_DOCUMENT', where: 'page' });
  });
});

describe('openImage on files of other codecs that cannot be decoded', () => {
  const limits = { ...DEFAULT_LIMITS, maxWholePixels: 1000 };
  const coded = Object.entries(CODED_PICTURES).map(
    ([what, text]) => [what, Buffer.from(text, 'base64')] as const,
  );

  test.each(coded)('rejects %s over the limit, by its header', async (_what, bytes) => {
    const file = await openImage(bytes, 'page', limits);
    await expect(file.decode(1, 1540)).rejects.toMatchObject({ code: 'DOCUMENT_TOO_LARGE' });
  });

  test.each(coded)('rejects the header of %s alone', async (_what, bytes) => {
    const file = await openImage(bytes.subarray(0, 14), 'page', DEFAULT_LIMITS);
    await expect(file.decode(1, 1540)).rejects.toMatchObject({ code: 'UNREADABLE_DOCUMENT', where: 'page' });
  });
});

describe('openImage on what is no picture', () => {
  test.each<[what: string, start: string, program: string]>([
    ['a Word file', `PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`, 'soffice'],
    [
      'an OpenDocument file',
      `PK\x03\x04${'\0'.repeat(26)}mimetypeapplication/vnd.oasis.opendocument.text`,
      'soffice',
    ],
    ['an old Office file', '\xd0\xcf\x11\xe0', 'soffice'],
    ['PostScript', '%!PS-Adobe-3.0 EPSF-3.0', 'ps2pdf'],
    ['an e-mail', 'Received: from mail.example.com', 'munpack'],
    [
      'XPS',
      `PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml${'\0'.repeat(5000)}FixedDocSeq.fdseq`,
      'xpstopdf',
    ],
    [
      'an Outlook message',
      `\xd0\xcf\x11\xe0${'\0'.repeat(5000)}${Buffer.from('__substg1.0_37', 'utf16le').toString('latin1')}`,
      'msgconvert',
    ],
    ['DjVu', 'AT&TFORM', 'ddjvu'],
  ])('rejects %s and names the converter', async (_what, start, program) => {
    await expect(openImage(Buffer.from(start, 'latin1'), 'page', DEFAULT_LIMITS)).rejects.toMatchObject({
      code: 'UNREADABLE_DOCUMENT',
      remedy: expect.stringContaining(program),
    });
  });
});

const FILES = join(__dirname, '..', '..', '..', '..', 'shared', 'documents');
const withFiles = existsSync(FILES) ? describe : describe.skip;
withFiles('openImage on the files beside the project', () => {
  const open = (name: string) => openImage(readFileSync(join(FILES, name)), name, DEFAULT_LIMITS);

  test.each<[name: string, pages: number, size: [number, number], warnings: number]>([
    ['fax-204x98.tif', 1, [1186, 1540], 0],
    ['grey12in16.png', 1, [1089, 1540], 0],
    ['jpeg-samsung-sos.jpg', 1, [620, 877], 1],
    ['jpeg-truncated99.jpg', 1, [1089, 1540], 1],
    ['long-receipt.jpg', 1, [576, 6000], 0],
    ['multi-thumb.tif', 2, [1089, 1540], 0],
    ['p.heic', 1, [900, 1200], 0],
    ['p.jp2', 1, [1089, 1540], 0],
    ['p.bmp', 1, [1089, 1540], 0],
    ['two-truncated.tif', 1, [1089, 1540], 1],
    ['white-on-transparent.png', 1, [1089, 1540], 0],
  ])('reads %s', async (name, pages, size, warnings) => {
    const file = await open(name);
    const page = await file.decode(1, 1540);
    expect([file.pageCount, sizeOf(page)]).toEqual([pages, size]);
    expect([...file.warnings, ...page.warnings]).toHaveLength(warnings);
    const levels = new Set(page.raster.pixels);
    expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(200); // ink and paper
  });
});

/** A pHYs chunk. */
function physicalPixels(across: number, down: number): Buffer {
  const chunk = Buffer.alloc(21);
  chunk.writeUInt32BE(9, 0);
  chunk.write('pHYs', 4, 'latin1');
  chunk.writeUInt32BE(across, 8);
  chunk.writeUInt32BE(down, 12);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 17)), 17);
  return chunk;
}
