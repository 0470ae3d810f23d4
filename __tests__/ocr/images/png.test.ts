import sharp from 'sharp';
import { encodePng } from '../../../ocr/images/png';

describe('encodePng', () => {
  const size = { width: 13, height: 3 }; // rows that fill no whole bytes
  const random = (levels: readonly number[]) =>
    Buffer.from(Array.from({ length: 39 }, (_pixel, at) => levels[(at * 7 + 3) % levels.length]!));
  const decoded = (png: Buffer) => sharp(png).toColourspace('b-w').raw().toBuffer();

  test('sends black and white as one bit a pixel, the same pixels', async () => {
    const pixels = random([0, 255, 255]);
    const png = await encodePng({ ...size, pixels, channels: 1 });
    expect([png[24], png[25]]).toEqual([1, 0]); // bit depth, colour type (PNG, 11.2.2)
    expect(await decoded(png)).toEqual(pixels);
  });

  test('sends grey as eight bits a pixel, also where it came in colours', async () => {
    const pixels = random([0, 100, 255, 7]);
    const colours = Buffer.from([...pixels].flatMap((level) => [level, level, level, 99]));
    const png = await encodePng({ ...size, pixels: colours, channels: 4 });
    expect([png[24], png[25]]).toEqual([8, 0]);
    expect(await decoded(png)).toEqual(pixels);
  });

  test('sends colours as they are', async () => {
    const pixels = Buffer.from(Array.from({ length: 117 }, (_sample, at) => (at * 37) % 256));
    const png = await encodePng({ ...size, pixels, channels: 3 });
    expect([png[24], png[25]]).toEqual([8, 2]);
    expect(await sharp(png).raw().toBuffer()).toEqual(pixels);
  });
});
