import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { messageOf } from '../domain/failure';
import { DEFAULT_MODEL } from '../domain/models';
import { scaledSize } from '../domain/models/geometry';
import { badOption } from './badOption';
import { documentFailure } from './documentFailure';
import { openImage } from './images/imageFile';
import { encodePng } from './images/png';
import type { Raster } from './images/raster';
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
  /** Page of a TIFF, thumbnails not counted, from 0; default the first. */
  readonly frame?: number;
  /** What errors call it; default the path, or the number of bytes. */
  readonly name?: string;
}

/**
 * Makes one page of an image file ready for the model: turned upright as its EXIF says, its pixels square, transparency on a
 * ground that the content stands out from, scaled down with Lanczos until its longest side is `longestSidePixels` (never up), as
 * PNG. `openDocument` reads long pages in slices, and warns of damage.
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
  const limits = { ...DEFAULT_LIMITS, maxInputPixels, maxWholePixels };
  const file = await openImage(bytes, where, limits);
  const { raster } = await file.decode((options.frame ?? 0) + 1, longestSidePixels);
  return encodePage(await withinSide(raster, longestSidePixels));
}

/** Three times what any known model takes; a page that is drawn so large takes 150 MB. An own choice. */
const MAX_LONGEST_SIDE = 6160;

/** @throws Failure BAD_OPTION for a side that no page can have. */
export function needLongestSide(pixels: number): void {
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > MAX_LONGEST_SIDE)
    throw badOption('longestSidePixels', pixels, `a whole number from 1 to ${MAX_LONGEST_SIDE}`);
}

/** A decoded or drawn page as the model gets it: lossless, grey stays grey. */
export async function encodePage(raster: Raster): Promise<PreparedPage> {
  const { width, height } = raster;
  return { data: await encodePng(raster), mediaType: 'image/png', width, height };
}

/** A long page is decoded for its slices: as one picture it has fewer pixels. */
async function withinSide(raster: Raster, longestSidePixels: number): Promise<Raster> {
  const { pixels, width, height, channels } = raster;
  if (Math.max(width, height) <= longestSidePixels) return raster;
  const { data, info } = await sharp(pixels, { raw: { width, height, channels } })
    .resize({ ...scaledSize(width, height, longestSidePixels), fit: 'fill', kernel: 'lanczos3' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height, channels };
}
