import type sharp from 'sharp';
import { ApiError } from './apiError';

/** Pillow's limit: an image of more pixels is taken for an attack. */
const MAX_PIXELS = 178_956_970;

/** Beginnings of the files that Pillow knows and vLLM takes; sharp would read SVG, too. */
const KNOWN: readonly (readonly [format: string, begins: RegExp])[] = [
  ['png', /^\x89PNG/],
  ['jpeg', /^\xff\xd8\xff/],
  ['gif', /^GIF8/],
  ['webp', /^RIFF[^]{4}WEBP/],
  ['tiff', /^(?:II\*\0|MM\0\*)/],
  ['avif', /^[^]{4}ftypavi[fs]/],
  ['bmp', /^BM/],
];

const unreadable = (why: string) => new ApiError(400, `Failed to load image: ${why}`);

/**
 * Decodes an image as far as a model needs it, and refuses what Pillow refuses, in its words.
 * @throws ApiError 400, or 500 for one with too many pixels.
 */
export async function decodeImage(library: typeof sharp, bytes: Buffer): Promise<sharp.Sharp> {
  const head = bytes.subarray(0, 16).toString('latin1');
  const format = KNOWN.find(([, begins]) => begins.test(head))?.[0];
  if (format === undefined) throw unreadable('cannot identify image file <_io.BytesIO object>');
  const read = () =>
    format === 'bmp' ? bitmap(library, bytes) : library(bytes, { limitInputPixels: false });
  const { width = 0, height = 0 } = await read()
    .metadata()
    .catch(() => {
      throw unreadable('image file is truncated');
    });
  if (width * height > MAX_PIXELS) {
    const message = `Image size (${width * height} pixels) exceeds limit of ${MAX_PIXELS} pixels, could be decompression bomb DOS attack.`;
    throw new ApiError(500, message, 'InternalServerError');
  }
  return read();
}

/** Uncompressed BMP of 24 or 32 bits, which sharp does not read. */
function bitmap(library: typeof sharp, bytes: Buffer): sharp.Sharp {
  const [start, width, signed] = [bytes.readUInt32LE(10), bytes.readInt32LE(18), bytes.readInt32LE(22)];
  const [channels, height] = [bytes.readUInt16LE(28) / 8, Math.abs(signed)];
  const row = Math.ceil((width * channels) / 4) * 4;
  if ((channels !== 3 && channels !== 4) || bytes.length < start + row * height)
    throw unreadable('image file is truncated');
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = start + row * (signed > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const at = from + x * channels;
      // Blue comes first in a BMP.
      for (let c = 0; c < 3; c++) pixels[(y * width + x) * 3 + c] = bytes[at + 2 - c]!;
    }
  }
  return library(pixels, { raw: { width, height, channels: 3 } });
}
