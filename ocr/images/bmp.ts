import { type Pixels, pixelsOf } from './pixels';

/** Compressions of a DIB header (wingdi.h). */
const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;
const FILE_HEADER = 14;
const CORE_HEADER = 12;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly shape: number;
  /** Of red, green, blue and alpha. */
  readonly masks: readonly number[];
  readonly palette: readonly (readonly number[])[];
  readonly start: number;
}

/**
 * Decodes BMP of every version: palettes, run lengths, 16 to 32 bits with masks. What is missing at the end stays white.
 * Neither libvips as sharp ships it nor a kept package reads them all.
 * @throws RangeError for a header that cannot be.
 */
export function decodeBmp(bytes: Buffer, maxPixels: number): Pixels {
  const header = readHeader(bytes);
  const { width, height, bits, compression } = header;
  const image = pixelsOf({ width, height, channels: header.masks[3] ? 4 : 3, maxPixels });
  const isRuns = compression === RLE8 || compression === RLE4;
  const isComplete = isRuns ? runs(bytes, header, image.pixels) : rows(bytes, header, image);
  if (bits === 32 && image.channels === 4) makeOpaqueWhereUnused(image.pixels);
  return { ...image, shape: header.shape, isComplete };
}

function readHeader(bytes: Buffer): Header {
  const size = bytes.readUInt32LE(FILE_HEADER);
  const isCore = size === CORE_HEADER;
  const at = (offset: number) => FILE_HEADER + offset;
  const width = isCore ? bytes.readUInt16LE(at(4)) : bytes.readInt32LE(at(4));
  const down = isCore ? bytes.readUInt16LE(at(6)) : bytes.readInt32LE(at(8));
  const bits = bytes.readUInt16LE(at(isCore ? 10 : 14));
  const compression = isCore ? RGB : bytes.readUInt32LE(at(16));
  if (
    ![RGB, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS].includes(compression) ||
    ![1, 2, 4, 8, 16, 24, 32].includes(bits)
  )
    throw new RangeError(`a BMP of ${bits} bits and compression ${compression}`);
  const density = isCore ? [0, 0] : [bytes.readInt32LE(at(24)), bytes.readInt32LE(at(28))];
  const hasMasks = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  const masks = hasMasks
    ? [0, 1, 2, 3].map((mask) =>
        mask < 3 || size >= 56 || compression === ALPHA_BITFIELDS ? bytes.readUInt32LE(at(40 + 4 * mask)) : 0,
      )
    : bits === 16
      ? [0x7c00, 0x3e0, 0x1f, 0]
      : [0xff0000, 0xff00, 0xff, 0];
  const masksBehind = hasMasks && size === 40 ? (compression === ALPHA_BITFIELDS ? 16 : 12) : 0;
  const paletteAt = at(size) + masksBehind;
  const start = bytes.readUInt32LE(10);
  return {
    width,
    height: Math.abs(down),
    isTopDown: down < 0,
    bits,
    compression,
    shape: density[0]! > 0 && density[1]! > 0 ? density[1]! / density[0]! : 1,
    masks,
    palette: bits > 8 ? [] : paletteOf(bytes, paletteAt, start, isCore ? 3 : 4, bits),
    start,
  };
}

/** As many entries as stand before the pixels, black beyond: counts in headers are often wrong. */
function paletteOf(bytes: Buffer, at: number, end: number, entry: number, bits: number): number[][] {
  return Array.from({ length: 1 << bits }, (_colour, index) => {
    const place = at + index * entry;
    if (place + 3 > Math.min(bytes.length, end)) return [0, 0, 0];
    return [bytes[place + 2]!, bytes[place + 1]!, bytes[place]!];
  });
}

/** Rows of whole pixels; false where the file ends before them. */
function rows(
  bytes: Buffer,
  header: Header,
  { pixels, channels }: { pixels: Buffer; channels: number },
): boolean {
  const { width, height, bits, palette, masks, start, isTopDown } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const levels = masks.map(levelOf);
  for (let row = 0; row < height; row++) {
    const from = start + row * stride;
    if (from + Math.ceil((width * bits) / 8) > bytes.length) return false;
    let to = (isTopDown ? row : height - 1 - row) * width * channels;
    for (let x = 0; x < width; x++, to += channels) {
      if (bits <= 8) {
        const bit = x * bits;
        const index = (bytes[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
        pixels.set(palette[index]!, to);
        continue;
      }
      const place = from + (x * bits) / 8;
      const value = bits === 32 ? bytes.readUInt32LE(place) : bytes.readUIntLE(place, bits / 8);
      for (let channel = 0; channel < channels; channel++) pixels[to + channel] = levels[channel]!(value);
    }
  }
  return true;
}

/** The bits under a mask as a level from 0 to 255. */
function levelOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (value) => Math.round((255 * ((value & mask) >>> shift)) / most);
}

/** Run lengths (RLE4, RLE8); false where the file ends before the picture does. */
function runs(
  bytes: Buffer,
  { width, height, compression, palette, start, isTopDown }: Header,
  pixels: Buffer,
): boolean {
  const isFour = compression === RLE4;
  let [at, x, y] = [start, 0, 0];
  const put = (index: number) => {
    if (x < width && y < height)
      pixels.set(palette[index]!, ((isTopDown ? y : height - 1 - y) * width + x) * 3);
    x += 1;
  };
  const nibble = (byte: number, odd: boolean) => (odd ? byte & 15 : byte >> 4);
  while (at + 1 < bytes.length && y < height) {
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) for (let i = 0; i < count; i++) put(isFour ? nibble(value, i % 2 === 1) : value);
    else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) return true;
    else if (value === 2) {
      if (at + 1 >= bytes.length) return false;
      [x, y, at] = [x + bytes[at]!, y + bytes[at + 1]!, at + 2];
    } else {
      const length = isFour ? Math.ceil(value / 2) : value;
      if (at + length > bytes.length) return false;
      for (let i = 0; i < value; i++)
        put(isFour ? nibble(bytes[at + (i >> 1)]!, i % 2 === 1) : bytes[at + i]!);
      at += length + (length % 2);
    }
  }
  return y >= height;
}

/** Programs that know no alpha leave its byte 0 in all pixels. */
function makeOpaqueWhereUnused(pixels: Buffer): void {
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) return;
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = 255;
}
