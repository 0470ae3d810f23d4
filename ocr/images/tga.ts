import { type Pixels, pixelsOf } from './pixels';

const RUN_LENGTHS = 8;
const GREY = 3;
const PALETTE = 1;
/** Bits of the descriptor: rows begin at the top, pixels at the right. */
const TOP = 0x20;
const RIGHT = 0x10;

/**
 * Decodes TGA (Truevision, 2.0): palette, colour and grey, with and without run lengths. Its alpha is left out: most programs
 * that write it leave it undefined. What is missing at the end stays white.
 * @throws RangeError for a header that cannot be.
 */
export function decodeTga(bytes: Buffer, maxPixels: number): Pixels {
  const [type, bits, descriptor] = [bytes[2]!, bytes[16]!, bytes[17]!];
  const [width, height] = [bytes.readUInt16LE(12), bytes.readUInt16LE(14)];
  const kind = type & ~RUN_LENGTHS;
  const each = Math.ceil(bits / 8);
  const mapFirst = bytes.readUInt16LE(3);
  const mapEach = Math.ceil(bytes[7]! / 8);
  const mapAt = 18 + bytes[0]!;
  const dataAt = mapAt + (bytes[1] === 1 ? bytes.readUInt16LE(5) * mapEach : 0);
  const image = pixelsOf({ width, height, channels: 3, maxPixels });
  const colourAt = (at: number): number[] => {
    if (kind === GREY) return [bytes[at]!, bytes[at]!, bytes[at]!];
    if (kind !== PALETTE) return colour(bytes, at, each);
    const index = each === 2 ? bytes.readUInt16LE(at) : bytes[at]!;
    const place = mapAt + (index - mapFirst) * mapEach;
    return index >= mapFirst && place + mapEach <= dataAt && place + mapEach <= bytes.length
      ? colour(bytes, place, mapEach)
      : [0, 0, 0];
  };
  let done = 0;
  const put = (at: number) => {
    const [x, y] = [done % width, Math.floor(done / width)];
    const column = descriptor & RIGHT ? width - 1 - x : x;
    const row = descriptor & TOP ? y : height - 1 - y;
    image.pixels.set(colourAt(at), (row * width + column) * 3);
    done += 1;
  };
  const count = width * height;
  let at = dataAt;
  while (done < count && at + each <= bytes.length) {
    if (type < RUN_LENGTHS) {
      put(at);
      at += each;
      continue;
    }
    const [isRun, length] = [bytes[at]! >= 128, (bytes[at]! & 127) + 1];
    at += 1;
    for (let i = 0; i < length && done < count && at + each <= bytes.length; i++) {
      put(at);
      if (!isRun || i === length - 1) at += each;
    }
  }
  if (done === 0) throw new RangeError('a TGA without pixels');
  return { ...image, shape: 1, isComplete: done === count };
}

/** Blue, green, red; of two bytes five bits each. */
function colour(bytes: Buffer, at: number, each: number): number[] {
  if (each >= 3) return [bytes[at + 2]!, bytes[at + 1]!, bytes[at]!];
  if (each === 1) return [bytes[at]!, bytes[at]!, bytes[at]!];
  const value = bytes.readUInt16LE(at);
  return [10, 5, 0].map((shift) => Math.round((((value >> shift) & 31) * 255) / 31));
}
