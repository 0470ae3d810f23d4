import type { Grey } from '../domain/page/ink';
import { pixelsOf } from './pdfVisibility';
import { type Pdfium, withScratch } from './pdfium';
import { areaWithin, type Box, boxOf, IMAGE_OBJECT, type PageObject } from './pdfObjects';

/** An image that is not drawn, or in part. */
export interface ImageFault {
  /** In words: format and size, never content. */
  readonly what: string;
  /** Share of the page that the image covers. */
  readonly share: number;
}

/** A picture of one shade compresses to a fraction of this; what is larger holds something. Bytes, and pixels to a byte. */
const BLANK: Readonly<Record<string, { bytes: number; pixelsPerByte: number }>> = {
  DCTDecode: { bytes: 4000, pixelsPerByte: 30 },
  JPXDecode: { bytes: 2000, pixelsPerByte: 200 },
  JBIG2Decode: { bytes: 300, pixelsPerByte: 2000 },
};
/** Shades that differ by less are one. */
const SAME = 3;
/** Smaller than this many pixels on a side when drawn: nobody reads anything there. */
const LEAST_SIDE = 4;
const KNOWN_FILTERS =
  /^(FlateDecode|Fl|LZWDecode|LZW|ASCII85Decode|A85|ASCIIHexDecode|AHx|RunLengthDecode|RL|Crypt|DCTDecode|DCT|CCITTFaxDecode|CCF|JBIG2Decode|JPXDecode)$/;

/**
 * Images of a page that pdfium cannot decode. It says so of some; others come out in one shade, although their data hold more.
 * @param drawn the page without its text: an image whose place has more than one shade there was drawn.
 */
export function imageFaults(
  pdfium: Pdfium,
  page: number,
  objects: readonly PageObject[],
  shown: Box,
  drawn: Grey,
): ImageFault[] {
  const toPixels = pixelsOf(pdfium, page, drawn);
  return objects.flatMap((item) => {
    if (item.type !== IMAGE_OBJECT) return [];
    const box = boxOf(pdfium, item);
    const share = areaWithin(box, shown) / areaWithin(shown, shown);
    if (!(share > 0) || !isOneShade(drawn, box, toPixels)) return [];
    const what = faultOf(pdfium, item.object);
    return what === undefined ? [] : [{ what, share }];
  });
}

function isOneShade(
  { pixels, width, height }: Grey,
  box: Box,
  toPixels: (x: number, y: number) => [number, number],
): boolean {
  const [x0, y0] = toPixels(box.left, box.bottom);
  const [x1, y1] = toPixels(box.right, box.top);
  const left = Math.max(0, Math.ceil(Math.min(x0, x1)));
  const right = Math.min(width, Math.floor(Math.max(x0, x1)));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1)));
  const bottom = Math.min(height, Math.floor(Math.max(y0, y1)));
  if (right - left < LEAST_SIDE || bottom - top < LEAST_SIDE) return false;
  const shade = pixels[top * width + left]!;
  for (let y = top; y < bottom; y++)
    for (let at = y * width + left; at < y * width + right; at++)
      if (Math.abs(pixels[at]! - shade) > SAME) return false;
  return true;
}

/** What is wrong with an image that is drawn in one shade; undefined where it is one. */
function faultOf(pdfium: Pdfium, image: number): string | undefined {
  const filters = filtersOf(pdfium, image);
  const [width, height] = withScratch(pdfium, 8, (size) => {
    pdfium.FPDFImageObj_GetImagePixelSize(image, size, size + 4);
    return [pdfium.memory().readUInt32LE(size), pdfium.memory().readUInt32LE(size + 4)] as const;
  });
  const unknown = filters.find((filter) => !KNOWN_FILTERS.test(filter));
  if (unknown !== undefined) return `an image of ${width}×${height} px in the unknown filter ${unknown}`;
  const filter = filters.at(-1) ?? 'no filter';
  const what = `an image of ${width}×${height} px (${filter})`;
  const bitmap = pdfium.FPDFImageObj_GetBitmap(image);
  if (bitmap === 0) return `${what} that cannot be decoded`;
  const blank = isBlank(pdfium, bitmap);
  pdfium.FPDFBitmap_Destroy(bitmap);
  if (!blank) return undefined; // drawn in one shade by a mask, a clip or something over it
  const limit = BLANK[filter];
  const bytes = pdfium.FPDFImageObj_GetImageDataRaw(image, 0, 0);
  if (limit === undefined || bytes <= limit.bytes + (width * height) / limit.pixelsPerByte) return undefined;
  return `${what} that is decoded to one shade, while its data hold more`;
}

function filtersOf(pdfium: Pdfium, image: number): string[] {
  const count = pdfium.FPDFImageObj_GetImageFilterCount(image);
  return withScratch(pdfium, 64, (name) =>
    Array.from({ length: count }, (_, at) => {
      const bytes = pdfium.FPDFImageObj_GetImageFilter(image, at, name, 64);
      return pdfium.memory().toString('latin1', name, name + Math.max(0, Math.min(bytes, 64) - 1));
    }),
  );
}

function isBlank(pdfium: Pdfium, bitmap: number): boolean {
  const stride = pdfium.FPDFBitmap_GetStride(bitmap);
  const height = pdfium.FPDFBitmap_GetHeight(bitmap);
  const start = pdfium.FPDFBitmap_GetBuffer(bitmap);
  const data = pdfium.memory().subarray(start, start + stride * height);
  const pixel = data.subarray(0, Math.max(1, stride / Math.max(1, pdfium.FPDFBitmap_GetWidth(bitmap))) | 0);
  const row = pdfium.FPDFBitmap_GetWidth(bitmap) * pixel.length;
  for (let y = 0; y < height; y++)
    for (let at = 0; at < row; at++)
      if (Math.abs(data[y * stride + at]! - pixel[at % pixel.length]!) > SAME) return false;
  return true;
}
