import sharp from 'sharp';
import { documentFailure } from '../documentFailure';
import type { DocumentLimits } from '../limits';
import { decodeBmp } from './bmp';
import { imageFailure, notReadable } from './failures';
import { decodeHeic } from './heic';
import { decodeJp2 } from './jp2';
import { decodeJxl } from './jxl';
import { imageFormat, type ImageFormat } from './format';
import { pixelShape } from './pixelShape';
import type { Pixels } from './pixels';
import { decodePnm } from './pnm';
import { DAMAGED, type DecodedImage, decodeWithSharp, type SharpSource } from './sharpImage';
import { decodeTga } from './tga';
import { type TiffPage, type TiffPages, tiffPages } from './tiff';

/** A file of pictures; the pixels are decoded when a page is asked for, and nothing is kept. */
export interface ImageFile {
  readonly pageCount: number;
  /** Of the file as a whole. */
  readonly warnings: readonly string[];
  /** A page, numbers from 1, decoded for the model. @throws Failure UNREADABLE_DOCUMENT or DOCUMENT_TOO_LARGE. */
  decode(page: number, longestSidePixels: number): Promise<DecodedImage>;
}

const PAGES_MISSING = 'PAGES_MISSING: the file is cut; the pages behind the cut are lost';

/**
 * Opens a file of pictures. What it is, is read from its first bytes.
 * @throws Failure UNREADABLE_DOCUMENT for what is no picture, or one that needs a converter; DOCUMENT_TOO_LARGE.
 */
export async function openImage(bytes: Buffer, name: string, limits: DocumentLimits): Promise<ImageFile> {
  const format = imageFormat(bytes);
  if (format === undefined) throw notReadable(bytes, name);
  const { pages, cutLink } = (format === 'tiff' && tiffPages(bytes, limits.maxPages)) || ONE_PAGE;
  if (pages.length > limits.maxPages) {
    const got = `more than ${limits.maxPages} pages`;
    throw documentFailure('DOCUMENT_TOO_LARGE', 'Too many pages.', name, got);
  }
  // libvips takes a page for damaged when the link behind it leads nowhere.
  const whole = cutLink === undefined ? bytes : withoutLink(bytes, cutLink);
  return {
    pageCount: pages.length,
    warnings: cutLink === undefined ? [] : [PAGES_MISSING],
    async decode(number, longestSidePixels) {
      const where = pages.length === 1 ? name : `${name}, page ${number}`;
      try {
        const { source, isComplete } = await sourceOf(whole, format, pages[number - 1]!, limits, where);
        const { maxInputPixels } = limits;
        const decoded = await decodeWithSharp(source, { longestSidePixels, maxInputPixels });
        return isComplete ? decoded : { ...decoded, warnings: [...decoded.warnings, DAMAGED] };
      } catch (error) {
        throw imageFailure(error, where, bytes);
      }
    },
  };
}

/** The frames of other formats are moments of one picture: the first stands for it. */
const ONE_PAGE: TiffPages = { pages: [{ frame: 0, shape: 1 }] };

type Decoder = (
  bytes: Buffer,
  maxPixels: number,
  name: string,
  limits: DocumentLimits,
) => Pixels | Promise<Pixels>;

/** Decoders of what sharp does not read. */
const OWN: Partial<Record<ImageFormat, Decoder>> = {
  jp2: (bytes, _maxPixels, name, limits) => decodeJp2(bytes, name, limits),
  heic: decodeHeic,
  bmp: decodeBmp,
  pnm: decodePnm,
  tga: decodeTga,
};

async function sourceOf(
  bytes: Buffer,
  format: ImageFormat,
  { frame, shape, labTag }: TiffPage,
  limits: DocumentLimits,
  where: string,
): Promise<{ source: SharpSource; isComplete: boolean }> {
  const own = OWN[format];
  if (own !== undefined) {
    const {
      pixels,
      shape: found,
      isComplete,
      ...raw
    } = await own(bytes, limits.maxWholePixels, where, limits);
    return { source: { bytes: pixels, raw, shape: found }, isComplete };
  }
  if (format === 'jxl')
    return { source: { bytes: await decodeJxl(bytes, limits.maxWholePixels) }, isComplete: true };
  if (format !== 'tiff') {
    await assertWithinWhole(bytes, limits, where);
    return { source: { bytes, frame, shape: pixelShape(format, bytes) }, isComplete: true };
  }
  if (labTag === undefined) return { source: { bytes, frame, shape }, isComplete: true };
  return { source: { bytes: asRgb(bytes, labTag), frame, shape, isLab: true }, isComplete: true };
}

function withoutLink(bytes: Buffer, link: number): Buffer {
  const copy = Buffer.from(bytes);
  const isBig = copy.subarray(2, 4).includes(43);
  // The file may be cut within the link.
  copy.subarray(link, link + (isBig ? 8 : 4)).fill(0);
  return copy;
}

/** libvips refuses CIELab of eight bits; as RGB it gives the samples as they are. */
function asRgb(bytes: Buffer, labTag: number): Buffer {
  const RGB = 2;
  const copy = Buffer.from(bytes);
  if (copy[0] === 0x49) copy.writeUInt16LE(RGB, labTag);
  else copy.writeUInt16BE(RGB, labTag);
  return copy;
}

/** Formats that sharp decodes as a whole whatever is in them. */
const WHOLE_FORMATS = ['gif', 'heif'];

async function assertWithinWhole(bytes: Buffer, limits: DocumentLimits, where: string): Promise<void> {
  const image = sharp(bytes, { limitInputPixels: limits.maxInputPixels, failOn: 'none' });
  const { format, isProgressive = false, width, height } = await image.metadata();
  const isWhole = isProgressive || WHOLE_FORMATS.includes(format);
  if (!isWhole || width * height <= limits.maxWholePixels) return;
  const kind = `${isProgressive ? 'interlaced or progressive ' : ''}${format}`;
  const got = `${kind} of ${width}×${height} px, at most ${limits.maxWholePixels} of this kind`;
  throw documentFailure('DOCUMENT_TOO_LARGE', 'The image has too many pixels.', where, got);
}
