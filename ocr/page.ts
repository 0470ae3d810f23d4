import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { Failure, messageOf } from '../domain/failure';
import { MAX_PAGE_PIXELS } from '../domain/model';

export interface PreparedPage {
  readonly data: Buffer;
  readonly mediaType: 'image/png';
  /** Pixels, as sent. */
  readonly width: number;
  readonly height: number;
}

/** Larger images are refused before they are decoded (sharp's default, 0x3FFF squared): 268 megapixels. */
const MAX_INPUT_PIXELS = 0x3fff ** 2;

/**
 * Makes one page of an image file ready for the model: turned upright as its EXIF says, transparency on white, scaled down
 * with Lanczos until its longest side is `longestSidePixels` (never up), as PNG. Of a file with several pages the first.
 * @param source the file's path, or its bytes.
 * @param options.longestSidePixels default 1540, the most that the model takes.
 * @throws Failure UNREADABLE_DOCUMENT when it is no image that can be read.
 */
export async function preparePage(
  source: Buffer | string,
  options: { longestSidePixels?: number } = {},
): Promise<PreparedPage> {
  const { longestSidePixels = MAX_PAGE_PIXELS } = options;
  const where = typeof source === 'string' ? source : `an image of ${source.length} bytes`;
  const bytes =
    typeof source === 'string'
      ? await readFile(source).catch((error: unknown) =>
          Promise.reject(unreadable(where, 'no file to read', error)),
        )
      : source;
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: MAX_INPUT_PIXELS })
      .autoOrient()
      .flatten({ background: 'white' })
      .resize({
        width: longestSidePixels,
        height: longestSidePixels,
        fit: 'inside',
        kernel: 'lanczos3',
        withoutEnlargement: true,
      })
      .png()
      .toBuffer({ resolveWithObject: true });
    return { data, mediaType: 'image/png', width: info.width, height: info.height };
  } catch (error) {
    const start = bytes
      .subarray(0, 8)
      .toString('latin1')
      .replace(/[^\x20-\x7e]/g, '.');
    throw unreadable(where, `${bytes.length} bytes that start with "${start}"`, error);
  }
}

function unreadable(where: string, got: string, error: unknown): Failure {
  return new Failure(
    {
      code: 'UNREADABLE_DOCUMENT',
      message: `Not an image that can be read: ${messageOf(error)}.`,
      where,
      got,
      remedy:
        'give a PNG, JPEG, TIFF, WebP, GIF or AVIF file of at most 268 megapixels; render a PDF page to PNG first',
      exitCode: 2,
    },
    { cause: error },
  );
}
