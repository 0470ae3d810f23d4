import { scaledSize } from '../domain/models/geometry';
import type { Grey } from '../domain/page/ink';
import { decodedSize, isLong } from './images/size';
import type { Drawing, DrawingSize } from './pdfMessages';
import { type Pdfium, withScratch } from './pdfium';

/** Formats of FPDFBitmap_CreateEx and flags of FPDF_RenderPageBitmap (public/fpdfview.h). */
const GREY = { format: 1, channels: 1, flags: 0x08 } as const;
/** Four bytes a pixel, red first, the last one unused. */
const COLOUR = { format: 3, channels: 4, flags: 0x10 } as const;
const ANNOTATIONS = 0x01;
const WHITE = 0xffffffff;

/** Pixels to a point beyond which a long page gains nothing: 200 dots an inch. An own choice. */
const MOST_DETAIL = 200 / 72;

/** Pixels of a page that is drawn so that its longest side is that many, upright; only a long page may be higher. */
export function drawnSize(pdfium: Pdfium, page: number, size: DrawingSize) {
  const { longestSidePixels, inSlices = false } = size;
  const [width, height] = [pdfium.FPDF_GetPageWidth(page), pdfium.FPDF_GetPageHeight(page)];
  const factor = longestSidePixels / Math.max(width, height);
  if (inSlices && isLong({ width, height }) && factor < MOST_DETAIL)
    return decodedSize({ width: width * MOST_DETAIL, height: height * MOST_DETAIL }, longestSidePixels);
  return scaledSize(width * factor, height * factor, longestSidePixels);
}

/**
 * Draws a page. Page sizes are points of 1/72 inch; a page that is smaller than the picture is drawn larger, which costs no
 * sharpness. A page without colours comes with one byte a pixel.
 */
export function drawPage(pdfium: Pdfium, page: number, size: DrawingSize): Drawing {
  const drawing = render(pdfium, page, size, COLOUR);
  const grey = greyOf(drawing.pixels);
  return grey ? { ...drawing, pixels: grey, channels: GREY.channels } : drawing;
}

/** A page in grey, for looking at rather than for reading. */
export function drawGrey(pdfium: Pdfium, page: number, longestSidePixels: number): Grey {
  return render(pdfium, page, { longestSidePixels }, GREY);
}

function render(
  pdfium: Pdfium,
  page: number,
  size: DrawingSize,
  { format, channels, flags }: typeof GREY | typeof COLOUR,
): Drawing {
  const { width, height } = drawnSize(pdfium, page, size);
  const stride = width * channels;
  return withScratch(pdfium, stride * height, (data) => {
    const bitmap = pdfium.FPDFBitmap_CreateEx(width, height, format, data, stride);
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE);
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, ANNOTATIONS | flags);
    pdfium.FPDFBitmap_Destroy(bitmap);
    const pixels = new Uint8Array(pdfium.memory().subarray(data, data + stride * height));
    return { pixels, width, height, channels };
  });
}

/** One byte a pixel, where red, green and blue of every pixel are the same. */
function greyOf(pixels: Uint8Array): Uint8Array | undefined {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4);
  const grey = new Uint8Array(words.length);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const shade = word & 0xff;
    if ((word & 0xffffff) !== shade * 0x010101) return undefined;
    grey[at] = shade;
  }
  return grey;
}
