import sharp from 'sharp';
import { attempt } from '../../../scripts/fuzz/attempt';
import { mutated } from '../../../scripts/fuzz/mutate';
import { barPixels, CODED_PICTURES, tiffOf } from '../../ocr/images/pictures';

const [WIDTH, HEIGHT] = [16, 12];
const GREY = barPixels(WIDTH, HEIGHT, 3, 6);

/** A header of 54 bytes, then rows of blue, green, red: Windows' bitmap, 24 bits. */
function bmp(): Buffer {
  const bytes = Buffer.alloc(54 + 3 * WIDTH * HEIGHT, 200);
  bytes.fill(0, 0, 54).write('BM', 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(WIDTH, 18);
  bytes.writeInt32LE(HEIGHT, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

function tga(): Buffer {
  const header = Buffer.alloc(18);
  header[2] = 3;
  header.writeUInt16LE(WIDTH, 12);
  header.writeUInt16LE(HEIGHT, 14);
  header[16] = 8;
  return Buffer.concat([header, GREY]);
}

const coded = (what: keyof typeof CODED_PICTURES) => Buffer.from(CODED_PICTURES[what], 'base64');

// `npm run fuzz -- FILE…` does 10,000 of each; a number is always the same mutation.
describe('a mutation of a small valid file gives a page or a Failure', () => {
  test.each<[what: string, file: () => Buffer | Promise<Buffer>, mutations: number]>([
    ['BMP', bmp, 300],
    ['PNM', () => Buffer.concat([Buffer.from(`P5 ${WIDTH} ${HEIGHT} 255\n`), GREY]), 300],
    ['TGA', tga, 300],
    ['TIFF', () => tiffOf([{ width: WIDTH, height: HEIGHT, pixels: GREY }]), 100],
    [
      'PNG',
      () =>
        sharp(GREY, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
          .png()
          .toBuffer(),
      100,
    ],
    ['JPEG 2000', () => coded('JPEG 2000'), 20],
    ['JPEG XL', () => coded('JPEG XL'), 20],
  ])('%s', async (_what, file, mutations) => {
    const bytes = await file();
    expect(await attempt(bytes)).toBe('page');
    const outcomes = new Set<string>();
    for (let number = 0; number < mutations; number++) outcomes.add(await attempt(mutated(bytes, number)));
    for (const outcome of outcomes) expect(outcome).toMatch(/^(page|[A-Z]+_[A-Z_]+)$/);
    expect(outcomes.size).toBeGreaterThan(1);
  });
});

describe('mutated', () => {
  test('is the same for a number, and another for another', () => {
    const bytes = Buffer.from('a small file of some bytes');
    expect(mutated(bytes, 7)).toEqual(mutated(bytes, 7));
    expect(
      new Set(Array.from({ length: 50 }, (_, at) => mutated(bytes, at).toString('hex'))).size,
    ).toBeGreaterThan(40);
    expect(bytes.toString()).toBe('a small file of some bytes');
  });
});
