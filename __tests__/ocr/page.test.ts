import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import zlib from 'node:zlib';
import sharp, { type Color } from 'sharp';
import { preparePage } from '../../ocr/page';

const image = (width: number, height: number, background: Color = 'white') =>
  sharp({ create: { width, height, channels: 4, background } });
const size = ({ width, height }: { width: number; height: number }) => [width, height];

/** A PNG whose header says 20000×20000, with a right checksum: 400 megapixels in 100 bytes. */
async function bomb(): Promise<Buffer> {
  const png = await image(1, 1).png().toBuffer();
  png.writeUInt32BE(20_000, 16);
  png.writeUInt32BE(20_000, 20);
  png.writeUInt32BE(zlib.crc32(png.subarray(12, 29)), 29);
  return png;
}

describe('preparePage', () => {
  test.each<[what: string, from: [number, number], to: [number, number]]>([
    ['scales an upright page down', [1700, 3080], [850, 1540]],
    ['scales a wide page down', [3080, 1700], [1540, 850]],
    ['never scales up', [100, 50], [100, 50]],
    ['keeps a page of the right size', [1089, 1540], [1089, 1540]],
  ])('%s', async (_what, [width, height], to) => {
    const page = await preparePage(await image(width, height).png().toBuffer(), { longestSidePixels: 1540 });
    expect(size(page)).toEqual(to);
    expect(await sharp(page.data).metadata()).toMatchObject({ format: 'png', width: to[0], height: to[1] });
    expect(page.mediaType).toBe('image/png');
  });

  test('scales down with Lanczos of three lobes: an edge rings as its formula says', async () => {
    const [dark, light, factor, length] = [40, 216, 2, 64];
    const row = Buffer.from(Array.from({ length }, (_, x) => (x < length / 2 ? dark : light)));
    const edge = sharp(Buffer.concat(Array(length).fill(row)), {
      raw: { width: length, height: length, channels: 1 },
    });
    const { data } = await preparePage(await edge.png().toBuffer(), { longestSidePixels: length / factor });
    const seen = await sharp(data).greyscale().raw().toBuffer();

    const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
    const lanczos = (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0);
    const expected = Array.from({ length: length / factor }, (_, at) => {
      const weights = [...row].map((_grey, x) => lanczos((x + 0.5) / factor - (at + 0.5)));
      const total = weights.reduce((sum, weight) => sum + weight);
      return row.reduce((sum, grey, x) => sum + (grey * weights[x]!) / total, 0);
    });
    // A whole grey is half off at most; the third lobe, which no shorter kernel has, moves a pixel by more.
    expected.forEach((grey, at) => expect(Math.abs(seen[at]! - grey)).toBeLessThan(0.6));
  });

  test('takes 1540 px when nothing is said', async () => {
    expect(size(await preparePage(await image(2000, 2000).png().toBuffer()))).toEqual([1540, 1540]);
  });

  test('turns a photo upright', async () => {
    const photo = await image(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(size(await preparePage(photo))).toEqual([20, 40]);
  });

  test('puts transparency on white', async () => {
    const { data } = await preparePage(await image(2, 2, { r: 0, g: 0, b: 0, alpha: 0 }).png().toBuffer());
    const [red] = await sharp(data).raw().toBuffer();
    expect(red).toBe(255);
  });

  test('takes the first page of several', async () => {
    const pages = await Promise.all(
      [image(30, 20, 'black'), image(30, 20, 'white')].map((page) => page.png().toBuffer()),
    );
    const several = await sharp(pages, { join: { animated: true } })
      .gif()
      .toBuffer();
    const page = await preparePage(several);
    expect(size(page)).toEqual([30, 20]);
    expect((await sharp(page.data).raw().toBuffer())[0]).toBe(0);
  });

  test.each<[what: string, make: () => Promise<Buffer>, got: string]>([
    ['a PDF', async () => Buffer.from('%PDF-1.4\n'), '9 bytes that look like a PDF'],
    ['a web page', async () => Buffer.from('<html>'), '6 bytes that look like HTML'],
    ['a Word file', async () => Buffer.from('PK\x03\x04'), 'a ZIP archive'],
    ['nothing', async () => Buffer.alloc(0), '0 bytes'],
    [
      'an image that is cut off',
      async () => (await image(500, 500, 'red').png().toBuffer()).subarray(0, 60),
      '60 bytes',
    ],
  ])('rejects %s', async (_what, make, got) => {
    await expect(preparePage(await make())).rejects.toMatchObject({
      code: 'UNREADABLE_DOCUMENT',
      got: expect.stringContaining(got),
      exitCode: 2,
    });
  });

  test('rejects a text and repeats none of it', async () => {
    const failure: unknown = await preparePage(Buffer.from('Jane Roe, patient')).catch((e: unknown) => e);
    expect(inspect(failure, { depth: 9 })).not.toContain('Jane');
  });

  test('rejects a decompression bomb by its header, before it is decoded', async () => {
    await expect(preparePage(await bomb())).rejects.toThrow('pixel limit');
  });

  test('rejects a file and names it', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'page-'));
    const file = path.join(folder, 'letter.txt');
    writeFileSync(file, 'Dear Sir');
    await expect(preparePage(file)).rejects.toMatchObject({ code: 'UNREADABLE_DOCUMENT', where: file });
    rmSync(folder, { recursive: true });
    await expect(preparePage(file)).rejects.toMatchObject({ where: file, got: 'no file to read' });
  });
});
