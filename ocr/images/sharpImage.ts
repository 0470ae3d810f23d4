import sharp from 'sharp';
import { messageOf } from '../../domain/failure';
import { groundFor, onGround } from './ground';
import { labToRgb } from './lab';
import { stretch } from './levels';
import { isUniform, type Raster } from './raster';
import { decodedSize, uprightSize } from './size';

/** What sharp decodes: the bytes of a file, or pixels that another decoder has made of one. */
export interface SharpSource {
  readonly bytes: Uint8Array;
  /** Of pixels; without it the bytes are a file. */
  readonly raw?: { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 };
  /** Page of a TIFF, from 0; default 0. */
  readonly frame?: number;
  /** Width of a pixel over its height; default 1. */
  readonly shape?: number;
  /** The pixels are 8 bits of CIELab. */
  readonly isLab?: boolean;
}

export interface SharpOptions {
  readonly longestSidePixels: number;
  readonly maxInputPixels: number;
}

export interface DecodedImage {
  readonly raster: Raster;
  readonly warnings: readonly string[];
}

export const DAMAGED = 'IMAGE_DAMAGED: the file is damaged; what lies behind the damage is missing or grey';

/**
 * A picture for the model: upright, its pixels square, scaled down with Lanczos (never up but to make pixels square), eight
 * bits, opaque. A damaged file is read as far as it goes, with a warning; one of which nothing can be decoded is an error.
 * @throws what sharp throws.
 */
export async function decodeWithSharp(source: SharpSource, options: SharpOptions): Promise<DecodedImage> {
  try {
    return { raster: await decode(source, options, 'warning'), warnings: [] };
  } catch (error) {
    if (source.raw !== undefined || /pixel limit/.test(messageOf(error))) throw error;
    const raster = await decode(source, options, 'none').catch(() => undefined);
    if (raster === undefined || isUniform(raster)) throw error;
    return { raster, warnings: [DAMAGED] };
  }
}

async function decode(
  { bytes, raw, frame = 0, shape = 1, isLab = false }: SharpSource,
  { longestSidePixels, maxInputPixels }: SharpOptions,
  failOn: 'warning' | 'none',
): Promise<Raster> {
  const image = sharp(bytes, {
    limitInputPixels: maxInputPixels,
    failOn,
    ...(raw === undefined ? { page: frame } : { raw }),
  });
  const { width, height, channels, depth, space, orientation = 1 } = await image.metadata();
  const isTurned = orientation > 4;
  const target = decodedSize(uprightSize({ width, height }, shape, isTurned), longestSidePixels);
  const isDeep = depth !== 'uchar';
  const isGrey = channels < 3;
  // The spaces that leave samples as they are: floats as floats, 16 bits as 16 bits.
  const isFloat = depth === 'float' || depth === 'double' || (isGrey && space === 'b-w');
  const deepSpace = isGrey ? (isFloat ? 'b-w' : 'grey16') : isFloat ? 'scrgb' : 'rgb16';
  const { data, info } = await image
    .autoOrient()
    .resize({ ...target, fit: 'fill', kernel: 'lanczos3' })
    .toColourspace(isDeep ? deepSpace : isGrey ? 'b-w' : 'srgb')
    .raw({ depth: isDeep ? 'float' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const found = info.channels;
  const hasAlpha = found === 2 || found === 4;
  const alphaMax = isFloat ? 1 : 65_535;
  const floats = () => new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const pixels = isDeep ? stretch(floats(), found, hasAlpha ? { max: alphaMax } : undefined) : data;
  if (isLab) return { pixels: labToRgb(pixels), ...target, channels: 3 };
  if (!hasAlpha) return { pixels, ...target, channels: found };
  const ground = groundFor(pixels, target.width, target.height, found);
  return { pixels: onGround(pixels, found, ground), ...target, channels: found === 2 ? 1 : 3 };
}
