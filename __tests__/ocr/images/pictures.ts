import sharp from 'sharp';

/** Pictures as people have them, made anew: a bar of ink on paper, so that a test can tell where it is. */
export const PAPER = 250;
export const INK = 10;

/** Grey pixels: paper with a bar of ink over the left half of the rows from `from` to `to`. */
export function barPixels(width: number, height: number, from: number, to: number): Buffer {
  const pixels = Buffer.alloc(width * height, PAPER);
  for (let row = from; row < to; row++) pixels.fill(INK, row * width, row * width + width / 2);
  return pixels;
}

export const greyImage = (pixels: Buffer, width: number, height: number) =>
  sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace('b-w');

/** A directory entry of a TIFF: its values, which are inline, or where they stand. */
export type TiffEntry = readonly [tag: number, type: number, count: number, value: number];

export interface TiffFrame {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
  readonly samples?: number;
  readonly photometric?: number;
  readonly bits?: number;
  readonly entries?: readonly TiffEntry[];
  /** Dots per inch. */
  readonly density?: readonly [across: number, down: number];
}

/** An uncompressed little-endian TIFF of these frames: sharp writes neither subfile types, densities of two kinds nor CIELab. */
export function tiffOf(frames: readonly TiffFrame[]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')];
  let length = 8;
  let link = 4;
  const links: [at: number, to: number][] = [];
  const add = (part: Buffer) => {
    const at = length;
    parts.push(part);
    length += part.length;
    return at;
  };
  for (const frame of frames) {
    const { width, height, pixels, samples = 1, photometric = 1, bits = 8, density = [72, 72] } = frame;
    const data = add(pixels.length % 2 ? Buffer.concat([pixels, Buffer.alloc(1)]) : pixels);
    const rationals = Buffer.alloc(16);
    density.forEach((dots, at) => {
      rationals.writeUInt32LE(dots, 8 * at);
      rationals.writeUInt32LE(1, 8 * at + 4);
    });
    const densityAt = add(rationals);
    const depths = Buffer.alloc(2 * Math.max(2, samples));
    for (let sample = 0; sample < samples; sample++) depths.writeUInt16LE(bits, 2 * sample);
    const depthsAt = add(depths);
    const entries: TiffEntry[] = [
      [256, 4, 1, width],
      [257, 4, 1, height],
      [258, 3, samples, samples > 2 ? depthsAt : bits],
      [259, 3, 1, 1],
      [262, 3, 1, photometric],
      [273, 4, 1, data],
      [277, 3, 1, samples],
      [278, 4, 1, height],
      [279, 4, 1, pixels.length],
      [282, 5, 1, densityAt],
      [283, 5, 1, densityAt + 8],
      [296, 3, 1, 2],
      ...(frame.entries ?? []),
    ];
    entries.sort(([one], [other]) => one - other);
    const directory = Buffer.alloc(2 + 12 * entries.length + 4);
    directory.writeUInt16LE(entries.length, 0);
    entries.forEach(([tag, type, count, value], at) => {
      directory.writeUInt16LE(tag, 2 + 12 * at);
      directory.writeUInt16LE(type, 4 + 12 * at);
      directory.writeUInt32LE(count, 6 + 12 * at);
      directory.writeUInt32LE(value, 10 + 12 * at);
    });
    const at = add(directory);
    links.push([link, at]);
    link = at + directory.length - 4;
  }
  const file = Buffer.concat(parts);
  for (const [at, to] of links) file.writeUInt32LE(to, at);
  return file;
}
