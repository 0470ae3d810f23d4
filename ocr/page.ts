import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { Failure, messageOf } from '../domain/failure';
import { DEFAULT_MODEL } from '../domain/models';
import { badOption } from './badOption';
import { documentFailure, kindOf } from './documentFailure';
import { DEFAULT_LIMITS } from './limits';

export interface PreparedPage {
  readonly data: Buffer;
  readonly mediaType: 'image/png';
  /** Pixels, as sent. */
  readonly width: number;
  readonly height: number;
}

export interface PreparePageOptions {
  /** Default 1540, the most that the default model takes. */
  readonly longestSidePixels?: number;
  /** Larger images are refused before they are decoded; default 268 megapixels. */
  readonly maxInputPixels?: number;
  /** As `DocumentLimits` has it. */
  readonly maxWholePixels?: number;
  /** Frame of a TIFF, from 0; default the first. */
  readonly frame?: number;
  /** What errors call it; default the path, or the number of bytes. */
  readonly name?: string;
}

/**
 * zlib's level 3: a scanned page takes a third of the time of sharp's level 6 and is 1 to 2 % larger (measured on the six
 * pages of a scan). Lossless either way, so the model sees the same pixels.
 */
const PNG = { compressionLevel: 3, adaptiveFiltering: false };

/**
 * Makes one page of an image file ready for the model: turned upright as its EXIF says, transparency on white, scaled down
 * with Lanczos until its longest side is `longestSidePixels` (never up), as PNG.
 * @param source the file's path, or its bytes.
 * @throws Failure UNREADABLE_DOCUMENT when it is no image that can be read, DOCUMENT_TOO_LARGE over the pixel limit; BAD_OPTION.
 */
export async function preparePage(
  source: Buffer | string,
  options: PreparePageOptions = {},
): Promise<PreparedPage> {
  const {
    longestSidePixels = DEFAULT_MODEL.grid.longestSidePixels,
    maxInputPixels = DEFAULT_LIMITS.maxInputPixels,
    maxWholePixels = DEFAULT_LIMITS.maxWholePixels,
  } = options;
  needLongestSide(longestSidePixels);
  const where = options.name ?? (typeof source === 'string' ? source : `an image of ${source.length} bytes`);
  const bytes =
    typeof source === 'string'
      ? await readFile(source).catch((error: unknown) =>
          Promise.reject(
            documentFailure('UNREADABLE_DOCUMENT', messageOf(error), where, 'no file to read', error),
          ),
        )
      : source;
  try {
    const image = sharp(bytes, { limitInputPixels: maxInputPixels, page: options.frame ?? 0 });
    const { format, isProgressive = false, width, height } = await image.metadata();
    const isWhole = isProgressive || WHOLE_FORMATS.includes(format);
    if (isWhole && width * height > maxWholePixels) {
      const got = `${isProgressive ? 'interlaced or progressive ' : ''}${format} of ${width}×${height} px, at most ${maxWholePixels} of this kind`;
      throw documentFailure('DOCUMENT_TOO_LARGE', 'The image has too many pixels.', where, got);
    }
    return await asPng(image.autoOrient(), longestSidePixels);
  } catch (error) {
    throw error instanceof Failure ? error : imageFailure(error, where, bytes);
  }
}

/** Formats that sharp decodes as a whole whatever is in them. */
const WHOLE_FORMATS = ['gif', 'heif'];

/** Three times what any known model takes; a page that is drawn so large takes 150 MB. An own choice. */
const MAX_LONGEST_SIDE = 6160;

/** @throws Failure BAD_OPTION for a side that no page can have. */
export function needLongestSide(pixels: number): void {
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > MAX_LONGEST_SIDE)
    throw badOption('longestSidePixels', pixels, `a whole number from 1 to ${MAX_LONGEST_SIDE}`);
}

/** The same page with fewer pixels: it leaves the model more room for text. */
export async function shrinkPage(page: PreparedPage, longestSidePixels: number): Promise<PreparedPage> {
  return asPng(sharp(page.data), longestSidePixels);
}

/** A page that was rendered: RGBX, 4 bytes a pixel. */
export async function encodePage(pixels: Uint8Array, width: number, height: number): Promise<PreparedPage> {
  const image = sharp(pixels, { raw: { width, height, channels: 4 } }).removeAlpha();
  const data = await (isGrey(pixels) ? image.toColourspace('b-w') : image).png(PNG).toBuffer();
  return { data, mediaType: 'image/png', width, height };
}

/** Most scans are: without their colours they are 60 % smaller on the wire (measured), and look the same. */
function isGrey(pixels: Uint8Array): boolean {
  for (let at = 0; at < pixels.length; at += 4)
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return false;
  return true;
}

export function imageFailure(error: unknown, where: string, bytes: Buffer) {
  const tooLarge = /pixel limit/.test(messageOf(error));
  return documentFailure(
    tooLarge ? 'DOCUMENT_TOO_LARGE' : 'UNREADABLE_DOCUMENT',
    `Not an image that can be read: ${messageOf(error)}.`,
    where,
    kindOf(bytes),
    error,
  );
}

async function asPng(image: sharp.Sharp, longestSidePixels: number): Promise<PreparedPage> {
  const { data, info } = await image
    .flatten({ background: 'white' })
    .resize({
      width: longestSidePixels,
      height: longestSidePixels,
      fit: 'inside',
      kernel: 'lanczos3',
      withoutEnlargement: true,
    })
    .png(PNG)
    .toBuffer({ resolveWithObject: true });
  return { data, mediaType: 'image/png', width: info.width, height: info.height };
}
